"""Prices for kinds of customers and for larger amounts, and who may have them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0080_price_lists"
down_revision = "0068_vehicle_rights"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LISTS = ("consumer", "member", "shop", "canteen")
STATES = ("asked", "approved", "refused", "ended")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "list_price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("price_list", _enum("pricelist", LISTS), nullable=False),
        sa.Column("from_amount", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=True),
        sa.Column("less_bp", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_amount >= 0", name=op.f("ck_list_price_amount")),
        sa.CheckConstraint("(cents IS NULL) <> (less_bp IS NULL)", name=op.f("ck_list_price_either")),
        sa.CheckConstraint("cents > 0 OR less_bp > 0", name=op.f("ck_list_price_price")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_list_price_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_price")),
        sa.UniqueConstraint("product_id", "price_list", "from_amount", name=op.f("uq_list_price_product_id_price_list_from_amount")),
    )
    op.create_table(
        "buyer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("price_list", _enum("pricelist", LISTS), nullable=False),
        sa.Column("state", _enum("buyerstate", STATES), nullable=False),
        sa.Column("company", sa.String(length=120), nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=False),
        sa.Column("street", sa.String(length=160), nullable=False),
        sa.Column("postcode", sa.String(length=4), nullable=False),
        sa.Column("municipality", sa.String(length=80), nullable=False),
        sa.Column("is_vat_liable", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_buyer_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_buyer_enterprise_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_buyer_public_id")),
        sa.UniqueConstraint("user_id", "enterprise_id", "price_list", name=op.f("uq_buyer_user_id_enterprise_id_price_list")),
    )
    op.create_index(op.f("ix_buyer_enterprise_id"), "buyer", ["enterprise_id"])
    op.add_column("offer", sa.Column("prices", JSON, nullable=False, server_default="{}"))
    op.add_column("shop_item", sa.Column("steps", sa.String(length=80), nullable=False, server_default=""))
    op.add_column("order_line", sa.Column("steps", JSON, nullable=False, server_default="[]"))
    op.execute(
        "ALTER TABLE order_line ADD COLUMN price_list VARCHAR(24) DEFAULT 'consumer' NOT NULL"
        " CONSTRAINT ck_order_line_pricelist CHECK (price_list IN ('consumer', 'member', 'shop', 'canteen'))"
    )


def downgrade() -> None:
    op.drop_column("order_line", "price_list")
    op.drop_column("order_line", "steps")
    op.drop_column("shop_item", "steps")
    op.drop_column("offer", "prices")
    op.drop_table("buyer")
    op.drop_table("list_price")
