"""One day pass left in a year, several who write one down at once: the city sold no more."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.data.zones import zones
from shortchain.enterprises.models import VehicleRight
from shortchain.journal import SYSTEM
from shortchain.transaction import transaction
from shortchain.workflows import fleet
from tests.race.test_checkout import at_once
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises, fulfilment

pytestmark = pytest.mark.race

FIRST = date(2026, 3, 2)
MOST = zones()["ANT"].day_passes or 0
AT_ONCE = 6


def van_with_one_left(session: Session) -> tuple[int, int, str]:
    """Make a vehicle that had all its passes of the year but one; gives its carrier, its id and its public id."""
    carrier = enterprises.deliverer(session, name="De Rijder")
    van = fulfilment.courier(session, carrier, vehicle="VAN_M", fuel="diesel", euro=4)
    session.add_all(pass_on(van.id, FIRST + timedelta(days=n)) for n in range(MOST - 1))
    session.commit()
    found = carrier.id, van.id, van.public_id
    session.rollback()
    return found


def pass_on(courier_id: int, day: date) -> VehicleRight:
    return VehicleRight(courier_id=courier_id, zone="ANT", first_day=day, last_day=day, note="", is_day_pass=True)


def passes(session: Session, courier_id: int) -> int:
    session.rollback()
    query = select(func.count(VehicleRight.id)).where(VehicleRight.courier_id == courier_id, VehicleRight.is_day_pass)
    return session.execute(query).scalar_one()


def test_the_last_pass_is_given_once(app: Flask, session: Session) -> None:
    carrier, courier, public_id = van_with_one_left(session)

    def write_down(own: Session, number: int) -> str:
        day = FIRST + timedelta(days=100 + number)
        fleet.grant_right(
            own,
            enterprise_id=carrier,
            public_id=public_id,
            zone="ANT",
            first_day=day,
            last_day=day,
            note="",
            is_day_pass=True,
            now=NOW,
            by=SYSTEM,
        )
        return "given"

    assert at_once(app, AT_ONCE, write_down) == {"given": 1, "BadRight": AT_ONCE - 1}
    assert passes(session, courier) == MOST


def test_shows_that_counting_first_gives_more(app: Flask, session: Session) -> None:
    """The control: who counts, waits and writes believes each time that one was left."""
    _carrier, courier, _public_id = van_with_one_left(session)
    seen = threading.Barrier(AT_ONCE)

    def write_naively(own: Session, number: int) -> str:
        count = passes(own, courier)
        seen.wait()
        if count >= MOST:
            return "none left"
        with transaction(own):
            own.add(pass_on(courier, FIRST + timedelta(days=100 + number)))
        return "given"

    assert at_once(app, AT_ONCE, write_naively)["given"] > 1
    assert passes(session, courier) > MOST
