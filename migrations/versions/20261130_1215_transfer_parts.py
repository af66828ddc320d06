"""Bank transfers that were short of what an order costs, kept until the rest comes."""

import sqlalchemy as sa
from alembic import op

revision = "0120_transfer_parts"
down_revision = "0100_voucher_choices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfer_part",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("bank_reference", sa.String(120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_transfer_part_cents")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_transfer_part_payment_id_payment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transfer_part_public_id")),
        sa.UniqueConstraint(
            "payment_id", "bank_reference", "day", "cents", name=op.f("uq_transfer_part_payment_id_bank_reference_day_cents")
        ),
    )


def downgrade() -> None:
    op.drop_table("transfer_part")
