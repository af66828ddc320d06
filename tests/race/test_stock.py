"""Sixty buyers for five pieces. The race is shown with naive code, then stopped by the real one."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.database import db
from shortchain.stock import allocations
from shortchain.stock.allocations import SoldOut, Wanted
from shortchain.stock.models import Allocation, AllocationState, Lot
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises, stock
from tests.support.factories.fulfilment import THURSDAY

pytestmark = pytest.mark.race
BUYERS, PIECES = 60, 5
UNTIL = NOW + timedelta(minutes=30)


def at_once(app: Flask, deed: Callable[[Session, int], str]) -> Counter[str]:
    """Let all buyers buy in the same instant, a few connections at a time."""
    gate, answers, lock = threading.Barrier(BUYERS), Counter[str](), threading.Lock()
    doors = threading.Semaphore(12)

    def run(number: int) -> None:
        gate.wait()
        with doors, app.app_context():
            try:
                answer = deed(db.session(), number)
            except SoldOut:
                answer = "sold out"
            db.session.remove()
        with lock:
            answers[answer] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def five_pieces(session: Session) -> tuple[int, int]:
    product = catalogue.product(session, enterprises.farm(session))
    return product.id, stock.lot(session, product, quantity=PIECES).id


def test_sells_exactly_five(app: Flask, session: Session) -> None:
    product, lot = five_pieces(session)

    def buy(own: Session, number: int) -> str:
        with transaction(own):
            allocations.hold(own, wanted=[Wanted(f"claim {number}", product, 1, THURSDAY)], until=UNTIL, now=NOW)
        return "bought"

    assert at_once(app, buy) == {"bought": PIECES, "sold out": BUYERS - PIECES}
    session.rollback()
    assert session.scalar(select(Lot.allocated).where(Lot.id == lot)) == PIECES
    assert (
        session.scalar(select(func.sum(Allocation.amount)).where(Allocation.state != AllocationState.RELEASED))
        == PIECES
    )


def test_serves_baskets_of_two_farms_in_any_order_without_a_deadlock(app: Flask, session: Session) -> None:
    (one, first), (other, second) = five_pieces(session), five_pieces(session)

    def buy(own: Session, number: int) -> str:
        both = [Wanted(f"a{number}", one, 1, THURSDAY), Wanted(f"b{number}", other, 1, THURSDAY)]
        with transaction(own):
            allocations.hold(own, wanted=both if number % 2 else both[::-1], until=UNTIL, now=NOW)
        return "bought"

    assert at_once(app, buy) == {"bought": PIECES, "sold out": BUYERS - PIECES}
    session.rollback()
    taken = session.scalars(select(Lot.allocated).where(Lot.id.in_([first, second]))).all()
    assert taken == [PIECES, PIECES]


def test_would_sell_too_many_without_the_guard(app: Flask, session: Session) -> None:
    """Look first, sell after: what the shop would do without `WHERE allocated + x <= quantity`."""
    _product, lot = five_pieces(session)
    looked = threading.Barrier(12)

    def buy(own: Session, number: int) -> str:
        left = own.scalar(select(Lot.quantity - Lot.allocated).where(Lot.id == lot))
        own.rollback()
        if number < 12 and not looked.broken:
            with contextlib.suppress(threading.BrokenBarrierError):
                looked.wait(timeout=2)  # twelve have looked and none has sold
        if not left:
            raise SoldOut([])
        with transaction(own):
            own.add(
                Allocation(
                    lot_id=lot,
                    claim=f"naive {number}",
                    amount=1,
                    state=AllocationState.COMMITTED,
                    held_until=None,
                    created_at=NOW,
                )
            )
        return "bought"

    assert at_once(app, buy)["bought"] > PIECES
