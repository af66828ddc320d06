"""Two tabs, two payments, one order: the parts come in at the same instant and the order stands once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment, PaymentState
from shortchain.transaction import transaction
from shortchain.workflows import payment_events
from tests.race.test_checkout import at_once
from tests.support.market import Market, market
from tests.support.splitting import opened_twice

pytestmark = pytest.mark.race


def both_paid(shop: Market) -> tuple[int, tuple[int, int]]:
    """Have an order of which both parts were paid at the provider, and nobody heard of it yet."""
    placed, ids, references = opened_twice(shop)
    for reference in references:
        shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
    shop.session.rollback()
    return placed.order_id, ids


def hear(gateways: Gateways, ids: tuple[int, int], now: object) -> Callable[[Session, int], str]:
    def deed(own: Session, number: int) -> str:
        payment_events.look_up(own, gateways, payment_id=ids[number % 2], now=now)  # type: ignore[arg-type]
        return "heard"

    return deed


def test_stands_once_when_both_parts_come_at_once(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    for _ in range(4):
        order_id, ids = both_paid(shop)
        assert at_once(app, 6, hear(gateways, ids, shop.now))["heard"] == 6
        session.rollback()
        order = session.get_one(Order, order_id, populate_existing=True)
        assert order.state is OrderState.CONFIRMED
    assert session.scalar(select(func.count()).where(Notice.template == "order_confirmed")) == 4
    assert session.scalar(select(func.count()).where(Payment.state == PaymentState.CAPTURED)) == 8
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []


def test_shows_that_without_the_lock_neither_is_the_last(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: each notes its own part, looks whether the other is there, and leaves the rest to it."""
    shop = market(session, gateways)
    order_id, ids = both_paid(shop)
    seen = threading.Barrier(2)

    def follow_naively(own: Session, number: int) -> str:
        other = own.get_one(Payment, ids[1 - number])
        is_last = other.state is PaymentState.CAPTURED
        own.rollback()
        seen.wait()
        with transaction(own):
            payments.lock(own, payment_id=ids[number]).move("capture")
            if is_last:
                orders.move(own, order=orders.lock(own, order_id=order_id), action="confirm", by=None, now=shop.now)  # type: ignore[arg-type]
        return "last" if is_last else "not the last"

    assert at_once(app, 2, follow_naively) == {"not the last": 2}
    session.rollback()
    assert session.get_one(Order, order_id, populate_existing=True).state is OrderState.AWAITING_PAYMENT
    broken = [breach.promise for breach in checks.check_all(session, now=shop.now)]
    assert "P2 one charge an order" in broken  # it is paid whole, and does not stand
