"""Meal vouchers pay a part: approved first, taken last, let go of when the order falls. Over HTTP with the stand-in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.gateways.voucher_calls import VoucherCalls
from shortchain.journal import GUEST
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.payments import line_refunds, standing
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState
from shortchain.payments.spending import Spend
from shortchain.payments.vouchers import VoucherTooMuch
from shortchain.payouts import ledger, totals
from shortchain.payouts.models import Account
from shortchain.transaction import transaction
from shortchain.workflows import asking_payment, cancellation, checkout, payment_events, refunds, vouchers
from tests.integration.workflows.test_gift_cards import placed_with
from tests.support.clock import MONDAY_MORNING
from tests.support.giving import bought_card
from tests.support.issuer import Issuer, running_issuer
from tests.support.market import Market, market
from tests.support.splitting import open_page


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        running.ahead((MONDAY_MORNING - datetime.now(UTC)).total_seconds())
        yield running


@pytest.fixture
def gateways(gateways: Gateways, issuer: Issuer) -> Gateways:
    return dataclasses.replace(gateways, vouchers=issuer.gateway())


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def meal(cents: int) -> Spend:
    return Spend("", cents, "meal_voucher")


def parts(session: Session, placed: checkout.Placed) -> dict[str, Payment]:
    session.rollback()
    rows = session.scalars(
        select(Payment)
        .where(Payment.order_id == placed.order_id)
        .order_by(Payment.id)
        .execution_options(populate_existing=True)
    )
    return {row.slot: row for row in rows}


def state_of(session: Session, placed: checkout.Placed) -> OrderState:
    session.rollback()
    return session.get_one(Order, placed.order_id, populate_existing=True).state


def opened(shop: Market, placed: checkout.Placed) -> tuple[Payment, Payment]:
    """Open both pages; gives the voucher's payment and the card's."""
    for payment in list(parts(shop.session, placed).values()):
        open_page(shop, placed, payment.id)
    found = parts(shop.session, placed)
    return found["meal_voucher"], found["rest"]


def approve(shop: Market, issuer: Issuer, payment: Payment) -> None:
    assert issuer.answer(payment.reference or "") == "authorised"
    vouchers.look_up(shop.session, shop.gateways, payment_id=payment.id, now=shop.now)


def pay_rest(shop: Market, payment: Payment) -> None:
    shop.gateways.payments.pay(payment.reference)  # type: ignore[attr-defined]
    payment_events.look_up(shop.session, shop.gateways, payment_id=payment.id, now=shop.now)


def clean(shop: Market) -> bool:
    shop.session.rollback()
    shop.session.expire_all()
    found = checks.check_all(shop.session, now=shop.now)
    assert [one for one in found if one.promise.startswith(("P1", "P2", "P3", "P4"))] == []
    return all(row.adds_up for row in totals.per_order(shop.session))


@pytest.mark.parametrize("voucher_first", [True, False])
def test_is_taken_last_and_the_order_stands_with_it(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer, voucher_first: bool
) -> None:
    placed = placed_with(shop, meal(300))
    voucher, rest = opened(shop, placed)
    for step in (0, 1) if voucher_first else (1, 0):
        if step == 0:
            approve(shop, issuer, voucher)
        else:
            pay_rest(shop, rest)
    assert state_of(session, placed) is OrderState.AWAITING_PAYMENT  # nothing was taken from the vouchers yet
    assert clean(shop)
    assert vouchers.sweep(session, gateways, now=shop.now) == 1
    assert state_of(session, placed) is OrderState.CONFIRMED
    assert gateways.vouchers is not None
    assert gateways.vouchers.status(reference=voucher.reference or "").state == "captured"
    session.rollback()
    assert ledger.balance(session, account=Account.ISSUER) == 300  # the issuer owes us that
    assert clean(shop)


def test_is_let_go_of_when_nobody_pays_the_rest(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    placed = placed_with(shop, meal(300))
    voucher, _rest = opened(shop, placed)
    approve(shop, issuer, voucher)
    late = shop.now + timedelta(minutes=31)
    asking_payment.expire_orders(session, gateways, now=late)
    assert vouchers.sweep(session, gateways, now=late) == 1
    assert vouchers.sweep(session, gateways, now=late) == 0
    assert gateways.vouchers is not None
    assert gateways.vouchers.status(reference=voucher.reference or "").state == "released"
    assert state_of(session, placed) is OrderState.EXPIRED
    assert clean(shop)


def test_the_rest_goes_back_and_the_vouchers_are_let_go_when_it_is_called_off(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    placed = placed_with(shop, meal(300))
    voucher, rest = opened(shop, placed)
    pay_rest(shop, rest)
    approve(shop, issuer, voucher)
    cancellation.cancel_by_customer(session, gateways, token=placed.token, by=GUEST, now=shop.now)
    vouchers.sweep(session, gateways, now=shop.now)
    refunds.send_refunds(session, gateways, now=shop.now)
    assert gateways.vouchers is not None
    assert gateways.vouchers.status(reference=voucher.reference or "").state == "released"
    assert [row.amount.minor for row in gateways.payments.refunds.values()] == [rest.amount_cents]
    assert clean(shop)


def test_a_holder_who_says_no_pays_that_part_in_another_way(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    placed = placed_with(shop, meal(300))
    voucher, rest = opened(shop, placed)
    issuer.answer(voucher.reference or "", approves=False)
    vouchers.look_up(session, gateways, payment_id=voucher.id, now=shop.now)
    pay_rest(shop, rest)
    assert state_of(session, placed) is OrderState.AWAITING_PAYMENT
    again = asking_payment.retry_payment(session, order_id=placed.order_id, method="card", now=shop.now)
    other = session.get_one(Payment, again)
    assert (other.slot, other.method, other.amount_cents) == ("meal_voucher", "card", 300)
    open_page(shop, placed, again)
    pay_rest(shop, session.get_one(Payment, again, populate_existing=True))
    assert state_of(session, placed) is OrderState.CONFIRMED
    assert clean(shop)


@pytest.mark.parametrize("fault", ["down", "refuse"])
def test_an_issuer_that_does_not_pay_keeps_the_order_waiting(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer, fault: str
) -> None:
    placed = placed_with(shop, meal(300))
    voucher, rest = opened(shop, placed)
    approve(shop, issuer, voucher)
    pay_rest(shop, rest)
    issuer.fault(fault, "POST */capture")
    assert vouchers.collect(session, gateways, order_id=placed.order_id, now=shop.now) is False
    assert state_of(session, placed) is OrderState.AWAITING_PAYMENT
    voucher = parts(session, placed)["meal_voucher"]
    if fault == "down":
        assert voucher.is_held  # unsure: asked again with the same key
        assert vouchers.collect(session, gateways, order_id=placed.order_id, now=shop.now) is True
        assert state_of(session, placed) is OrderState.CONFIRMED
    else:
        assert voucher.state is PaymentState.FAILED
        stands = standing.of_order(session, order_id=placed.order_id)
        assert stands is not None
        assert stands.payment_id == voucher.id  # that part is to be paid again
    assert clean(shop)


def test_money_for_goods_of_the_voucher_goes_back_onto_it(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    placed = placed_with(shop, meal(150))
    voucher, rest = opened(shop, placed)
    approve(shop, issuer, voucher)
    pay_rest(shop, rest)
    vouchers.collect(session, gateways, order_id=placed.order_id, now=shop.now)
    with transaction(session):
        order = orders.lock(session, order_id=placed.order_id)
        line = orders.lines_of(session, order_id=order.id)[0]
        assert line.meal_voucher
        line_refunds.give_back(session, order=order, line=line, amount_cents=180, reason="bad", now=shop.now)
    rows = {row.payment_id: row.amount_cents for row in session.scalars(select(Refund))}
    assert rows == {voucher.id: 150, rest.id: 30}
    assert refunds.send_refunds(session, gateways, now=shop.now) == 2
    assert session.scalar(select(func.count()).where(Refund.state == RefundState.DONE)) == 2
    session.rollback()
    assert ledger.balance(session, account=Account.ISSUER) == 0
    assert clean(shop)


def test_pays_beside_a_gift_card_without_any_money(
    shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    _card, code = bought_card(shop, 5000)
    placed = placed_with(shop, meal(200), Spend(code, 5000))
    voucher = parts(session, placed)["meal_voucher"]
    assert state_of(session, placed) is OrderState.AWAITING_PAYMENT
    open_page(shop, placed, voucher.id)
    approve(shop, issuer, parts(session, placed)["meal_voucher"])
    assert vouchers.collect(session, gateways, order_id=placed.order_id, now=shop.now) is True
    assert state_of(session, placed) is OrderState.CONFIRMED
    assert clean(shop)


def test_pays_no_more_than_the_goods_cost_and_no_more_than_a_day_allows(shop: Market, session: Session) -> None:
    with pytest.raises(VoucherTooMuch):
        placed_with(shop, meal(10_000), amounts=(2, 1))
    with pytest.raises(VoucherTooMuch):
        placed_with(shop, meal(1001), amounts=(5, 5))
    placed_with(shop, meal(700), amounts=(5, 5))
    with pytest.raises(VoucherTooMuch, match="3,00"):
        placed_with(shop, meal(301), amounts=(5, 5))
    assert session.scalar(select(func.count()).select_from(Order)) == 1
    assert session.scalar(select(func.count()).where(OrderLine.eco_voucher)) == 0  # not organic, no plants


def test_the_stand_in_keeps_its_promises(issuer: Issuer) -> None:
    calls = issuer.gateway()
    asked = {
        "kind": "eco_voucher",
        "amount": Money(500),
        "order_number": "SC-1",
        "return_url": "http://shop.example",
        "expires_at": MONDAY_MORNING + timedelta(minutes=30),
    }
    first = calls.authorise(key="a", **asked)  # type: ignore[arg-type]
    assert calls.authorise(key="a", **asked) == first  # type: ignore[arg-type]
    with pytest.raises(GatewayRefused, match="is_open"):
        calls.capture(key="b", reference=first.reference)
    issuer.answer(first.reference)
    for _ in range(2):
        assert calls.capture(key="b", reference=first.reference).state == "captured"
    back = calls.refund(key="c", reference=first.reference, amount=Money(300))
    assert calls.refund(key="c", reference=first.reference, amount=Money(300)) == back
    with pytest.raises(GatewayRefused, match="too_much"):
        calls.refund(key="d", reference=first.reference, amount=Money(201))
    with pytest.raises(GatewayDown, match="401"):  # our key is wrong: nothing about the payment
        VoucherCalls(base=issuer.url, key="other").status(reference=first.reference)
    issuer.fault("down", "GET *")
    with pytest.raises(GatewayDown):
        calls.status(reference=first.reference)
    second = calls.authorise(key="e", **asked)  # type: ignore[arg-type]
    issuer.ahead(3600 + (MONDAY_MORNING - datetime.now(UTC)).total_seconds())
    assert calls.status(reference=second.reference).state == "refused"  # its time is over
    assert len({first.reference, second.reference}) == 2
