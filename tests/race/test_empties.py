"""The same empties are taken at several desks at the same moment: their deposit goes back once."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.containers.models import MoveReason, PackagingMove
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import OrderDeposit
from shortchain.payments.models import Refund
from shortchain.transaction import transaction
from shortchain.workflows import empties
from tests.race.test_checkout import at_once
from tests.support.empties import JAR_CENTS, deliver, in_jars
from tests.support.market import Market, market

pytestmark = pytest.mark.race
MANY = 4


def out(session: Session, gateways: Gateways) -> tuple[Market, str, str, int]:
    """Have four jars with a customer; gives the order's number, the container and who may take it."""
    shop = market(session, gateways)
    jar = in_jars(shop).public_id
    order = shop.order(0, 4)
    number, hub_id = order.number, order.hub_id
    deliver(shop, order)
    session.rollback()
    return shop, number, jar, hub_id


def returned(session: Session) -> tuple[int, int, int]:
    """Count what came back by the deposits, by the moves, and in cents by the refunds."""
    session.rollback()
    moved = select(func.sum(PackagingMove.count)).where(PackagingMove.reason == MoveReason.RETURNED)
    return (
        int(session.scalar(select(func.sum(OrderDeposit.returned))) or 0),
        int(session.scalar(moved) or 0),
        int(session.scalar(select(func.sum(Refund.amount_cents))) or 0),
    )


@pytest.mark.parametrize("is_same_press", [False, True])
def test_gives_the_deposit_back_once(app: Flask, session: Session, gateways: Gateways, is_same_press: bool) -> None:
    shop, order, jar, hub_id = out(session, gateways)
    now = shop.now

    def press(own: Session, number: int) -> str:
        key = "the-same-press" if is_same_press else f"desk-{number}"
        back = empties.take_back(own, number=order, enterprise_id=hub_id, counts={jar: 3}, key=key, by=SYSTEM, now=now)
        return str(back.cents)

    again = "0" if is_same_press else "MoreThanOut"
    assert at_once(app, MANY, press) == {str(3 * JAR_CENTS): 1, again: MANY - 1}
    assert returned(session) == (3, 3, 3 * JAR_CENTS)
    found = checks.check_all(session, now=now)
    assert [breach for breach in found if breach.promise.startswith(("P1", "P2", "P3"))] == []


def test_shows_that_counting_before_the_lock_gives_it_back_many_times(
    app: Flask, session: Session, gateways: Gateways
) -> None:
    """The control: desks that look how many are out, wait, and then write what they saw, each pay for three of four."""
    out(session, gateways)
    deposit_id = session.scalars(select(OrderDeposit.id)).one()
    session.rollback()
    seen = threading.Barrier(MANY)

    def press(own: Session, number: int) -> str:
        row = own.get_one(OrderDeposit, deposit_id)
        were_out, came_back = row.out, row.returned
        own.rollback()
        seen.wait()
        if were_out < 3:
            return "MoreThanOut"
        with transaction(own):
            own.get_one(OrderDeposit, deposit_id).returned = came_back + 3
        return str(3 * JAR_CENTS)

    assert at_once(app, MANY, press) == {str(3 * JAR_CENTS): MANY}  # twelve jars were paid of four
