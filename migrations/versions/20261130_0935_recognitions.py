"""The rate of services follows a recognition with dates that was looked at, and is no choice any more."""

import sqlalchemy as sa
from alembic import op

revision = "0095_recognitions"
down_revision = "0094_minutes_each"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("capability") as batch:
        batch.drop_constraint(op.f("ck_capability_vat"), type_="check")
        batch.drop_column("vat_rate_bp")


def downgrade() -> None:
    with op.batch_alter_table("capability") as batch:
        batch.add_column(sa.Column("vat_rate_bp", sa.Integer(), nullable=False, server_default="2100"))
        batch.create_check_constraint(op.f("ck_capability_vat"), "vat_rate_bp BETWEEN 0 AND 10000")
        batch.alter_column("vat_rate_bp", server_default=None)
    op.drop_column("certificate", "checked_at")
