"""A comparison of the books keeps which accounts stand below zero at the payment provider."""

import sqlalchemy as sa
from alembic import op

revision = "0124_below_zero"
down_revision = "0123_code_payment"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reconciliation", sa.Column("below_zero", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("reconciliation", "below_zero")
