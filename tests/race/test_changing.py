"""A customer presses twice, or a farm tells a shortage at the same time. Shown without the lock, then stopped."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.payments import line_refunds, order_changes
from shortchain.payments import operations as payments
from shortchain.payments.models import Refund
from shortchain.transaction import transaction
from shortchain.workflows import changing
from tests.race.test_checkout import at_once
from tests.support.complaining import lines_of
from tests.support.market import market

pytestmark = pytest.mark.race
MANY = 4


def given_back(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.coalesce(func.sum(Refund.amount_cents), 0))) or 0


def test_takes_off_once_though_many_press(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=20)
    order = shop.order(1, 3)
    token, now = tracking_token(order.key), shop.now
    line = lines_of(shop, order)[1].id
    session.rollback()

    def press(own: Session, number: int) -> str:
        return str(changing.take_off(own, token=token, keep={line: 1}, by=GUEST, now=now))

    assert at_once(app, MANY, press) == {"370": 1, "0": MANY - 1}
    assert given_back(session) == 370
    assert checks.check_all(session, now=now) == []


def test_shows_that_looking_before_the_lock_gives_it_back_many_times(
    app: Flask, session: Session, gateways: Gateways
) -> None:
    """The control: who works out what comes off first and locks later gives the money back each time."""
    shop = market(session, gateways, left=20)
    order = shop.order(1, 3)
    order_id, now = order.id, shop.now
    line = lines_of(shop, order)[1].id
    session.rollback()
    seen = threading.Barrier(MANY)

    def press(own: Session, number: int) -> str:
        [cut] = order_changes.cuts(own, order=own.get_one(Order, order_id), keep={line: 2})
        own.rollback()
        seen.wait()
        with transaction(own):
            (payment,) = payments.captured_of(own, order_id=order_id)
            payments.lock(own, payment_id=payment.id)
            payments.request_refund(
                own, payment=payment, amount_cents=cut.back_cents, reason=line_refunds.CHANGED, line_id=line, now=now
            )
        return str(cut.back_cents)

    assert at_once(app, MANY, press) == {"185": MANY}
    assert given_back(session) == MANY * 185
