"""A hub pays what its discount codes took off over the bank, when it earns too little to keep it from."""

import sqlalchemy as sa
from alembic import op

revision = "0123_code_payment"
down_revision = "0122_issuer_write_off"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_code_payment_amount")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_code_payment_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_payment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_payment_public_id")),
    )
    op.create_index(op.f("ix_code_payment_enterprise_id"), "code_payment", ["enterprise_id"])


def downgrade() -> None:
    op.drop_table("code_payment")
