"""What a farm or a hub said of a product and vouchers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0100_voucher_choices"
down_revision = "0099_api_keys"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("product", sa.Column("vouchers", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("product", "vouchers")
