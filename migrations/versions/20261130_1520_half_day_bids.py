"""Bid prices of the halves of a day, on top of that of the day."""

import sqlalchemy as sa
from alembic import op

revision = "0121_half_day_bids"
down_revision = "0124_below_zero"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bid_price") as batch:
        batch.add_column(sa.Column("half", sa.String(length=9), nullable=False, server_default=""))
        batch.create_check_constraint(op.f("ck_bid_price_half"), "half IN ('', 'morning', 'afternoon')")


def downgrade() -> None:
    op.execute("DELETE FROM bid_price WHERE half <> ''")
    with op.batch_alter_table("bid_price") as batch:
        batch.drop_constraint(op.f("ck_bid_price_half"), type_="check")
        batch.drop_column("half")
