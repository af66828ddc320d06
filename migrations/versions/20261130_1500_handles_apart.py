"""A capability says whether it keeps goods that are sold as free from an allergen apart."""

import sqlalchemy as sa
from alembic import op

revision = "0121_handles_apart"
down_revision = "0120_transfer_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("capability", sa.Column("handles_apart", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("capability", "handles_apart")
