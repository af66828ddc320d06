"""Containers that come back, their deposits on orders, and the ledger of where they went."""

import sqlalchemy as sa
from alembic import op

revision = "0070_deposits"
down_revision = "0072_room_and_pace"
branch_labels = None
depends_on = None

KINDS = ("pool_crate", "half_crate", "insulated_box", "jar", "bottle")
REASONS = ("delivered", "undone", "returned", "handed")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "container_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("containerkind", *KINDS), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column("packs_orders", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deposit_cents > 0 AND deposit_cents <= 10000", name=op.f("ck_container_type_deposit")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["enterprise.id"], name=op.f("fk_container_type_owner_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_container_type")),
        sa.UniqueConstraint("public_id", name=op.f("uq_container_type_public_id")),
    )
    op.create_index(op.f("ix_container_type_owner_id"), "container_type", ["owner_id"])
    op.create_index(
        "uq_container_type_packs_orders",
        "container_type",
        ["owner_id"],
        unique=True,
        sqlite_where=sa.text("packs_orders"),
        postgresql_where=sa.text("packs_orders"),
    )
    _create_order_deposit()
    _create_packaging_move()
    for table, column, target in (
        ("product", "container_id", "container_type"),
        ("refund", "order_deposit_id", "order_deposit"),
    ):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.execute(
        "ALTER TABLE customer_order ADD COLUMN deposit_cents INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_customer_order_deposit CHECK (deposit_cents >= 0)"
    )
    _check_total("goods_cents + services_cents", "goods_cents + services_cents + deposit_cents")


def _create_order_deposit() -> None:
    op.create_table(
        "order_deposit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=True),
        sa.Column("container_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("each_cents", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0 AND each_cents > 0", name=op.f("ck_order_deposit_amounts")),
        sa.CheckConstraint(
            "cut >= 0 AND returned >= 0 AND cut + returned <= count", name=op.f("ck_order_deposit_back")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_deposit_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_order_deposit_order_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(
            ["container_id"], ["container_type.id"], name=op.f("fk_order_deposit_container_id_container_type")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["enterprise.id"], name=op.f("fk_order_deposit_owner_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_deposit")),
    )
    for column in ("order_id", "container_id"):
        op.create_index(op.f(f"ix_order_deposit_{column}"), "order_deposit", [column])


def _create_packaging_move() -> None:
    op.create_table(
        "packaging_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("container_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("order_deposit_id", sa.Integer(), nullable=True),
        sa.Column("reason", _choice("movereason", *REASONS), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("deposit_cents", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count > 0 AND deposit_cents >= 0", name=op.f("ck_packaging_move_amounts")),
        sa.CheckConstraint("from_id IS NOT NULL OR to_id IS NOT NULL", name=op.f("ck_packaging_move_party")),
        sa.CheckConstraint(
            "from_id IS NULL OR to_id IS NULL OR from_id <> to_id", name=op.f("ck_packaging_move_parties")
        ),
        sa.CheckConstraint(
            "(from_id IS NOT NULL AND to_id IS NOT NULL) = (order_deposit_id IS NULL)"
            " AND (order_id IS NULL) = (order_deposit_id IS NULL)",
            name=op.f("ck_packaging_move_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["container_id"], ["container_type.id"], name=op.f("fk_packaging_move_container_id_container_type")
        ),
        sa.ForeignKeyConstraint(["from_id"], ["enterprise.id"], name=op.f("fk_packaging_move_from_id_enterprise")),
        sa.ForeignKeyConstraint(["to_id"], ["enterprise.id"], name=op.f("fk_packaging_move_to_id_enterprise")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_packaging_move_order_id_customer_order")
        ),
        sa.ForeignKeyConstraint(
            ["order_deposit_id"],
            ["order_deposit.id"],
            name=op.f("fk_packaging_move_order_deposit_id_order_deposit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packaging_move")),
        sa.UniqueConstraint("key", name=op.f("uq_packaging_move_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_packaging_move_public_id")),
    )
    for column in ("container_id", "from_id", "to_id", "order_id", "order_deposit_id"):
        op.create_index(op.f(f"ix_packaging_move_{column}"), "packaging_move", [column])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER packaging_move_no_{deed.lower()} BEFORE {deed} ON packaging_move "
                "BEGIN SELECT RAISE(ABORT, 'packaging_move is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER packaging_move_append_only BEFORE UPDATE OR DELETE ON packaging_move "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def _check_total(before: str, after: str) -> None:
    """Change what an order's total must be.

    SQLite changes no CHECK by a statement, and rebuilding the table would trip over what points at it. No stored
    row depends on the text of a CHECK, so it is changed where SQLite keeps it: the second procedure of its manual,
    section 7 of ALTER TABLE.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_customer_order_total"), "customer_order", type_="check")
        op.create_check_constraint(op.f("ck_customer_order_total"), "customer_order", f"total_cents = {after}")
        return
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_master SET sql = replace(sql, 'total_cents = {before})', 'total_cents = {after})')"
        " WHERE type = 'table' AND name = 'customer_order'"
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def downgrade() -> None:
    _check_total("goods_cents + services_cents + deposit_cents", "goods_cents + services_cents")
    op.execute("ALTER TABLE customer_order DROP COLUMN deposit_cents")
    for table, column in (("refund", "order_deposit_id"), ("product", "container_id")):
        op.drop_index(f"ix_{table}_{column}", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("packaging_move")
    op.drop_table("order_deposit")
    op.drop_table("container_type")
