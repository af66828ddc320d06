"""Several payments of one order: each has its slot, and what is set aside for one has a time."""

import sqlalchemy as sa
from alembic import op

revision = "0070_tenders"
down_revision = "0067_bank_reference"
branch_labels = None
depends_on = None

CAPTURED = sa.text("state = 'captured'")


def upgrade() -> None:
    op.add_column("payment", sa.Column("slot", sa.String(length=24), nullable=False, server_default="rest"))
    op.add_column("payment", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payout", sa.Column("charge", sa.String(length=120), nullable=True))
    op.drop_index("uq_payment_one_captured", table_name="payment")
    op.create_index(
        "uq_payment_one_captured",
        "payment",
        ["order_id", "slot"],
        unique=True,
        sqlite_where=CAPTURED,
        postgresql_where=CAPTURED,
    )


def downgrade() -> None:
    op.drop_index("uq_payment_one_captured", table_name="payment")
    op.create_index(
        "uq_payment_one_captured",
        "payment",
        ["order_id"],
        unique=True,
        sqlite_where=CAPTURED,
        postgresql_where=CAPTURED,
    )
    op.drop_column("payout", "charge")
    op.drop_column("payment", "held_at")
    op.drop_column("payment", "slot")
