"""Discount codes of hubs and farms, who used them, and what hubs owe for theirs."""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0097_discount_codes"
down_revision = "0110_collections"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NEW = "discount"


def upgrade() -> None:
    op.create_table(
        "discount_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("amount", "percent", name="discountkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("least_cents", sa.Integer(), nullable=False),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("only", JSON, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value > 0", name=op.f("ck_discount_code_value")),
        sa.CheckConstraint("least_cents >= 0 AND uses >= 0", name=op.f("ck_discount_code_counts")),
        sa.CheckConstraint("most_uses > 0", name=op.f("ck_discount_code_most_uses")),
        sa.CheckConstraint("per_customer > 0", name=op.f("ck_discount_code_per_customer")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_discount_code_period")),
        sa.ForeignKeyConstraint(["owner_id"], ["enterprise.id"], name=op.f("fk_discount_code_owner_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_discount_code_public_id")),
        sa.UniqueConstraint("code", name=op.f("uq_discount_code_code")),
    )
    op.create_index(op.f("ix_discount_code_owner_id"), "discount_code", ["owner_id"])
    op.create_table(
        "discount_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_discount_use_cents")),
        sa.ForeignKeyConstraint(["code_id"], ["discount_code.id"], name=op.f("fk_discount_use_code_id_discount_code")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_discount_use_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_discount_use_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_use")),
        sa.UniqueConstraint("order_id", name=op.f("uq_discount_use_order_id")),
    )
    op.create_index(op.f("ix_discount_use_code_id"), "discount_use", ["code_id"])
    op.create_table(
        "code_netting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("payout_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_code_netting_amount")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_code_netting_payout_id_payout")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_code_netting_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_netting")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_netting_public_id")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_code_netting_payout_id")),
    )
    op.create_index(op.f("ix_code_netting_enterprise_id"), "code_netting", ["enterprise_id"])
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference with a new column, and Alembic would copy the table and lose its checks.
        op.execute("ALTER TABLE customer_order ADD COLUMN code_id INTEGER REFERENCES discount_code (id)")
    else:
        op.add_column("customer_order", sa.Column("code_id", sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f("fk_customer_order_code_id_discount_code"), "customer_order", "discount_code", ["code_id"], ["id"]
        )
    for name, check in (
        ("discount", "discount_cents >= 0"),
        ("voucher", "voucher_cents >= 0 AND voucher_cents <= total_cents"),
    ):
        op.execute(
            f"ALTER TABLE order_line ADD COLUMN {name}_cents INTEGER DEFAULT 0 NOT NULL"
            f" CONSTRAINT ck_order_line_{name} CHECK ({check})"
        )
    _accounts(lambda known: [*known, NEW])


def downgrade() -> None:
    _accounts(lambda known: [one for one in known if one != NEW])
    op.drop_column("order_line", "voucher_cents")
    op.drop_column("order_line", "discount_cents")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("fk_customer_order_code_id_discount_code"), "customer_order", type_="foreignkey")
    op.drop_column("customer_order", "code_id")
    op.drop_table("code_netting")
    op.drop_table("discount_use")
    op.drop_table("discount_code")


def _accounts(change) -> None:  # type: ignore[no-untyped-def]
    """Change which accounts the ledger knows; the table is append-only and keeps its triggers."""
    name = "ck_ledger_entry_account"
    if op.get_bind().dialect.name != "sqlite":
        found = op.get_bind().scalar(
            sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"), {"name": name}
        )
        names = ", ".join(f"'{one}'" for one in change(re.findall(r"'(\w+)'", found)))
        op.execute(f"ALTER TABLE ledger_entry DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE ledger_entry ADD CONSTRAINT {name} CHECK (account IN ({names}))")
        return
    parts = op.get_bind().execute(
        sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'ledger_entry' AND sql IS NOT NULL")
    )
    rows = [(kind, sql) for kind, sql in parts]
    table = next(sql for kind, sql in rows if kind == "table")
    inside = re.search(r"account IN \(([^)]*)\)", table)
    assert inside is not None
    names = ", ".join(f"'{one}'" for one in change(re.findall(r"'(\w+)'", inside[1])))
    made = table.replace(inside[0], f"account IN ({names})")
    op.execute(re.sub(r'CREATE TABLE "?ledger_entry"?', "CREATE TABLE ledger_entry_anew", made, count=1))
    op.execute("INSERT INTO ledger_entry_anew SELECT * FROM ledger_entry")
    op.execute("DROP TABLE ledger_entry")
    op.execute("ALTER TABLE ledger_entry_anew RENAME TO ledger_entry")
    for kind, sql in rows:
        if kind != "table":
            op.execute(sql)
