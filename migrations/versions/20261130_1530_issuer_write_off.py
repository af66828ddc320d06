"""What an issuer of vouchers never put right is written off."""

import sqlalchemy as sa
from alembic import op

revision = "0122_issuer_write_off"
down_revision = "0122_routing_switch"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issuer_write_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_issuer_write_off_cents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_write_off")),
        sa.UniqueConstraint("public_id", name=op.f("uq_issuer_write_off_public_id")),
    )
    op.create_index(op.f("ix_issuer_write_off_reference"), "issuer_write_off", ["reference"])


def downgrade() -> None:
    op.drop_table("issuer_write_off")
