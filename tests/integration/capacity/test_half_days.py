"""Half days in the ledger: a guard for each half and for the day, given back to the number, and a CHECK below it all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import CapacityGone, Want
from shortchain.capacity.models import CapacityBucket
from shortchain.checks import check_all
from shortchain.enterprises import weeks
from shortchain.enterprises.models import Capability
from shortchain.enterprises.weeks import HalfDay
from shortchain.journal import SYSTEM
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing import candidates
from shortchain.transaction import transaction
from shortchain.workflows import offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import THURSDAY

MONDAY = THURSDAY - timedelta(days=3)


@pytest.fixture
def packer(session: Session) -> Capability:
    candidates.forget()
    made = enterprises.packer(session)
    return session.scalars(select(Capability).where(Capability.enterprise_id == made.id)).one()


def plan(session: Session, packer: Capability, morning: int, afternoon: int, day: date = THURSDAY) -> None:
    kept = weeks.read(session, enterprise_id=packer.enterprise_id, monday=MONDAY)
    halves = [
        HalfDay(day, half, 2, 240, {packer.id: amount}) for half, amount in ((MORNING, morning), (AFTERNOON, afternoon))
    ]
    offering.save_week(
        session,
        enterprise_id=packer.enterprise_id,
        monday=MONDAY,
        version=kept.version,
        halves=halves,
        now=NOW,
        by=SYSTEM,
    )


def hold(session: Session, packer: Capability, key: str, amount: int, half: str = "") -> None:
    with transaction(session):
        wants = [Want(packer.id, THURSDAY, amount, half)]
        ledger.hold(session, key=key, claim=key, wants=wants, until=NOW + timedelta(hours=1), now=NOW)


def row(session: Session) -> tuple[int, ...]:
    session.rollback()
    one = session.scalars(select(CapacityBucket).execution_options(populate_existing=True)).one()
    return one.held + one.confirmed, one.cap, one.morning_taken, one.afternoon_taken


def test_guards_each_half_and_the_day_and_gives_back(session: Session, packer: Capability) -> None:
    plan(session, packer, 3, 5)
    hold(session, packer, "a", 3, MORNING)
    with pytest.raises(CapacityGone):
        hold(session, packer, "b", 1, MORNING)
    assert row(session) == (3, 8, 3, 0)
    hold(session, packer, "c", 4)  # at any time: there is room in the afternoon
    with pytest.raises(CapacityGone):
        hold(session, packer, "d", 2, AFTERNOON)  # the half has room for five, the day for one
    hold(session, packer, "d", 1, AFTERNOON)
    assert row(session) == (8, 8, 3, 1)
    with transaction(session):
        ledger.confirm(session, claim="a", now=NOW)
    assert row(session) == (8, 8, 3, 1)
    assert check_all(session, now=NOW) == []
    with transaction(session):
        ledger.release(session, claim="a", now=NOW)
        ledger.release(session, claim="d", now=NOW)
    assert row(session) == (4, 8, 0, 0)
    assert check_all(session, now=NOW) == []


def test_gives_a_half_back_when_another_want_is_short(session: Session, packer: Capability) -> None:
    plan(session, packer, 3, 5)
    other = enterprises.capability(session, session.get_one(enterprises.Enterprise, packer.enterprise_id), "WASH")
    day = [Want(packer.id, THURSDAY, 2, MORNING), Want(other.id, THURSDAY, 10**9)]
    with pytest.raises(CapacityGone), transaction(session):
        try:
            ledger.hold(session, key="x", claim="x", wants=day, until=NOW, now=NOW)
        except CapacityGone:
            found = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == packer.id)).one()
            session.refresh(found)
            assert (found.held, found.morning_taken) == (0, 0)
            raise


def test_counts_halves_also_before_anybody_plans_them(session: Session, packer: Capability) -> None:
    hold(session, packer, "a", 6, MORNING)  # the usual fifty a day, without halves
    assert row(session) == (6, 50, 6, 0)
    with pytest.raises(offering.BelowPromise) as refusal:
        plan(session, packer, 5, 20)
    [short] = refusal.value.short
    assert (short.day, short.half, short.amount) == (THURSDAY, MORNING, 6)
    plan(session, packer, 6, 20)
    assert row(session) == (6, 26, 6, 0)
    with pytest.raises(CapacityGone):
        hold(session, packer, "b", 1, MORNING)


def test_routing_sees_what_is_left_of_each_half(session: Session, packer: Capability) -> None:
    plan(session, packer, 3, 5)
    [found] = candidates.read_candidates(session, days=[THURSDAY])
    assert (found.free, found.halves) == ({THURSDAY: 8}, {THURSDAY: (3, 5)})
    hold(session, packer, "a", 2, MORNING)
    [found] = candidates.read_candidates(session, days=[THURSDAY])
    assert (found.free, found.halves) == ({THURSDAY: 6}, {THURSDAY: (1, 5)})
    given = {(packer.id, THURSDAY, MORNING): 2}
    [found] = candidates.read_candidates(session, days=[THURSDAY], freed=given)
    assert (found.free, found.halves) == ({THURSDAY: 8}, {THURSDAY: (3, 5)})


@pytest.mark.parametrize("column", ["morning_taken", "afternoon_taken"])
@pytest.mark.parametrize("value", [-1, 6])
def test_the_database_itself_refuses_too_much(session: Session, packer: Capability, column: str, value: int) -> None:
    plan(session, packer, 5, 5)
    hold(session, packer, "a", 1)
    with pytest.raises(IntegrityError), transaction(session):
        session.execute(update(CapacityBucket).values({column: value}))


def test_the_check_finds_a_half_that_does_not_add_up(session: Session, packer: Capability) -> None:
    hold(session, packer, "a", 1, MORNING)
    with transaction(session):
        session.execute(update(CapacityBucket).values(morning_taken=2))
    [breach] = check_all(session, now=NOW)
    assert breach.promise.startswith("P4") and "half days 2+0, reservations 1+0" in breach.what
