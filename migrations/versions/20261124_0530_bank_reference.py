"""What the bank calls the credit that paid a transfer, so that a second payment is no repeat of the file."""

import sqlalchemy as sa
from alembic import op

revision = "0067_bank_reference"
down_revision = "0066_dropped"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("bank_reference", sa.String(length=80), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("payment", "bank_reference")
