"""Direct debits: mandates, payments that are on their way, refunds of money that never came."""

import sqlalchemy as sa
from alembic import op

revision = "0085_direct_debits"
down_revision = "0081_seller_fees"
branch_labels = None
depends_on = None

COLUMNS = (("payment", "promised_at"), ("payment", "ask_at"), ("refund", "voided_at"))


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("account_end", sa.String(length=8), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_mandate_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("method", name=op.f("uq_mandate_method")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mandate_public_id")),
    )
    op.create_index(op.f("ix_mandate_user_id"), "mandate", ["user_id"])


def downgrade() -> None:
    op.drop_table("mandate")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column)
