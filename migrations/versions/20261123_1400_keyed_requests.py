"""Requests of programs under a key, with their first answer."""

import sqlalchemy as sa
from alembic import op

revision = "0004_keyed_requests"
down_revision = "0003_bid_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keyed_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("order_key", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyed_request")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_keyed_request_key_hash")),
    )
    op.create_index(op.f("ix_keyed_request_started_at"), "keyed_request", ["started_at"])


def downgrade() -> None:
    op.drop_table("keyed_request")
