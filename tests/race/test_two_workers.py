"""Several workers sweep at the same moment: each thing is done once."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks, tasks
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice, NoticeState
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Payment, Refund, RefundState
from shortchain.workflows import asking_payment, cancellation
from tests.support.clock import Clock
from tests.support.market import Market, market

pytestmark = pytest.mark.race
WORKERS = 4


def sweep_at_once(app: Flask, times: int = 1) -> None:
    """Let several workers sweep, starting together."""
    gate = threading.Barrier(WORKERS)

    def work() -> None:
        gate.wait()
        for _ in range(times):
            tasks.run_sweep(app)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def paid_pages(shop: Market, session: Session, gateways: Gateways, count: int) -> list[int]:
    """Have orders that are paid at the provider and of which we have not heard."""
    made = []
    for _ in range(count):
        placed = shop.place(shop.basket(1, 1))
        asking_payment.start_payment(
            session,
            gateways,
            payment_id=placed.payment_id,
            token=placed.token,
            base_url="http://shop.example",
            now=shop.now,
        )
        reference = session.get_one(Payment, placed.payment_id, populate_existing=True).reference
        gateways.payments.pay(reference)
        made.append(placed.order_id)
    session.rollback()
    return made


def test_confirms_and_mails_each_order_once(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> None:
    shop = market(session, gateways)
    placed = paid_pages(shop, session, gateways, 5)
    clock.move(minutes=3)
    sweep_at_once(app, times=2)
    session.expire_all()
    states = session.scalars(select(Order.state).where(Order.id.in_(placed))).all()
    assert set(states) == {OrderState.CONFIRMED}
    sent = Counter(mail.message_id for mail in gateways.mailer.sent)
    assert set(sent.values()) == {1}
    assert len([mail for mail in gateways.mailer.sent if mail.to == "nele@post.example"]) == 5
    assert set(session.scalars(select(Notice.state))) == {NoticeState.SENT}
    assert checks.check_all(session, now=clock.now) == []


def test_sends_each_refund_once(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> None:
    shop = market(session, gateways)
    for _ in range(4):
        order = shop.order(1, 1)
        token = tracking_token(order.key)
        session.rollback()
        cancellation.cancel_by_customer(session, gateways, token=token, by=SYSTEM, now=shop.now)
    sweep_at_once(app)
    session.rollback()
    session.expire_all()
    refunds = session.scalars(select(Refund)).all()
    assert [refund.state for refund in refunds] == [RefundState.DONE] * 4
    assert len(gateways.payments.refunds) == 4  # the same key never makes a second one
    assert checks.check_all(session, now=clock.now) == []


def test_lets_each_unpaid_order_go_once(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> None:
    shop = market(session, gateways)
    for _ in range(5):
        shop.place(shop.basket(2, 1))
    session.rollback()
    clock.move(minutes=31)
    sweep_at_once(app)
    session.expire_all()
    assert set(session.scalars(select(Order.state))) == {OrderState.EXPIRED}
    told = session.scalars(select(Notice).where(Notice.template == "order_expired")).all()
    assert len(told) == 5
    assert checks.check_all(session, now=clock.now) == []  # stock, capacity and places came back once
