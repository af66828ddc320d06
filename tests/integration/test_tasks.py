"""The worker: a sweep that does what is due, nudges that hurry it, and one failure that stops nothing."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import progress, tasks
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment
from shortchain.workflows import asking_payment
from tests.support.clock import Clock
from tests.support.fake_gateways import signed
from tests.support.market import market


def paid_but_unheard(session: Session, gateways: Gateways) -> tuple[int, str]:
    """Have an order whose payment only the provider knows of; gives its id and the reference."""
    shop = market(session, gateways)
    placed = shop.place(shop.basket(1, 1))
    asking_payment.start_payment(
        session,
        gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    reference = session.get_one(Payment, placed.payment_id, populate_existing=True).reference or ""
    session.rollback()
    gateways.payments.pay(reference)
    return placed.order_id, reference


def state_of(session: Session, order_id: int) -> OrderState:
    session.rollback()
    return session.scalars(select(Order.state).where(Order.id == order_id)).one()


def test_finds_what_is_due_without_any_nudge(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> None:
    order_id, _reference = paid_but_unheard(session, gateways)
    clock.move(minutes=3)
    assert tasks.run_sweep(app, hourly=True) == []
    assert state_of(session, order_id) is OrderState.CONFIRMED
    assert [mail.to for mail in gateways.mailer.sent if mail.to == "nele@post.example"]
    assert progress.last_beat(session, name="worker") == clock.now


def test_changes_nothing_when_it_sweeps_again(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> None:
    paid_but_unheard(session, gateways)
    clock.move(minutes=3)
    tasks.run_sweep(app)
    sent = len(gateways.mailer.sent)
    calls = gateways.payments.names().count("status")
    for _ in range(3):
        assert tasks.run_sweep(app) == []
    assert len(gateways.mailer.sent) == sent
    assert gateways.payments.names().count("status") == calls


def test_goes_on_with_the_rest_when_one_chore_fails(
    app: Flask, session: Session, gateways: Gateways, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned(_session: Session, _gateways: Gateways, _now: datetime) -> None:
        raise RuntimeError("poisoned")

    order_id, _reference = paid_but_unheard(session, gateways)
    clock.move(minutes=3)
    monkeypatch.setitem(tasks.CHORES, "webhooks", poisoned)
    assert tasks.run_sweep(app) == ["webhooks"]
    assert state_of(session, order_id) is OrderState.CONFIRMED


def test_works_on_a_webhook_at_once_when_it_is_nudged(
    app: Flask, client: Any, session: Session, gateways: Gateways
) -> None:
    order_id, reference = paid_but_unheard(session, gateways)
    event = signed("evt_1", "checkout.session.completed", id=reference, object="checkout.session")
    assert client.post("/webhooks/stripe", **event, token=False).status_code == 200
    assert state_of(session, order_id) is OrderState.AWAITING_PAYMENT
    stop = threading.Event()
    worker = threading.Thread(target=tasks.work, args=(app,), kwargs={"pause": 3600, "stop": stop})
    worker.start()
    try:
        end = time.monotonic() + 15
        while state_of(session, order_id) is not OrderState.CONFIRMED:
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        stop.set()
        worker.join(timeout=30)
    assert not worker.is_alive()


def test_never_fails_a_request_because_the_queue_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    nudges = app.extensions["shortchain.nudge"]

    def away(*_args: object, **_more: object) -> None:
        raise OSError("no queue")

    monkeypatch.setattr(nudges.huey, "enqueue", away)
    nudges("mails")


def test_is_ready_only_while_a_worker_lives(app: Flask, client: Any, session: Session, clock: Clock) -> None:
    clock.now = datetime.now(UTC)
    assert client.get("/readyz").status_code == 503
    tasks.run_sweep(app)
    assert client.get("/readyz").get_json()["checks"]["worker"] is True
    clock.move(minutes=10)
    assert client.get("/readyz").get_json()["checks"]["worker"] is False
