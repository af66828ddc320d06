"""Closed days that a hub proposes to all around it."""

import sqlalchemy as sa
from alembic import op

revision = "0092_collective_closing"
down_revision = "0090_half_days"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("closure", sa.Column("is_collective", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("closure", "is_collective")
