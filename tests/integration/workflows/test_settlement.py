"""Money is divided after delivery, paid out once, and taken back from everybody in proportion."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment
from shortchain.payouts import ledger
from shortchain.payouts.models import Account, Payout, PayoutState
from shortchain.transaction import transaction
from shortchain.workflows import cancellation, refunds, settlement
from tests.support.market import Market, market

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def delivered(shop: Market, *amounts: int) -> Order:
    """Have an order that was delivered (its journey is tested elsewhere)."""
    order = shop.order(*amounts)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    return row


def money_breaches(shop: Market, now) -> list[str]:  # type: ignore[no-untyped-def]
    shop.session.rollback()
    return [b.what for b in checks.check_all(shop.session, now=now) if b.promise.startswith(("P1", "P2"))]


def settled(shop: Market, order: Order) -> list[Payout]:
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()
    return list(shop.session.scalars(select(Payout).where(Payout.order_id == order.id).order_by(Payout.enterprise_id)))


def test_waits_for_the_complaint_window(shop: Market, session: Session) -> None:
    delivered(shop, 1, 1)
    assert settlement.settle_orders(session, now=shop.now + timedelta(hours=47)) == 0
    assert settlement.settle_orders(session, now=shop.now + timedelta(hours=48)) == 1
    assert settlement.settle_orders(session, now=shop.now + timedelta(hours=48)) == 0


def test_divides_to_the_cent_and_pays_each_once(shop: Market, session: Session) -> None:
    order = delivered(shop, 2, 3)
    payouts = settled(shop, order)
    fee = 24 + 28  # 5 % of 4.80 and of 5.55, rounded
    assert sum(p.amount_cents for p in payouts) == order.total_cents - fee
    later = shop.now + AFTER
    assert settlement.send_payouts(session, shop.gateways, now=later) == len(payouts) == 4
    assert settlement.send_payouts(session, shop.gateways, now=later) == 0
    sent = shop.gateways.payments.transfers  # type: ignore[attr-defined]
    assert sum(money.minor for money in sent.values()) == order.total_cents - fee
    assert ledger.balance(session, account=Account.BANK, order_id=order.id) == fee
    assert ledger.balance(session, account=Account.PLATFORM, order_id=order.id) == -fee
    assert money_breaches(shop, later) == []


def test_keeps_a_payout_until_the_farm_can_be_paid(shop: Market, session: Session) -> None:
    farm = session.get_one(Enterprise, shop.farms[0].id)
    with transaction(session):
        farm = session.get_one(Enterprise, shop.farms[0].id)
        farm.payouts_enabled = False
    order = delivered(shop, 1, 0)
    settled(shop, order)
    later = shop.now + AFTER
    settlement.send_payouts(session, shop.gateways, now=later)
    session.rollback()
    waiting = session.scalars(select(Payout).where(Payout.state == PayoutState.DUE)).all()
    assert [row.enterprise_id for row in waiting] == [farm.id]
    assert money_breaches(shop, later) == []


def test_sends_the_same_again_after_the_provider_was_away(shop: Market, session: Session) -> None:
    order = delivered(shop, 1, 0)
    settled(shop, order)
    shop.gateways.payments.down = True  # type: ignore[attr-defined]
    assert settlement.send_payouts(session, shop.gateways, now=shop.now + AFTER) == 0
    shop.gateways.payments.down = False  # type: ignore[attr-defined]
    assert settlement.send_payouts(session, shop.gateways, now=shop.now + AFTER + timedelta(hours=1)) == 3
    assert money_breaches(shop, shop.now + AFTER) == []


def refund(shop: Market, order: Order, cents: int, now) -> None:  # type: ignore[no-untyped-def]
    with transaction(shop.session):
        payment = shop.session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        payments.request_refund(shop.session, payment=payment, amount_cents=cents, reason="complaint", now=now)
    assert refunds.send_refunds(shop.session, shop.gateways, now=now) == 1


@pytest.mark.parametrize("moment", ["before settling", "before paying", "after paying"])
def test_takes_a_refund_back_from_everybody(shop: Market, session: Session, moment: str) -> None:
    order = delivered(shop, 2, 3)
    later = shop.now + AFTER
    if moment == "before settling":
        refund(shop, order, 333, later)
    settled(shop, order)
    if moment == "before paying":
        refund(shop, order, 333, later)
    settlement.send_payouts(session, shop.gateways, now=later)
    if moment == "after paying":
        refund(shop, order, 333, later)
        assert settlement.send_reversals(session, shop.gateways, now=later) == 4
        assert settlement.send_reversals(session, shop.gateways, now=later) == 0
    assert money_breaches(shop, later) == []
    bank = ledger.balance(session, account=Account.BANK, order_id=order.id)
    kept = ledger.balance(session, account=Account.PLATFORM, order_id=order.id)
    assert bank == -kept
    assert ledger.balance(session, account=Account.CUSTOMER, order_id=order.id) == 0


def test_gives_everything_back_when_the_hub_calls_an_order_off(shop: Market, session: Session) -> None:
    order = shop.order(2, 0)
    back = cancellation.cancel_by_hub(
        session, shop.gateways, order_id=order.id, hub_id=order.hub_id, why="storm", by=Actor("user", 1), now=shop.now
    )
    assert back == order.total_cents
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    session.rollback()
    assert session.get_one(Order, order.id, populate_existing=True).state is OrderState.CANCELLED
    assert checks.check_all(session, now=shop.now) == []


def test_finds_every_promise_kept_after_an_order_was_paid(shop: Market, session: Session) -> None:
    shop.order(2, 1)
    shop.place(shop.basket(1, 1))
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []


def test_sees_when_a_promise_is_broken(shop: Market, session: Session) -> None:
    from sqlalchemy import update

    from shortchain.stock.models import Lot

    shop.order(2, 1)
    session.rollback()
    session.execute(update(Lot).values(allocated=Lot.allocated + 1))
    assert {breach.promise for breach in checks.check_all(session, now=shop.now)} == {"P3 stock adds up"}
    session.rollback()
