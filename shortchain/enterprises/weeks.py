"""The weeks that an enterprise plans: people and hours, and how much of each service, per half day.

A planned day goes before the usual capacity of its weekday. Where a service tells how long one person works on a unit,
people and hours bound it too. Work that can be done at any time of a day counts for the
day; work that is tied to a half day counts for that half too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import data, journal
from shortchain.enterprises import directory
from shortchain.enterprises.capabilities import CAPACITY_MOST, list_of
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import Capability, DayCapacity, DayStaff, WeekPlan
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.halves import AFTERNOON, HALVES, MORNING
from shortchain.kernel.window import local_day

PEOPLE_MOST = 999
MINUTES_MOST = 720
KEPT = timedelta(days=60)
"""So long a past week can still be copied."""


class BadWeek(Invalid):
    """A number of a week cannot be right, or a day is not of it."""

    message = N_("Een getal kan niet: hoogstens 999 mensen en 12 uur per halve dag.")


@dataclass(frozen=True, slots=True)
class HalfDay:
    """One half day: so many people, each so many minutes, and per capability an amount in its unit."""

    day: date
    half: str
    people: int = 0
    minutes: int = 0
    amounts: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Week:
    """The plan of a week; `version` is 0 when nothing was planned, and then it shows what is usual."""

    monday: date
    version: int
    halves: tuple[HalfDay, ...]


def read(session: Session, *, enterprise_id: int, monday: date) -> Week:
    """Read the plan of a week; a service that is not planned on a day stands there with half of its usual amount."""
    sunday = monday + timedelta(days=6)
    version = session.scalar(
        select(WeekPlan.version).where(WeekPlan.enterprise_id == enterprise_id, WeekPlan.monday == monday)
    )
    staff = {
        row.day: row
        for row in session.scalars(
            select(DayStaff).where(DayStaff.enterprise_id == enterprise_id, DayStaff.day.between(monday, sunday))
        )
    }
    offered = list_of(session, enterprise_id=enterprise_id)
    planned = {
        (row.capability_id, row.day): row
        for row in session.scalars(
            select(DayCapacity).where(
                DayCapacity.capability_id.in_([one.id for one in offered]), DayCapacity.day.between(monday, sunday)
            )
        )
    }
    days = [monday + timedelta(days=n) for n in range(7)]
    halves = [
        HalfDay(
            day,
            half,
            getattr(staff.get(day), f"{half}_people", 0),
            getattr(staff.get(day), f"{half}_minutes", 0),
            {one.id: _amount(one, day, half, planned.get((one.id, day))) for one in offered},
        )
        for day in days
        for half in HALVES
    ]
    return Week(monday, version or 0, tuple(halves))


def _amount(one: Capability, day: date, half: str, row: DayCapacity | None) -> int:
    if row is not None:
        return row.morning if half == MORNING else row.afternoon
    usual = int(one.weekday_capacity[day.weekday()]) if one.weekday_capacity else 0
    step = 1000 if data.services()[one.service].capacity_unit == "g" else 1  # on screen grams are whole kilograms
    afternoon = usual // step // 2 * step
    return usual - afternoon if half == MORNING else afternoon


def moved(week: Week, *, to: Week) -> Week:
    """Copy the numbers of a week to another one, weekday by weekday; its version stays its own."""
    shift = to.monday - week.monday
    halves = [HalfDay(half.day + shift, half.half, half.people, half.minutes, half.amounts) for half in week.halves]
    return Week(to.monday, to.version, tuple(halves))


def save(
    session: Session,
    *,
    enterprise_id: int,
    monday: date,
    version: int,
    halves: Sequence[HalfDay],
    now: datetime,
    by: Actor,
) -> None:
    """Write the half days of a week; days that are not among them stay as they are.

    :raises BadWeek: when a number cannot be right, or a day or a service is not this week's or this enterprise's
    :raises StaleEdit: when somebody saved in between
    """
    _check(session, enterprise_id, monday, halves)
    _count_up(session, enterprise_id, monday, version)
    by_day: dict[date, dict[str, HalfDay]] = {}
    for half in halves:
        by_day.setdefault(half.day, {})[half.half] = half
    for day, pair in sorted(by_day.items()):
        morning, afternoon = pair.get(MORNING, HalfDay(day, MORNING)), pair.get(AFTERNOON, HalfDay(day, AFTERNOON))
        _write(
            session,
            DayStaff,
            {"enterprise_id": enterprise_id, "day": day},
            {
                "morning_people": morning.people,
                "morning_minutes": morning.minutes,
                "afternoon_people": afternoon.people,
                "afternoon_minutes": afternoon.minutes,
            },
        )
        for number in sorted({*morning.amounts, *afternoon.amounts}):
            _write(
                session,
                DayCapacity,
                {"capability_id": number, "day": day},
                {"morning": morning.amounts.get(number, 0), "afternoon": afternoon.amounts.get(number, 0)},
            )
    session.flush()
    directory.touch(session)
    journal.record(
        session, "enterprise.planned_week", by=by, now=now, enterprise_id=enterprise_id, monday=monday.isoformat()
    )


def _check(session: Session, enterprise_id: int, monday: date, halves: Sequence[HalfDay]) -> None:
    own = {one.id for one in list_of(session, enterprise_id=enterprise_id)}
    if monday.weekday() != 0:
        raise BadWeek
    for half in halves:
        fits = half.half in HALVES and 0 <= (half.day - monday).days < 7 and set(half.amounts) <= own
        right = 0 <= half.people <= PEOPLE_MOST and 0 <= half.minutes <= MINUTES_MOST
        if not fits or not right or any(not 0 <= amount <= CAPACITY_MOST for amount in half.amounts.values()):
            raise BadWeek


def _count_up(session: Session, enterprise_id: int, monday: date, version: int) -> None:
    """Let the version of a week rise by one, from the one that was read.

    :raises StaleEdit: when it is another one by now
    """
    plan = session.scalar(
        select(WeekPlan)
        .where(WeekPlan.enterprise_id == enterprise_id, WeekPlan.monday == monday)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if (plan.version if plan else 0) != version:
        raise StaleEdit
    try:
        if plan is None:
            with session.begin_nested():
                session.add(WeekPlan(enterprise_id=enterprise_id, monday=monday))
                session.flush()
        else:
            plan.version = version + 1  # the row is locked since it was read
            session.flush()
    except IntegrityError as error:
        raise StaleEdit from error


def _write(session: Session, table: type[Any], key: Mapping[str, Any], values: Mapping[str, int]) -> None:
    row = session.scalars(select(table).filter_by(**key)).one_or_none()
    if row is None:
        row = table(**key)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


def planned(
    session: Session,
    *,
    capability_ids: Sequence[int] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> dict[tuple[int, date], int]:
    """Read what is planned for whole days, per capability and day; days without a plan are left out."""
    found = planned_halves(session, capability_ids=capability_ids, first=first, last=last)
    return {place: morning + afternoon for place, (morning, afternoon) in found.items()}


def planned_halves(
    session: Session,
    *,
    capability_ids: Sequence[int] | None = None,
    first: date | None = None,
    last: date | None = None,
) -> dict[tuple[int, date], tuple[int, int]]:
    """Read what can be done in planned mornings and afternoons, per capability and day; days without a plan are left out.

    That is the stated amount, or less where the people of that half cannot do so much in their hours.
    """
    at_work = and_(DayStaff.enterprise_id == Capability.enterprise_id, DayStaff.day == DayCapacity.day)
    query = (
        select(DayCapacity, Capability.service, Capability.minutes_each, DayStaff)
        .join(Capability, Capability.id == DayCapacity.capability_id)
        .outerjoin(DayStaff, at_work)
    )
    if capability_ids is not None:
        query = query.where(DayCapacity.capability_id.in_(capability_ids))
    if first is not None and last is not None:
        query = query.where(DayCapacity.day.between(first, last))
    return {
        (row.capability_id, row.day): _doable(row, service, minutes_each, staff)
        for row, service, minutes_each, staff in session.execute(query)
    }


def by_people(stated: int, *, people: int, minutes: int, minutes_each: int, unit: str) -> int:
    """Say how much of a stated amount so many people do in so many minutes each, rounded down to whole units.

    `unit` is that of the service's capacity; a kilogram is the unit of what is counted in grams. Without `minutes_each`
    the stated amount holds.
    """
    if not minutes_each:
        return stated
    return min(stated, people * minutes // minutes_each * (1000 if unit == "g" else 1))


def _doable(row: DayCapacity, service: str, minutes_each: int, staff: DayStaff | None) -> tuple[int, int]:
    if staff is None or not (staff.morning_people or staff.afternoon_people):
        return row.morning, row.afternoon  # nobody told who is there: an empty field keeps nobody from working
    known: dict[str, Any] = {"minutes_each": minutes_each, "unit": data.services()[service].capacity_unit}
    return (
        by_people(row.morning, people=staff.morning_people, minutes=staff.morning_minutes, **known),
        by_people(row.afternoon, people=staff.afternoon_people, minutes=staff.afternoon_minutes, **known),
    )


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete the plans of weeks that are long over; returns how many rows."""
    before = local_day(now) - KEPT
    gone = 0
    for table, column in ((WeekPlan, WeekPlan.monday), (DayStaff, DayStaff.day), (DayCapacity, DayCapacity.day)):
        query = delete(table).where(column < before).execution_options(synchronize_session=False)
        gone += int(session.execute(query).rowcount)  # type: ignore[attr-defined]
    return gone
