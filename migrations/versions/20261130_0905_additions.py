"""Goods that are added to a paid order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0073_additions"
down_revision = "0085_direct_debits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_addition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *("waiting", "joined", "fallen"),
                name="additionstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("goods_cents", "services_cents", "deposit_cents", "total_cents")
        ),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "total_cents = goods_cents + services_cents + deposit_cents", name=op.f("ck_order_addition_total")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_addition_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_addition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_addition_public_id")),
        sa.UniqueConstraint("key", name=op.f("uq_order_addition_key")),
    )
    op.create_index(op.f("ix_order_addition_order_id"), "order_addition", ["order_id"])
    op.create_index("ix_order_addition_state_hold_until", "order_addition", ["state", "hold_until"])


def downgrade() -> None:
    op.drop_table("order_addition")
