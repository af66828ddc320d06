"""From which day an enterprise stands otherwise towards VAT."""

import sqlalchemy as sa
from alembic import op

revision = "0090_vat_changes"
down_revision = "0070_deposits"
branch_labels = None
depends_on = None

SCHEMES = ("normal", "agri_flat", "small_exempt", "exempt_44", "not_liable")


def upgrade() -> None:
    op.create_table(
        "vat_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column(
            "scheme",
            sa.Enum(*SCHEMES, name="scheme", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_vat_change_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_change")),
        sa.UniqueConstraint("enterprise_id", "from_day", name=op.f("uq_vat_change_enterprise_id_from_day")),
    )


def downgrade() -> None:
    op.drop_table("vat_change")
