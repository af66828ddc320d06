"""Two tabs add to one order at once: one of them holds, and the last of the stock is held once."""

from __future__ import annotations

import secrets
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.clearing import additions
from shortchain.clearing.models import AdditionState, OrderAddition
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.transaction import transaction
from shortchain.workflows import adding
from tests.race.test_checkout import at_once
from tests.support.market import market

pytestmark = pytest.mark.race


def test_holds_one_addition_at_a_time(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    order = shop.order(1, 1)
    token, now = orders.tracking_token(order.key), shop.now
    baskets = [shop.basket(1, 1) for _ in range(6)]
    total = adding.quote(session, gateways, token=token, basket=baskets[0], now=now).sheet.total_cents
    session.rollback()

    def ask(own: Session, number: int) -> str:
        adding.ask(
            own,
            gateways,
            token=token,
            key=secrets.token_hex(16),
            basket=baskets[number],
            method="card",
            accepted_total_cents=total,
            by=GUEST,
            now=now,
        )
        return "held"

    assert at_once(app, 6, ask) == {"held": 1, "OneAtATime": 5}
    session.rollback()
    assert checks.check_all(session, now=now) == []


def test_shows_that_looking_first_holds_many(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: who looks without the order's lock sees nothing waiting, and neither does the other."""
    shop = market(session, gateways)
    order_id, now = shop.order(1, 1).id, shop.now
    session.rollback()
    seen = threading.Barrier(4)

    def ask_naively(own: Session, number: int) -> str:
        waits = additions.waiting_of(own, order_id=order_id)
        own.rollback()
        seen.wait()
        if waits is not None:
            return "waits"
        with transaction(own):
            own.add(
                OrderAddition(
                    order_id=order_id,
                    key=secrets.token_hex(16),
                    state=AdditionState.WAITING,
                    goods_cents=1,
                    services_cents=0,
                    deposit_cents=0,
                    total_cents=1,
                    content={"lines": [], "work": [], "ways": [], "fees": [], "deposits": []},
                    hold_until=now,
                    created_at=now,
                )
            )
        return "held"

    assert at_once(app, 4, ask_naively)["held"] == 4
    session.rollback()
    assert session.scalar(select(func.count()).select_from(OrderAddition)) == 4
