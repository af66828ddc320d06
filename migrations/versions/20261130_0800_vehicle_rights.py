"""What a vehicle burns, and in which zones it may be.

Bikes burn nothing and the small van is electric by its kind. Of the others only the fuel is likely; their
Euro class nobody told yet, and routing keeps nobody out for what it does not know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0068_vehicle_rights"
down_revision = "0068_payout_account"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("courier", sa.Column("fuel", sa.String(length=8), nullable=False, server_default="none"))
    op.execute(
        "ALTER TABLE courier ADD COLUMN euro INTEGER CONSTRAINT ck_courier_euro CHECK (euro BETWEEN 0 AND 6)"
    )
    op.add_column("courier", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE courier SET fuel = 'electric' WHERE vehicle = 'EVAN_S'")
    op.execute("UPDATE courier SET fuel = 'diesel' WHERE vehicle IN ('VAN_M', 'REEFER')")
    op.create_table(
        "vehicle_right",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("courier_id", sa.Integer(), sa.ForeignKey("courier.id"), nullable=False),
        sa.Column("zone", sa.String(length=8), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_vehicle_right_order")),
    )
    op.create_index(op.f("ix_vehicle_right_courier_id"), "vehicle_right", ["courier_id"])


def downgrade() -> None:
    op.drop_table("vehicle_right")
    op.drop_column("courier", "version")
    op.drop_column("courier", "euro")
    op.drop_column("courier", "fuel")
