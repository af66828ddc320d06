"""What right of withdrawal a line was sold with."""

import sqlalchemy as sa
from alembic import op

revision = "0061_withdrawal"
down_revision = "0060_complaints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "order_line",
        sa.Column("withdrawal", sa.String(length=16), nullable=False, server_default="none_perishable"),
    )
    op.execute(
        "UPDATE order_line SET withdrawal = "
        "(SELECT product.withdrawal FROM product WHERE product.id = order_line.product_id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("order_line") as batch:
        batch.drop_column("withdrawal")
