"""What issuers of vouchers pay us, as they announce it, and when it came in."""

import sqlalchemy as sa
from alembic import op

revision = "0097_issuer_payments"
down_revision = "0098_cycle_minimums"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issuer_payment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("gross_cents", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.String(80), nullable=False),
        sa.CheckConstraint("fee_cents >= 0 AND gross_cents > fee_cents", name=op.f("ck_issuer_payment_amounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_issuer_payment_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_issuer_payment_reference")),
    )
    op.create_table(
        "issuer_item",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("issuer_payment_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_issuer_item_cents")),
        sa.ForeignKeyConstraint(
            ["issuer_payment_id"], ["issuer_payment.id"], name=op.f("fk_issuer_item_issuer_payment_id_issuer_payment")
        ),
        sa.UniqueConstraint("issuer_payment_id", "reference", name=op.f("uq_issuer_item_issuer_payment_id_reference")),
    )
    op.create_index(op.f("ix_issuer_item_reference"), "issuer_item", ["reference"])


def downgrade() -> None:
    op.drop_table("issuer_item")
    op.drop_table("issuer_payment")
