"""Pick-up points at a farm's own gate, and orders that are collected there."""

import sqlalchemy as sa
from alembic import op

revision = "0068_farm_gate"
down_revision = "0068_fixed_stops"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pickup_point", sa.Column("is_gate", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("customer_order", sa.Column("at_gate", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("customer_order", "at_gate")
    op.drop_column("pickup_point", "is_gate")
