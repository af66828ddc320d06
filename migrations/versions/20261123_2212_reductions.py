"""Announced reductions: what a lower price is compared with, at the price, the offer and in the shop."""

from alembic import op

revision = "0070_reductions"
down_revision = "0033_bank_file"
branch_labels = None
depends_on = None

TABLES = ("price_change", "offer", "shop_item")


def upgrade() -> None:
    # Checks beside the column: SQLite adds those without copying the table, and both databases know them.
    for table in TABLES:
        lower = " CONSTRAINT ck_offer_reduction CHECK (was_cents IS NULL OR was_cents > price_cents)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN was_cents INTEGER{lower if table == 'offer' else ''}")
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN was_kind VARCHAR(24) "
            f"CONSTRAINT ck_{table}_referencekind CHECK (was_kind IN ('lowest', 'last'))"
        )
        if table != "price_change":
            op.execute(f"ALTER TABLE {table} ADD COLUMN was_until DATE")


def downgrade() -> None:
    for table in reversed(TABLES):
        if table != "price_change":
            op.drop_column(table, "was_until")
        op.drop_column(table, "was_kind")
        op.drop_column(table, "was_cents")
