"""Payouts by a file for the bank: the account of an enterprise, and the files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_bank_file"
down_revision = "0042_kept_tours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("iban", sa.String(length=34), nullable=False, server_default=""))
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("payments", json, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("total_cents > 0 AND count > 0", name=op.f("ck_bank_file_amounts")),
        sa.ForeignKeyConstraint(["hub_id"], ["enterprise.id"], name=op.f("fk_bank_file_hub_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_file_public_id")),
    )
    op.create_index(op.f("ix_bank_file_hub_id"), "bank_file", ["hub_id"])


def downgrade() -> None:
    op.drop_table("bank_file")
    op.drop_column("enterprise", "iban")
