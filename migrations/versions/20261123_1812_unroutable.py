"""Where nobody could do a step, counted per place, day and reason."""

import sqlalchemy as sa
from alembic import op

revision = "0010_unroutable"
down_revision = "0031_reconciliation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unroutable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(length=4), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("classes", sa.String(length=80), nullable=False),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.Column("quotes", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "quotes >= 0 AND orders >= 0 AND quotes + orders > 0", name=op.f("ck_unroutable_counted")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["enterprise.id"], name=op.f("fk_unroutable_hub_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unroutable")),
        sa.UniqueConstraint(
            "hub_id", "postcode", "day", "stage", "classes", "reasons",
            name=op.f("uq_unroutable_hub_id_postcode_day_stage_classes_reasons"),
        ),
    )
    op.create_index(op.f("ix_unroutable_last_at"), "unroutable", ["last_at"])


def downgrade() -> None:
    op.drop_table("unroutable")
