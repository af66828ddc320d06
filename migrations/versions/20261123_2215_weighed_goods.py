"""Goods that are paid by weight: what a product may weigh, and what a line weighed in the end."""

from alembic import op

revision = "0050_weighed_goods"
down_revision = "0070_reductions"
branch_labels = None
depends_on = None

# Written out since both databases take a column with its own check in one statement, and SQLite would copy the
# whole table for a check apart.
COLUMNS = (
    (
        "product",
        "is_weighed",
        "BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_product_weighed"
        " CHECK (NOT is_weighed OR (net_unit = 'g' AND net_amount >= weight_g))",
    ),
    ("order_line", "max_weight_g", "INTEGER"),
    (
        "order_line",
        "true_weight_g",
        "INTEGER CONSTRAINT ck_order_line_weighed"
        " CHECK (true_weight_g IS NULL OR (true_weight_g > 0 AND true_weight_g <= max_weight_g))",
    ),
    (
        "order_line",
        "less_cents",
        "INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_order_line_less"
        " CHECK (less_cents >= 0 AND less_cents <= total_cents)",
    ),
)


def upgrade() -> None:
    for table, column, what in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {what}")


def downgrade() -> None:
    for table, column, _what in reversed(COLUMNS):
        op.drop_column(table, column)
