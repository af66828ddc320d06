"""Whether a refund was asked for after its order was divided; what was sent already stays as it was booked."""

import sqlalchemy as sa
from alembic import op

revision = "0032_refund_and_shares"
down_revision = "0020_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refund", sa.Column("after_settling", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("refund", "after_settling")
