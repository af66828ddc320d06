"""A planned week goes before the usual one, and never below what is promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.models import CapacityBucket
from shortchain.enterprises import capabilities, weeks
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import Capability, DayCapacity
from shortchain.enterprises.weeks import BadWeek, HalfDay
from shortchain.journal import Actor
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.kernel.ports import Gateways
from shortchain.routing import candidates
from shortchain.transaction import transaction
from shortchain.workflows import housekeeping, offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises
from tests.support.market import market

MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)
BY = Actor("user", 1)


def capability_of(session: Session, enterprise_id: int) -> Capability:
    return session.scalars(select(Capability).where(Capability.enterprise_id == enterprise_id)).one()


def save(session: Session, enterprise_id: int, *halves: HalfDay, version: int = 0) -> None:
    offering.save_week(
        session, enterprise_id=enterprise_id, monday=MONDAY, version=version, halves=halves, now=NOW, by=BY
    )


def offered(session: Session, capability_id: int, day: date) -> int:
    """Say what routing sees as free."""
    session.rollback()
    found = candidates.read_candidates(session, days=[day])
    return next(one for one in found if one.capability_id == capability_id).free.get(day, 0)


def test_an_unplanned_week_shows_half_of_the_usual_day_in_each_half(session: Session) -> None:
    packer = enterprises.packer(session, capacity=[5] * 7)
    week = weeks.read(session, enterprise_id=packer.id, monday=MONDAY)
    number = capability_of(session, packer.id).id
    assert week.version == 0
    assert [half.amounts[number] for half in week.halves[:4]] == [3, 2, 3, 2]


def test_kilograms_are_halved_whole_so_that_saving_what_is_shown_loses_nothing(session: Session) -> None:
    washer = enterprises.provider(session, "WASH", capacity=[25_000] * 7)
    week = weeks.read(session, enterprise_id=washer.id, monday=MONDAY)
    number = capability_of(session, washer.id).id
    assert [half.amounts[number] for half in week.halves[:2]] == [13_000, 12_000]


def test_what_is_planned_is_what_routing_may_use(session: Session) -> None:
    packer = enterprises.packer(session, capacity=[50] * 7)
    number = capability_of(session, packer.id).id
    assert offered(session, number, THURSDAY) == 50
    save(
        session,
        packer.id,
        HalfDay(THURSDAY, MORNING, 6, 210, {number: 12}),
        HalfDay(THURSDAY, AFTERNOON, 4, 240, {number: 8}),
    )
    assert offered(session, number, THURSDAY) == 20
    assert offered(session, number, THURSDAY + timedelta(days=7)) == 50
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY)[0] == 20
    week = weeks.read(session, enterprise_id=packer.id, monday=MONDAY)
    thursday = [half for half in week.halves if half.day == THURSDAY]
    assert [(half.people, half.minutes, half.amounts[number]) for half in thursday] == [(6, 210, 12), (4, 240, 8)]
    save(session, packer.id, HalfDay(THURSDAY, MORNING, amounts={number: 0}), version=1)
    assert offered(session, number, THURSDAY) == 0


def test_a_bucket_follows_but_never_below_what_is_promised(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, capacity=50)
    order = shop.order(1, 0)
    bucket = session.scalars(
        select(CapacityBucket)
        .join(Capability, Capability.id == CapacityBucket.capability_id)
        .where(Capability.service == "BOX_ASSEMBLE", CapacityBucket.confirmed > 0)
    ).one()
    owner = session.get_one(Capability, bucket.capability_id).enterprise_id
    number, day, promised = bucket.capability_id, bucket.day, bucket.confirmed
    assert order.id
    save(session, owner, HalfDay(day, MORNING, amounts={number: promised}))
    session.refresh(bucket)
    assert (bucket.cap, bucket.confirmed) == (promised, promised)
    with pytest.raises(offering.BelowPromise) as refused:
        save(session, owner, HalfDay(day, MORNING, amounts={number: promised - 1}), version=1)
    assert [(one.capability_id, one.day, one.amount) for one in refused.value.short] == [(number, day, promised)]
    session.rollback()
    session.refresh(bucket)
    assert bucket.cap == promised
    assert session.scalars(select(DayCapacity)).one().morning == promised


def test_who_saves_on_an_old_page_is_refused(session: Session) -> None:
    packer = enterprises.packer(session)
    save(session, packer.id, HalfDay(THURSDAY, MORNING, 1, 60))
    with pytest.raises(StaleEdit):
        save(session, packer.id, HalfDay(THURSDAY, MORNING, 2, 60))
    save(session, packer.id, HalfDay(THURSDAY, MORNING, 2, 60), version=1)
    assert weeks.read(session, enterprise_id=packer.id, monday=MONDAY).version == 2


@pytest.mark.parametrize(
    "half",
    [
        HalfDay(THURSDAY, "night"),
        HalfDay(THURSDAY + timedelta(days=7), MORNING),
        HalfDay(THURSDAY, MORNING, people=1000),
        HalfDay(THURSDAY, MORNING, minutes=721),
        HalfDay(THURSDAY, MORNING, amounts={999_999: 1}),
    ],
)
def test_refuses_what_cannot_be(session: Session, half: HalfDay) -> None:
    packer = enterprises.packer(session)
    with pytest.raises(BadWeek):
        save(session, packer.id, half)


def test_a_closed_day_stays_closed_whatever_is_planned(session: Session) -> None:
    packer = enterprises.packer(session)
    number = capability_of(session, packer.id).id
    save(session, packer.id, HalfDay(THURSDAY, MORNING, amounts={number: 9}))
    enterprises.closure(session, packer, THURSDAY, THURSDAY)
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY)[0] == 0


def test_days_that_are_over_are_not_written_and_old_weeks_are_forgotten(session: Session) -> None:
    packer = enterprises.packer(session)
    number = capability_of(session, packer.id).id
    later = NOW + timedelta(days=3)
    offering.save_week(
        session,
        enterprise_id=packer.id,
        monday=MONDAY,
        version=0,
        halves=[HalfDay(MONDAY, MORNING, amounts={number: 1}), HalfDay(THURSDAY, MORNING, amounts={number: 1})],
        now=later,
        by=BY,
    )
    assert [row.day for row in session.scalars(select(DayCapacity))] == [THURSDAY]
    housekeeping.forget_old(session, now=NOW + timedelta(days=70))
    with transaction(session):
        assert session.scalars(select(DayCapacity)).all() == []


def test_copies_a_week_weekday_by_weekday(session: Session) -> None:
    packer = enterprises.packer(session)
    number = capability_of(session, packer.id).id
    save(session, packer.id, HalfDay(THURSDAY, MORNING, 6, 210, {number: 12}))
    first = weeks.read(session, enterprise_id=packer.id, monday=MONDAY)
    second = weeks.read(session, enterprise_id=packer.id, monday=MONDAY + timedelta(days=7))
    copy = weeks.moved(first, to=second)
    thursday = next(half for half in copy.halves if half.day == THURSDAY + timedelta(days=7))
    assert (thursday.people, thursday.minutes, thursday.amounts[number], copy.version) == (6, 210, 12, 0)


def timed(session: Session, packer_id: int, minutes: int) -> int:
    """Let a packer tell how long one person works on a box."""
    row = capability_of(session, packer_id)
    terms = replace(capabilities.terms_of(row), minutes_each=minutes)
    number, version = row.id, row.version
    session.rollback()
    offering.change_service(
        session, enterprise_id=packer_id, service="BOX_ASSEMBLE", version=version, terms=terms, now=NOW, by=BY
    )
    return number


def test_people_and_hours_bound_a_service_that_tells_its_time(session: Session) -> None:
    packer = enterprises.packer(session)
    number, owner = capability_of(session, packer.id).id, packer.id
    save(
        session,
        owner,
        HalfDay(THURSDAY, MORNING, 6, 210, {number: 12}),
        HalfDay(THURSDAY, AFTERNOON, 1, 100, {number: 8}),
    )
    assert offered(session, number, THURSDAY) == 20
    timed(session, owner, 20)
    assert offered(session, number, THURSDAY) == 17
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY) == (17, 12, 5)
    halves = candidates.read_candidates(session, days=[THURSDAY])
    assert [dict(one.halves) for one in halves if one.capability_id == number] == [{THURSDAY: (12, 5)}]
    save(
        session, owner, HalfDay(THURSDAY, MORNING, 0, 0, {number: 12}), version=1
    )  # the afternoon is told as nobody too
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY) == (12, 12, 0)
    save(session, owner, HalfDay(THURSDAY, AFTERNOON, 1, 240, {number: 50}), version=2)
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY) == (12, 0, 12)


def test_fewer_people_than_what_is_promised_are_refused(session: Session) -> None:
    packer = enterprises.packer(session)
    owner = packer.id
    number = timed(session, owner, 20)
    save(session, owner, HalfDay(THURSDAY, MORNING, 2, 240, {number: 20}))
    with transaction(session):
        wants = [ledger.Want(number, THURSDAY, 15, MORNING)]
        ledger.hold(session, key="k", claim="c", wants=wants, until=NOW + timedelta(hours=1), now=NOW)
    with pytest.raises(offering.BelowPromise) as refused:
        save(session, owner, HalfDay(THURSDAY, MORNING, 1, 240, {number: 20}), version=1)
    assert [(one.day, one.amount) for one in refused.value.short] == [(THURSDAY, 15)]
    session.rollback()
    save(session, owner, HalfDay(THURSDAY, MORNING, 2, 150, {number: 20}), version=1)
    assert ledger.calendar_caps(session, capability_id=number, day=THURSDAY) == (15, 15, 0)
    with pytest.raises(ledger.CapacityGone), transaction(session):
        wants = [ledger.Want(number, THURSDAY, 1)]
        ledger.hold(session, key="l", claim="d", wants=wants, until=NOW + timedelta(hours=1), now=NOW)


def test_a_longer_time_lowers_a_day_to_what_is_promised(session: Session) -> None:
    packer = enterprises.packer(session)
    number, owner = capability_of(session, packer.id).id, packer.id
    save(session, owner, HalfDay(THURSDAY, MORNING, 2, 240, {number: 20}))
    with transaction(session):
        wants = [ledger.Want(number, THURSDAY, 15)]
        ledger.hold(session, key="k", claim="c", wants=wants, until=NOW + timedelta(hours=1), now=NOW)
    timed(session, owner, 60)
    bucket = session.scalars(select(CapacityBucket).execution_options(populate_existing=True)).one()
    assert (bucket.cap, bucket.held, bucket.morning_cap) == (15, 15, 8)
