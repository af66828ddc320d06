"""On which floor an order is handed over, and how long a team takes for a floor."""

import sqlalchemy as sa
from alembic import op

revision = "0125_floors"
down_revision = "0121_half_day_bids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer_order", sa.Column("floor", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("customer_order", sa.Column("has_lift", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("team_pace", sa.Column("floor_s", sa.Integer(), nullable=False, server_default="30"))


def downgrade() -> None:
    op.drop_column("team_pace", "floor_s")
    op.drop_column("customer_order", "has_lift")
    op.drop_column("customer_order", "floor")
