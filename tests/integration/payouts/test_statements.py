"""What a farm reads of its money is what the ledger holds, to the cent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment
from shortchain.payouts import statements
from shortchain.payouts.models import Payout
from shortchain.transaction import transaction
from shortchain.workflows import refunds, settlement
from tests.support.market import Market, market

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def settled(shop: Market, *amounts: int) -> Order:
    order = shop.order(*amounts)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()
    return order


def test_sold_less_fee_is_what_is_paid(shop: Market, session: Session) -> None:
    order = settled(shop, 3, 2)
    farm = shop.farms[0].id
    payout = session.scalars(select(Payout).where(Payout.enterprise_id == farm)).one()
    [week] = statements.weeks(session, enterprise_id=farm)
    [one] = week.orders
    assert (one.number, one.goods_cents, one.fee_cents, one.state) == (order.number, 720, 36, "due")
    assert one.owed_cents == payout.amount_cents == statements.balance(session, enterprise_id=farm)
    assert one.owed_cents == one.goods_cents + one.work_cents - one.fee_cents
    assert statements.coming(session, enterprise_id=farm) == []
    session.rollback()
    settlement.send_payouts(session, shop.gateways, now=shop.now + AFTER)
    session.rollback()
    [week] = statements.weeks(session, enterprise_id=farm)
    assert (week.paid_cents, week.orders[0].state) == (week.owed_cents, "paid")
    assert statements.balance(session, enterprise_id=farm) == 0


def test_says_what_is_coming_as_it_will_be_divided(shop: Market, session: Session) -> None:
    farm = shop.farms[0].id
    order = shop.order(3, 2)
    [expected] = statements.coming(session, enterprise_id=farm)
    assert (expected.number, expected.from_at) == (order.number, None)
    assert expected.owed_cents == 720 - 36


def test_says_when_money_is_held_because_the_account_is_not_ready(shop: Market, session: Session) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).payouts_enabled = False
    settled(shop, 1, 0)
    [week] = statements.weeks(session, enterprise_id=shop.farms[0].id)
    assert week.orders[0].state == "held"


@pytest.mark.parametrize("is_paid", [False, True])
def test_takes_a_refund_off_every_part(shop: Market, session: Session, is_paid: bool) -> None:
    order = settled(shop, 3, 2)
    farm, later = shop.farms[0].id, shop.now + AFTER
    if is_paid:
        settlement.send_payouts(session, shop.gateways, now=later)
        session.rollback()
    with transaction(session):
        payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
        payments.request_refund(session, payment=payment, amount_cents=order.total_cents, reason="complaint", now=later)
    refunds.send_refunds(session, shop.gateways, now=later)
    settlement.send_reversals(session, shop.gateways, now=later)
    session.rollback()
    [week] = statements.weeks(session, enterprise_id=farm)
    assert (week.goods_cents, week.fee_cents, week.owed_cents, week.paid_cents) == (0, 0, 0, 0)
    assert statements.balance(session, enterprise_id=farm) == 0
