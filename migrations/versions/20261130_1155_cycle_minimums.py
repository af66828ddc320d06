"""For how much one orders in an order cycle at least, by price list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0098_cycle_minimums"
down_revision = "0111_drivers"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("order_cycle", sa.Column("minimums", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("order_cycle", "minimums")
