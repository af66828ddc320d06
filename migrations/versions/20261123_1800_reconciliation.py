"""Comparisons of our books with the payment provider's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031_reconciliation"
down_revision = "0030_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payout_reversal", sa.Column("reference", sa.String(length=120), nullable=True))
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("provider_cents", sa.Integer(), nullable=False),
        sa.Column("books_cents", sa.Integer(), nullable=False),
        sa.Column("differences", json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reconciliation_public_id")),
    )
    op.create_index(op.f("ix_reconciliation_at"), "reconciliation", ["at"])


def downgrade() -> None:
    op.drop_table("reconciliation")
    op.drop_column("payout_reversal", "reference")
