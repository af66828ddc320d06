"""What of an order line a farm turned out not to have, and what came instead."""

from alembic import op

revision = "0064_shortages"
down_revision = "0061_withdrawal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE order_line ADD COLUMN missing INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_order_line_missing CHECK (missing >= 0 AND missing <= amount)"
    )
    op.execute("ALTER TABLE order_line ADD COLUMN replacement JSON DEFAULT '{}' NOT NULL")


def downgrade() -> None:
    op.drop_column("order_line", "replacement")
    op.drop_column("order_line", "missing")
