"""Who a seller is for the tax office's yearly report."""

import sqlalchemy as sa
from alembic import op

revision = "0111_tax_identities"
down_revision = "0098_desk_reversals"
branch_labels = None
depends_on = None

KINDS = sa.Enum(
    "person",
    "company",
    "government",
    "listed",
    name="sellerkind",
    native_enum=False,
    create_constraint=True,
    length=24,
)


def upgrade() -> None:
    op.create_table(
        "tax_identity",
        sa.Column("enterprise_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", KINDS, nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("national_number", sa.String(length=11), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'person') = (national_number <> '')", name=op.f("ck_tax_identity_person")),
        sa.CheckConstraint("(kind = 'person') = (born_on IS NOT NULL)", name=op.f("ck_tax_identity_born")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_tax_identity_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_tax_identity")),
    )


def downgrade() -> None:
    op.drop_table("tax_identity")
