"""Fees of a cycle that the farms pay out of their price."""

import sqlalchemy as sa
from alembic import op

revision = "0081_seller_fees"
down_revision = "0092_collective_closing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE cycle_fee ADD COLUMN payer VARCHAR(24) DEFAULT 'customer' NOT NULL"
        " CONSTRAINT ck_cycle_fee_payer CHECK (payer IN ('customer', 'seller'))"
    )
    op.add_column("ledger_entry", sa.Column("about_id", sa.Integer(), nullable=True))
    op.create_table(
        "seller_fee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("farm_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("goods_cents", sa.Integer(), nullable=False),
        sa.Column("vat_rate_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0 AND goods_cents >= amount_cents", name=op.f("ck_seller_fee_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_seller_fee_order_id_customer_order")),
        sa.ForeignKeyConstraint(["farm_id"], ["enterprise.id"], name=op.f("fk_seller_fee_farm_id_enterprise")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_seller_fee_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_fee")),
        sa.UniqueConstraint("order_id", "farm_id", "enterprise_id", name=op.f("uq_seller_fee_order_id_farm_id_enterprise_id")),
    )
    op.create_index(op.f("ix_seller_fee_farm_id"), "seller_fee", ["farm_id"])


def downgrade() -> None:
    op.drop_table("seller_fee")
    op.drop_column("ledger_entry", "about_id")
    op.drop_column("cycle_fee", "payer")
