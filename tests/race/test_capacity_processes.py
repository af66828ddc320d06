"""The ledger under processes of their own, as web workers are: eight on PostgreSQL, four on SQLite (`routing.md` C1)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.models import CapacityBucket, Reservation, ReservationLine, ReservationState
from shortchain.enterprises.models import Capability
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import WEDNESDAY
from tests.support.forks import processes
from tests.support.holding import hold_many, hold_naively

pytestmark = pytest.mark.race
PROCESSES = {"sqlite": 4, "postgresql": 8}
PLACES = (20, 45, 70)
START_S = 1.0


def packers(session: Session, places: Sequence[int]) -> list[int]:
    """Make packers with so many places a day; gives their capabilities."""
    made = [enterprises.packer(session, capacity=(count,) * 7) for count in places]
    found = [session.scalars(select(Capability.id).where(Capability.enterprise_id == one.id)).one() for one in made]
    session.commit()
    return found


def in_processes(count: int, deed: Callable[..., Counter[str]], url: str, what: object) -> Counter[str]:
    """Do a deed in processes that start together; adds the answers up."""
    with processes().Pool(count) as pool:
        pool.map(abs, range(count))  # everybody has read the program
        starts_at = time.time() + START_S
        answers = pool.starmap(deed, [(url, what, number, starts_at) for number in range(count)], chunksize=1)
    return sum(answers, Counter[str]())


def url_of(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"])


def test_processes_never_promise_more_than_there_is(app: Flask, session: Session, database_kind: str) -> None:
    capabilities = packers(session, PLACES)
    answers = in_processes(PROCESSES[database_kind], hold_many, url_of(app), capabilities)
    assert set(answers) <= {"held", "gone", "repeat"}
    assert answers["gone"], "the market was full, or nothing was tried"
    session.rollback()
    buckets = session.execute(
        select(CapacityBucket.capability_id, CapacityBucket.cap, CapacityBucket.held + CapacityBucket.confirmed)
    ).all()
    written = dict(
        session.execute(
            select(CapacityBucket.capability_id, func.sum(ReservationLine.amount))
            .join(ReservationLine, ReservationLine.bucket_id == CapacityBucket.id)
            .join(Reservation, Reservation.id == ReservationLine.reservation_id)
            .where(Reservation.state != ReservationState.RELEASED)
            .group_by(CapacityBucket.capability_id)
        ).all()
    )
    assert {number: taken for number, _cap, taken in buckets} == written, "ledger and counters say the same"
    assert all(taken <= cap for _number, cap, taken in buckets)
    assert any(taken == cap for _number, cap, taken in buckets), "it was tight"
    keys = session.scalars(select(Reservation.key)).all()
    assert len(keys) == len(set(keys))
    held = session.scalar(select(func.count()).select_from(Reservation))
    assert held is not None
    assert held <= answers["held"], "a repeat of a key is answered and takes nothing"


def test_processes_that_look_first_and_write_later_promise_too_much(
    app: Flask, session: Session, database_kind: str
) -> None:
    """The control: without the guarded update the same processes give away places that are not there."""
    (capability,) = packers(session, [60])
    bucket = ledger.bucket_id(session, capability_id=capability, day=WEDNESDAY)
    session.commit()
    answers = in_processes(PROCESSES[database_kind], hold_naively, url_of(app), bucket)
    assert answers["held"] > 60
