"""Many orders at once for the last places of a packer's day. Each race is shown, then stopped."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import (
    CapacityBucket,
    Reservation,
    ReservationLine,
    ReservationState,
)
from shortchain.database import db
from shortchain.enterprises.models import Capability
from shortchain.fulfilment.models import Job
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing.plans import Unroutable
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, fulfilment, ordering
from tests.support.factories.fulfilment import THURSDAY, WEDNESDAY

pytestmark = pytest.mark.race
NOW = MONDAY_MORNING
UNTIL = NOW + timedelta(minutes=30)


def at_once(app: Flask, count: int, deed: Callable[[Session, int], str]) -> Counter[str]:
    """Do a deed in `count` threads that start together; counts the answers."""
    gate, answers, lock = threading.Barrier(count), Counter[str](), threading.Lock()

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answer = deed(db.session(), number)
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            db.session.remove()
        with lock:
            answers[answer] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def packer_with(session: Session, places: int) -> int:
    packer = enterprises.packer(session, capacity=(places,) * 7)
    return session.scalars(select(Capability.id).where(Capability.enterprise_id == packer.id)).one()


def promised(session: Session, capability_id: int) -> tuple[int, int]:
    """Give what the bucket counts, and what the reservations add up to."""
    session.rollback()
    held = session.scalar(
        select(CapacityBucket.held + CapacityBucket.confirmed).where(CapacityBucket.capability_id == capability_id)
    )
    lines = session.scalar(
        select(func.coalesce(func.sum(ReservationLine.amount), 0))
        .join(Reservation, Reservation.id == ReservationLine.reservation_id)
        .where(Reservation.state != ReservationState.RELEASED)
    )
    return int(held or 0), int(lines or 0)


def test_reserves_exactly_the_three_places_that_are_left(app: Flask, session: Session) -> None:
    capability = packer_with(session, 3)

    def hold(own: Session, number: int) -> str:
        try:
            with transaction(own):
                ledger.hold(
                    own,
                    key=f"race:{number}",
                    claim=f"claim {number}",
                    wants=[Want(capability, WEDNESDAY, 1)],
                    until=UNTIL,
                    now=NOW,
                )
        except CapacityGone:
            return "gone"
        return "held"

    assert at_once(app, 20, hold) == {"held": 3, "gone": 17}
    assert promised(session, capability) == (3, 3)


def test_shows_that_looking_first_and_writing_later_reserves_too_much(app: Flask, session: Session) -> None:
    """The control: the same race without the guarded update, so that the test above proves something."""
    capability = packer_with(session, 3)
    bucket = ledger.bucket_id(session, capability_id=capability, day=WEDNESDAY)
    session.commit()
    seen = threading.Barrier(20)

    def hold_naively(own: Session, number: int) -> str:
        row = own.get_one(CapacityBucket, bucket)
        free = row.cap - row.held
        own.rollback()
        seen.wait()
        if free < 1:
            return "gone"
        with transaction(own):
            own.get_one(CapacityBucket, bucket).held = row.cap - free + 1
        return "held"

    assert at_once(app, 20, hold_naively)["held"] > 3


def test_reserves_exactly_the_three_places_of_a_morning(app: Flask, session: Session) -> None:
    capability = packer_with(session, 40)
    bucket = ledger.bucket_id(session, capability_id=capability, day=WEDNESDAY)
    session.get_one(CapacityBucket, bucket).morning_cap = 3
    session.commit()

    def hold(own: Session, number: int) -> str:
        wants = [Want(capability, WEDNESDAY, 1, MORNING if number % 2 else AFTERNOON)]
        try:
            with transaction(own):
                ledger.hold(own, key=f"half:{number}", claim=f"claim {number}", wants=wants, until=UNTIL, now=NOW)
        except CapacityGone:
            return "gone"
        return "held"

    assert at_once(app, 20, hold) == {"held": 13, "gone": 7}
    assert promised(session, capability) == (13, 13)
    row = session.get_one(CapacityBucket, bucket)
    assert (row.morning_taken, row.afternoon_taken) == (3, 10)


def test_shows_that_looking_at_a_morning_first_takes_too_much(app: Flask, session: Session) -> None:
    """The control for the half day: without the guarded update all twenty get one of three places."""
    capability = packer_with(session, 40)
    bucket = ledger.bucket_id(session, capability_id=capability, day=WEDNESDAY)
    session.get_one(CapacityBucket, bucket).morning_cap = 3
    session.commit()
    seen = threading.Barrier(20)

    def hold_naively(own: Session, number: int) -> str:
        row = own.get_one(CapacityBucket, bucket)
        taken, cap = row.morning_taken, row.morning_cap or 0
        own.rollback()
        seen.wait()
        if taken >= cap:
            return "gone"
        with transaction(own):
            own.get_one(CapacityBucket, bucket).morning_taken = taken + 1
        return "held"

    assert at_once(app, 20, hold_naively)["held"] > 3


def test_counts_a_repeat_of_the_same_key_once(app: Flask, session: Session) -> None:
    capability = packer_with(session, 10)

    def hold(own: Session, _number: int) -> str:
        for _ in range(20):
            try:
                with transaction(own):
                    ledger.hold(
                        own,
                        key="the same",
                        claim="claim",
                        wants=[Want(capability, WEDNESDAY, 1)],
                        until=UNTIL,
                        now=NOW,
                    )
                return "held"
            except Exception as error:  # the unique key refuses the second writer, who then asks again
                if "UNIQUE" not in str(error).upper():
                    raise
        return "never"

    assert at_once(app, 8, hold) == {"held": 8}
    assert promised(session, capability) == (1, 1)


def test_never_locks_two_chains_that_want_the_same_places_in_turn(app: Flask, session: Session) -> None:
    first, second = packer_with(session, 50), packer_with(session, 50)

    def hold(own: Session, number: int) -> str:
        wants = [Want(first, WEDNESDAY, 1), Want(second, THURSDAY, 1)]
        with transaction(own):
            ledger.hold(
                own,
                key=f"k{number}",
                claim=f"c{number}",
                wants=wants if number % 2 else wants[::-1],
                until=UNTIL,
                now=NOW,
            )
        return "held"

    assert at_once(app, 16, hold) == {"held": 16}


def test_lays_exactly_three_chains_through_a_packer_with_three_places(app: Flask, session: Session) -> None:
    farm = enterprises.farm(session)
    enterprises.packer(session, capacity=(0, 0, 3, 0, 0, 0, 0))
    enterprises.deliverer(session)
    cycle = catalogue.cycle(session, closes_at=NOW + timedelta(hours=4))
    window, product = catalogue.window(session, cycle), catalogue.product(session, farm)
    offer = catalogue.offer(session, product, cycle)
    orders = []
    for _ in range(20):
        order = ordering.order(session, cycle, window)
        ordering.order_line(session, order, offer, product)
        orders.append(order.id)

    def lay(own: Session, number: int) -> str:
        from shortchain.ordering.models import Order

        try:
            fulfilment.laid_order(own, own.get_one(Order, orders[number]))
        except (CapacityGone, Unroutable):
            return "gone"
        return "laid"

    assert at_once(app, 20, lay) == {"laid": 3, "gone": 17}
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Job)) == 6, "a packer and a deliverer for each of three"
