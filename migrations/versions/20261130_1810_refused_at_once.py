"""When somebody said no to a request together with many others, for which others are still sought."""

import sqlalchemy as sa
from alembic import op

revision = "0126_refused_at_once"
down_revision = "0128_cards_by_transfer"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    some = sa.text("refused_at IS NOT NULL")
    op.create_index("ix_job_refused_at", "job", ["refused_at"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_job_refused_at", "job")
    op.drop_column("job", "refused_at")
