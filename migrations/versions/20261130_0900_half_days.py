"""Mornings and afternoons of capacity. What was promised before is tied to no half day."""

import sqlalchemy as sa
from alembic import op

revision = "0090_half_days"
down_revision = "0072_issued_vouchers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for half in ("morning", "afternoon"):
        op.add_column("capacity_bucket", sa.Column(f"{half}_cap", sa.Integer(), nullable=True))
        op.execute(
            f"ALTER TABLE capacity_bucket ADD COLUMN {half}_taken INTEGER DEFAULT 0 NOT NULL"
            f" CONSTRAINT ck_capacity_bucket_{half}"
            f" CHECK ({half}_taken >= 0 AND ({half}_cap IS NULL OR {half}_taken <= {half}_cap))"
        )
    op.execute(
        "UPDATE capacity_bucket SET"
        " morning_cap = (SELECT morning FROM day_capacity WHERE day_capacity.capability_id = capacity_bucket.capability_id"
        " AND day_capacity.day = capacity_bucket.day),"
        " afternoon_cap = (SELECT afternoon FROM day_capacity WHERE day_capacity.capability_id = capacity_bucket.capability_id"
        " AND day_capacity.day = capacity_bucket.day)"
    )
    op.add_column("reservation_line", sa.Column("half", sa.String(length=9), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("reservation_line", "half")
    for half in ("morning", "afternoon"):
        op.drop_column("capacity_bucket", f"{half}_taken")
        op.drop_column("capacity_bucket", f"{half}_cap")
