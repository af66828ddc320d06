"""The legal form of an enterprise and the court of its register, for its documents."""

import sqlalchemy as sa
from alembic import op

revision = "0096_legal_forms"
down_revision = "0095_recognitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("legal_form", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("enterprise", sa.Column("court", sa.String(length=60), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("enterprise", "court")
    op.drop_column("enterprise", "legal_form")
