"""What of an order line its customer took off before the deadline."""

from alembic import op

revision = "0066_dropped"
down_revision = "0065_least_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE order_line ADD COLUMN dropped INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_order_line_dropped CHECK (dropped >= 0 AND missing + dropped <= amount)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE order_line DROP COLUMN dropped")
