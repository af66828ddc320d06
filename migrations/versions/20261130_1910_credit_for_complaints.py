"""Who complains may take what goes back as a gift card."""

import sqlalchemy as sa
from alembic import op

revision = "0129_credit_for_complaints"
down_revision = "0126_refused_at_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaint", sa.Column("wants_card", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("refund", sa.Column("as_card", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("refund", "as_card")
    op.drop_column("complaint", "wants_card")
