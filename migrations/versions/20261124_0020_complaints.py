"""Complaints per order line with photos, and refunds for one line."""

import sqlalchemy as sa
from alembic import op

revision = "0060_complaints"
down_revision = "0071_cycle_fees"
branch_labels = None
depends_on = None

STATES = ("open", "decided")


def upgrade() -> None:
    with op.batch_alter_table("refund") as batch:
        batch.add_column(sa.Column("order_line_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_refund_order_line_id_order_line"), "order_line", ["order_line_id"], ["id"]
        )
        batch.create_index(batch.f("ix_refund_order_line_id"), ["order_line_id"])
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_complaint_order_id_customer_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_complaint_public_id")),
        sa.UniqueConstraint("key", name=op.f("uq_complaint_key")),
    )
    op.create_index(op.f("ix_complaint_order_id"), "complaint", ["order_id"])
    op.create_index(op.f("ix_complaint_state"), "complaint", ["state"])
    op.create_table(
        "complaint_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("given_cents", sa.Integer(), nullable=True),
        sa.Column("refund_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("given_cents >= 0", name=op.f("ck_complaint_line_given")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_line_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_complaint_line_order_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_complaint_line_refund_id_refund")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_line")),
        sa.UniqueConstraint(
            "complaint_id", "order_line_id", name=op.f("uq_complaint_line_complaint_id_order_line_id")
        ),
        sa.UniqueConstraint("refund_id", name=op.f("uq_complaint_line_refund_id")),
    )
    op.create_index(op.f("ix_complaint_line_order_line_id"), "complaint_line", ["order_line_id"])
    op.create_table(
        "complaint_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("complaint_line_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_line_id"], ["complaint_line.id"], name=op.f("fk_complaint_photo_complaint_line_id_complaint_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_photo")),
        sa.UniqueConstraint("public_id", name=op.f("uq_complaint_photo_public_id")),
    )
    op.create_index(op.f("ix_complaint_photo_complaint_line_id"), "complaint_photo", ["complaint_line_id"])


def downgrade() -> None:
    op.drop_table("complaint_photo")
    op.drop_table("complaint_line")
    op.drop_table("complaint")
    with op.batch_alter_table("refund") as batch:
        batch.drop_index(batch.f("ix_refund_order_line_id"))
        batch.drop_constraint(batch.f("fk_refund_order_line_id_order_line"), type_="foreignkey")
        batch.drop_column("order_line_id")
