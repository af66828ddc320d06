"""Documents with their number series. A document is never changed: triggers refuse it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_documents"
down_revision = "0010_unroutable"
branch_labels = None
depends_on = None

KINDS = ("ticket", "ticket_credit", "invoice", "credit_note", "purchase_note", "purchase_credit")


def upgrade() -> None:
    op.create_table(
        "document_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_document_series_last")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_series")),
        sa.UniqueConstraint("owner", "letter", "year", name=op.f("uq_document_series_owner_letter_year")),
    )
    op.create_table(
        "business_buyer",
        sa.Column("order_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("street", sa.String(length=160), nullable=False),
        sa.Column("postcode", sa.String(length=4), nullable=False),
        sa.Column("municipality", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("is_vat_liable", sa.Boolean(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_business_buyer_order_id_customer_order")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_business_buyer")),
    )
    _document()
    for name, columns in (
        ("ix_document_seller_id_issued_on", ["seller_id", "issued_on"]),
        ("ix_document_buyer_id_issued_on", ["buyer_id", "issued_on"]),
        ("ix_document_cause", ["cause"]),
        ("ix_document_order_id", ["order_id"]),
        ("ix_document_corrects_id", ["corrects_id"]),
        ("ix_document_issued_on", ["issued_on"]),
    ):
        op.create_index(op.f(name), "document", columns)
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER document_no_{deed.lower()} BEFORE {deed} ON document "
                "BEGIN SELECT RAISE(ABORT, 'document is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER document_append_only BEFORE UPDATE OR DELETE ON document "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _document() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="documentkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("seller_id", sa.Integer(), nullable=True),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("net_cents", sa.Integer(), nullable=False),
        sa.Column("vat_cents", sa.Integer(), nullable=False),
        sa.Column("payable_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("content", json, nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_document_sequence")),
        sa.ForeignKeyConstraint(["series_id"], ["document_series.id"], name=op.f("fk_document_series_id_document_series")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_document_order_id_customer_order")),
        sa.ForeignKeyConstraint(["seller_id"], ["enterprise.id"], name=op.f("fk_document_seller_id_enterprise")),
        sa.ForeignKeyConstraint(["buyer_id"], ["enterprise.id"], name=op.f("fk_document_buyer_id_enterprise")),
        sa.ForeignKeyConstraint(["corrects_id"], ["document.id"], name=op.f("fk_document_corrects_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("public_id", name=op.f("uq_document_public_id")),
        sa.UniqueConstraint("number", name=op.f("uq_document_number")),
        sa.UniqueConstraint("key", name=op.f("uq_document_key")),
        sa.UniqueConstraint("series_id", "sequence", name=op.f("uq_document_series_id_sequence")),
    )


def downgrade() -> None:
    """Fall back. Documents that were made are lost, so keep an export."""
    op.drop_table("document")
    op.drop_table("business_buyer")
    op.drop_table("document_series")
