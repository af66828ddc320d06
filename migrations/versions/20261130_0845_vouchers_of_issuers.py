"""Which lines meal and eco vouchers may pay, and when their issuer let go of what was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0072_issued_vouchers"
down_revision = "0090_vat_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("meal_voucher", "eco_voucher"):
        op.add_column("order_line", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("payment", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("payment", "released_at")
    for name in ("eco_voucher", "meal_voucher"):
        op.drop_column("order_line", name)
