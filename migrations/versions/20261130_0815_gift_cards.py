"""Gift cards: cards, their movements, and the accounts of the ledger that stand for them and for issuers of vouchers."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0071_gift_cards"
down_revision = "0071_service_areas"
branch_labels = None
depends_on = None

NEW = ("gift_card", "issuer")


def upgrade() -> None:
    op.create_table(
        "gift_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("page_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *("asked", "live", "blocked", "returned"),
                name="cardstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("balance_cents", sa.Integer(), nullable=False),
        sa.Column("buyer_name", sa.String(length=120), nullable=False),
        sa.Column("buyer_email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("for_name", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("intent", sa.String(length=120), nullable=True),
        sa.Column("charge", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_reference", sa.String(length=120), nullable=True),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute", sa.String(length=120), nullable=True),
        sa.Column("taken_cents", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_gift_card_amount")),
        sa.CheckConstraint(
            "balance_cents >= 0 AND balance_cents <= amount_cents", name=op.f("ck_gift_card_balance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_gift_card_{name}"))
            for name in ("public_id", "key", "code_hash", "page_hash", "reference", "dispute")
        ),
    )
    op.create_index("ix_gift_card_state_created_at", "gift_card", ["state", "created_at"])
    op.create_index(op.f("ix_gift_card_intent"), "gift_card", ["intent"])
    op.create_index(op.f("ix_gift_card_refund_due_at"), "gift_card", ["refund_due_at"])
    op.create_table(
        "gift_card_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gift_card_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_gift_card_move_cents")),
        sa.ForeignKeyConstraint(
            ["gift_card_id"], ["gift_card.id"], name=op.f("fk_gift_card_move_gift_card_id_gift_card")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_move")),
        sa.UniqueConstraint("gift_card_id", "kind", "ref", name=op.f("uq_gift_card_move_gift_card_id_kind_ref")),
    )
    op.create_index(op.f("ix_gift_card_move_gift_card_id"), "gift_card_move", ["gift_card_id"])
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference with a new column, and Alembic would copy the table and lose its checks.
        op.execute("ALTER TABLE payment ADD COLUMN gift_card_id INTEGER REFERENCES gift_card (id)")
    else:
        op.add_column("payment", sa.Column("gift_card_id", sa.Integer(), nullable=True))
        op.create_foreign_key(
            op.f("fk_payment_gift_card_id_gift_card"), "payment", "gift_card", ["gift_card_id"], ["id"]
        )
    op.create_index(op.f("ix_payment_gift_card_id"), "payment", ["gift_card_id"])
    _accounts(lambda known: [*known, *(one for one in NEW if one not in known)])


def downgrade() -> None:
    _accounts(lambda known: [one for one in known if one not in NEW])
    op.drop_index(op.f("ix_payment_gift_card_id"), table_name="payment")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("fk_payment_gift_card_id_gift_card"), "payment", type_="foreignkey")
    op.drop_column("payment", "gift_card_id")
    op.drop_table("gift_card_move")
    op.drop_table("gift_card")


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
