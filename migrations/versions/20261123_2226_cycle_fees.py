"""Enterprise fees per order cycle."""

import sqlalchemy as sa
from alembic import op

revision = "0071_cycle_fees"
down_revision = "0050_weighed_goods"
branch_labels = None
depends_on = None

BASES = ("order", "percent", "kilo", "stop")


def upgrade() -> None:
    op.add_column("order_cycle", sa.Column("has_fees", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "cycle_fee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(*BASES, name="basis", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_cycle_fee_rate")),
        sa.ForeignKeyConstraint(["cycle_id"], ["order_cycle.id"], name=op.f("fk_cycle_fee_cycle_id_order_cycle")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_cycle_fee_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_fee")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cycle_fee_public_id")),
    )
    op.create_index(op.f("ix_cycle_fee_cycle_id"), "cycle_fee", ["cycle_id"])


def downgrade() -> None:
    op.drop_table("cycle_fee")
    op.drop_column("order_cycle", "has_fees")
