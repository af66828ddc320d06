"""Gift cards paid by bank transfer, and what a hub pays for its codes found on a statement of the bank."""

import sqlalchemy as sa
from alembic import op

revision = "0128_cards_by_transfer"
down_revision = "0127_access_point_standing"
branch_labels = None
depends_on = None

TEXTS = (("bank_reference", 80), ("payer_name", 120), ("payer_iban", 34))
STATES = ("asked", "live", "blocked", "returned")


def _one_of(*names: str) -> str:
    return "state IN ({})".format(", ".join(f"'{name}'" for name in names))


def upgrade() -> None:
    op.add_column("code_payment", sa.Column("bank_reference", sa.String(80), nullable=False, server_default=""))
    with op.batch_alter_table("gift_card") as batch:
        batch.add_column(sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("hub_id", sa.Integer(), nullable=True))
        for name, length in TEXTS:
            batch.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        batch.drop_constraint(op.f("ck_gift_card_cardstate"), type_="check")
        batch.create_check_constraint(op.f("ck_gift_card_cardstate"), _one_of(*STATES, "lapsed"))
        batch.create_foreign_key(op.f("fk_gift_card_hub_id_enterprise"), "enterprise", ["hub_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM gift_card WHERE state = 'lapsed'")  # they hold nothing and were never paid
    with op.batch_alter_table("gift_card") as batch:
        batch.drop_constraint(op.f("fk_gift_card_hub_id_enterprise"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_gift_card_cardstate"), type_="check")
        batch.create_check_constraint(op.f("ck_gift_card_cardstate"), _one_of(*STATES))
        for name, _length in TEXTS:
            batch.drop_column(name)
        batch.drop_column("hub_id")
        batch.drop_column("pay_by")
    op.drop_column("code_payment", "bank_reference")
