"""A draft that a person keeps as it is when the day is planned again."""

import sqlalchemy as sa
from alembic import op

revision = "0042_kept_tours"
down_revision = "0021_document_sending"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tour") as batch:
        batch.add_column(sa.Column("is_kept", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("tour") as batch:
        batch.alter_column("is_kept", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("tour") as batch:
        batch.drop_column("is_kept")
