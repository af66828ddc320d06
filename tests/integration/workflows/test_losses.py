"""What never comes by itself: a hub that earns too little for its codes, an issuer of vouchers that never corrects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.clearing.issuer_money import WhyWrittenOff
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.ordering.models import Order
from shortchain.payments import issuer_payments
from shortchain.payouts import code_debts, ledger, money_desk, reconciling
from shortchain.payouts.code_debts import ASK_AFTER, OtherDebt
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.workflows import bookkeeping, discount_codes
from shortchain.workflows import issuer_payments as deeds
from tests.integration.workflows.test_discount_codes import LATER, clean, ordered
from tests.integration.workflows.test_issuer_payments import gateways, issuer, paid, tell
from tests.support import paperwork
from tests.support.codes import made_code
from tests.support.issuer import Issuer
from tests.support.market import Market, market

__all__ = ["gateways", "issuer"]


@pytest.fixture
def shop(session: Session, gateways: object) -> Market:
    return market(session, gateways)  # type: ignore[arg-type]


def found_by(shop: Market, later: timedelta) -> list[tuple[str, str, int | None, str]]:
    """Compare the books later; gives what does not agree, and the order at which it stands."""
    bookkeeping.compare_books(shop.session, shop.gateways, now=shop.now + later)
    last = reconciling.latest(shop.session)
    assert last is not None
    found = [(one["what"], one["kind"], one["ours_cents"], one["number"]) for one in last.differences]
    shop.session.rollback()
    return [one for one in found if one[1] in ("code", "issuer", "balance")]


def test_a_hub_that_earns_nothing_pays_over_the_bank(shop: Market, session: Session) -> None:
    paperwork.numbered(shop)
    hub_id = shop.cycle.hub_id
    code = made_code(shop, hub_id, "amount", 500, least_cents=500)
    first = ordered(shop, code, 2, 3)
    second = ordered(shop, code, 2, 3)
    paperwork.finish(shop, first)
    paperwork.finish(shop, second)
    (debt,) = code_debts.open_debts(session)
    assert (debt.hub_id, debt.cents, debt.order_id) == (hub_id, 1000, first.id)
    assert not debt.is_late(debt.since + ASK_AFTER - timedelta(seconds=1))
    assert debt.is_late(debt.since + ASK_AFTER)
    assert found_by(shop, LATER) == []
    late = LATER + ASK_AFTER + timedelta(days=1)
    assert found_by(shop, late) == [("hub_owes", "code", 1000, first.number)]
    assert any("agree" in one.promise for one in checks.check_all(session, now=shop.now + late))
    session.rollback()

    for wrong in (999, 0, 1001):
        with pytest.raises(OtherDebt):
            discount_codes.note_paid(session, hub_id=hub_id, cents=wrong, by=SYSTEM, now=shop.now + late)
    discount_codes.note_paid(session, hub_id=hub_id, cents=1000, by=SYSTEM, now=shop.now + late)
    with pytest.raises(OtherDebt):  # a second press
        discount_codes.note_paid(session, hub_id=hub_id, cents=1000, by=SYSTEM, now=shop.now + late)
    assert code_debts.owed(session) == {}
    assert ledger.balance(session, account=Account.DISCOUNT) == 0
    page = money_desk.read(session, hub_id=hub_id, asked=bookkeeping.ASKED)
    assert (page.code_debt, page.codes_owed_cents) == (None, 0)
    session.rollback()
    assert found_by(shop, late) == [], "the money lies on our own bank account and not with the provider"
    assert clean(shop, shop.now + late)


def test_what_was_paid_counts_for_the_oldest_orders(shop: Market, session: Session) -> None:
    paperwork.numbered(shop)
    hub_id = shop.cycle.hub_id
    code = made_code(shop, hub_id, "amount", 500, least_cents=500)
    first = ordered(shop, code, 2, 3)
    paperwork.finish(shop, first)
    discount_codes.note_paid(session, hub_id=hub_id, cents=500, by=SYSTEM, now=shop.now)
    second = ordered(shop, code, 2, 3)
    assert code_debts.open_debts(session) == [], "nothing is owed before the order is divided"
    session.rollback()
    paperwork.finish(shop, second)
    assert [(one.cents, one.order_id) for one in code_debts.open_debts(session)] == [(500, second.id)]


def short(shop: Market, issuer: Issuer) -> tuple[Order, str]:
    """Have an issuer that pays 30 cents too little; gives the order and the issuer's name of its payment."""
    order = paid(shop, issuer, 400)
    issuer.pay(short=30)
    tell(shop)
    (row,) = issuer_payments.page(shop.session, hub_id=order.hub_id, now=shop.now).announced
    public_id = row.public_id
    (item,) = issuer_payments.items(shop.session)
    shop.session.rollback()
    deeds.note_received(shop.session, public_id=public_id, by=SYSTEM, now=shop.now)
    return order, item.reference


def test_what_an_issuer_never_corrects_is_written_off(shop: Market, session: Session, issuer: Issuer) -> None:
    order, name = short(shop, issuer)
    hub_id = order.hub_id
    assert [one[:3] for one in found_by(shop, LATER)] == [("amount", "issuer", 400)]
    about = {"reference": name, "by": SYSTEM, "now": shop.now}
    with pytest.raises(WhyWrittenOff):
        deeds.write_off(session, hub_id=hub_id, cents=30, reason=" ", **about)
    for wrong in (29, -30, 400):
        with pytest.raises(AlreadyDone):
            deeds.write_off(session, hub_id=hub_id, cents=wrong, reason="failliet", **about)
    with pytest.raises(NotFound):
        deeds.write_off(session, hub_id=shop.farms[0].id, cents=30, reason="failliet", **about)
    assert deeds.write_off(session, hub_id=hub_id, cents=30, reason="failliet", **about) == 30
    with pytest.raises(AlreadyDone):
        deeds.write_off(session, hub_id=hub_id, cents=30, reason="failliet", **about)
    assert issuer_payments.owed_cents(session) == ledger.balance(session, account=Account.ISSUER) == 0
    lost = [one.amount_cents for one in session.scalars(select(LedgerEntry)) if one.kind == "issuer_loss"]
    assert sorted(lost) == [-30, 30]
    session.rollback()
    assert found_by(shop, LATER) == []
    assert clean(shop)


def test_an_issuer_that_corrects_after_all_is_a_difference_again(
    shop: Market, session: Session, issuer: Issuer
) -> None:
    order, name = short(shop, issuer)
    about = {"reference": name, "hub_id": order.hub_id, "by": SYSTEM, "now": shop.now}
    deeds.write_off(session, cents=30, reason="antwoordt niet", **about)
    session.add(
        row := issuer_payments.IssuerPayment(
            reference="LATE", method="meal_voucher", day=shop.now.date(), gross_cents=30, fee_cents=0, told_at=shop.now
        )
    )
    session.flush()
    session.add(issuer_payments.IssuerItem(issuer_payment_id=row.id, reference=name, cents=30))
    public_id = row.public_id
    session.commit()
    deeds.note_received(session, public_id=public_id, by=SYSTEM, now=shop.now)
    assert [one[:2] for one in found_by(shop, LATER)] == [("amount", "issuer")]
    assert deeds.write_off(session, cents=-30, reason="toch betaald", **about) == -30
    assert ledger.balance(session, account=Account.ISSUER) == 0
    session.rollback()
    assert found_by(shop, LATER) == []
    assert clean(shop)
