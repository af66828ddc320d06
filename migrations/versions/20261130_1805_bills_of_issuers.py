"""An issuer of vouchers may ask us for money: more went back onto vouchers than was taken."""

from alembic import op

revision = "0126_bills_of_issuers"
down_revision = "0126_fetch_tariffs"
branch_labels = None
depends_on = None

WAS = "fee_cents >= 0 AND gross_cents > fee_cents"
IS = "fee_cents >= 0 AND (gross_cents > fee_cents OR (gross_cents < 0 AND fee_cents = 0))"


def _hold(rule: str) -> None:
    with op.batch_alter_table("issuer_payment") as batch:
        batch.drop_constraint(op.f("ck_issuer_payment_amounts"), type_="check")
        batch.create_check_constraint(op.f("ck_issuer_payment_amounts"), rule)


def upgrade() -> None:
    _hold(IS)


def downgrade() -> None:
    _hold(WAS)
