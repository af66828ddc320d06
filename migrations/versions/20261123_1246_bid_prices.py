"""Bid prices of batch runs."""

import sqlalchemy as sa
from alembic import op

revision = "0003_bid_prices"
down_revision = "0002_search_and_guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("millicents", sa.Integer(), nullable=False),
        sa.CheckConstraint("(day IS NULL) <> (weekday IS NULL)", name=op.f("ck_bid_price_one_time")),
        sa.CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name=op.f("ck_bid_price_weekday")),
        sa.CheckConstraint("millicents >= 0", name=op.f("ck_bid_price_positive")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_bid_price_capability_id_capability")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_price")),
    )
    op.create_index("ix_bid_price_run", "bid_price", ["run"])
    op.create_index(op.f("ix_bid_price_capability_id"), "bid_price", ["capability_id"])


def downgrade() -> None:
    op.drop_table("bid_price")
