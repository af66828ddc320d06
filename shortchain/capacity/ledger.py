"""Holds, confirms and frees capacity: all of a chain or nothing, and never more than there is.

The only truth is the bucket row: a guarded update takes from it, a CHECK refuses the impossible.
Buckets are made and touched in the order of capability and day, one after the other, so that two
chains that want the same ones never wait for each other in a circle. (The order of their ids would
not do: a bucket that is being made has none yet, and already blocks whoever wants to make it too.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.dml import ReturningUpdate

from shortchain.capacity.models import (
    CapacityBucket,
    Reservation,
    ReservationLine,
    ReservationState,
)
from shortchain.database import add_rows
from shortchain.enterprises import weeks
from shortchain.enterprises.models import Capability, Closure
from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.halves import AFTERNOON, HALVES, MORNING


@dataclass(frozen=True, slots=True)
class Want:
    """Capacity of one capability on one day: grams, boxes or stops; of one half of it, or ('') of either."""

    capability_id: int
    day: date
    amount: int
    half: str = ""


Place = tuple[int, date, str]
"""A capability, a day and a half of it."""


class CapacityGone(Conflict):
    """Somebody else took the last of it; `wants` names what is short."""

    message = N_("Die plaats is net ingenomen. We zoeken een andere.")

    def __init__(self, wants: Sequence[Want]) -> None:
        super().__init__()
        self.wants = tuple(wants)


def hold(
    session: Session, *, key: str, claim: str, wants: Sequence[Want], until: datetime, now: datetime
) -> Reservation:
    """Set capacity aside for a claim until a deadline.

    The same `key` returns the first reservation and changes nothing.

    :raises CapacityGone: with everything that is short; nothing is held then
    """
    return hold_each(session, claim=claim, wanted={key: wants}, until=until, now=now)[0]


def hold_each(
    session: Session,
    *,
    claim: str,
    wanted: Mapping[str, Sequence[Want]],
    until: datetime,
    now: datetime,
    is_new: bool = False,
) -> list[Reservation]:
    """Set capacity aside for a claim in several reservations, each under its own key: all of them or none.

    A key that is known already keeps its first reservation and takes nothing. `is_new` promises that
    no key can be known, which saves the look; the unique key refuses a promise that is not true.

    :raises CapacityGone: with everything that is short; nothing is held then
    """
    known = {} if is_new else {row.key: row for row in session.scalars(_KNOWN, {"keys": list(wanted)})}
    new = {key: _joined(wants) for key, wants in wanted.items() if key not in known}
    buckets = _take_all(session, _joined([want for key in new for want in wanted[key]]))
    made = {
        key: Reservation(
            key=key,
            claim=claim,
            state=ReservationState.HELD,
            held_until=until,
            created_at=now,
        )
        for key in new
    }
    session.add_all(made.values())
    session.flush()
    add_rows(
        session,
        ReservationLine,
        [
            {"reservation_id": made[key].id, "bucket_id": buckets[place], "amount": amount, "half": place[2]}
            for key, own in new.items()
            for place, amount in own.items()
        ],
    )
    return [known.get(key) or made[key] for key in wanted]


_KNOWN = select(Reservation).where(Reservation.key.in_(bindparam("keys", expanding=True)))


def _joined(wants: Sequence[Want]) -> dict[Place, int]:
    """Add up what is wanted per capability, day and half, in the order in which buckets must be touched."""
    sums: dict[Place, int] = {}
    for want in sorted(wants, key=lambda want: (want.capability_id, want.day, want.half)):
        place = (want.capability_id, want.day, want.half)
        sums[place] = sums.get(place, 0) + want.amount
    return sums


def _take_all(session: Session, amounts: Mapping[Place, int]) -> dict[Place, int]:
    """Take from every bucket, or from none; gives their ids.

    :raises CapacityGone: with everything that is short
    """
    buckets: dict[Place, int] = {}
    short: list[Want] = []
    for place, amount in amounts.items():
        found = _take(session, place, amount)
        if found is None:  # full, or not made yet
            bucket_id(session, capability_id=place[0], day=place[1])
            found = _take(session, place, amount)
        if found is None:
            short.append(Want(place[0], place[1], amount, place[2]))
        else:
            buckets[place] = found
    if short:
        for place, number in buckets.items():
            _change(session, number, held=CapacityBucket.held - amounts[place], **_less(place[2], amounts[place]))
        raise CapacityGone(short)
    return buckets


_CAPS: dict[str, Any] = {MORNING: CapacityBucket.morning_cap, AFTERNOON: CapacityBucket.afternoon_cap}
_TAKEN_OF: dict[str, Any] = {MORNING: CapacityBucket.morning_taken, AFTERNOON: CapacityBucket.afternoon_taken}


def _taking(half: str) -> ReturningUpdate[int]:
    """Write the guarded update of a bucket; of a half day, both the half and the whole must have enough."""
    amount: BindParameter[int] = bindparam("amount")
    query = update(CapacityBucket).where(
        CapacityBucket.capability_id == bindparam("capability"),
        CapacityBucket.day == bindparam("on"),
        CapacityBucket.held + CapacityBucket.confirmed + amount <= CapacityBucket.cap,
    )
    values: dict[Any, Any] = {CapacityBucket.held: CapacityBucket.held + amount}
    if half:
        taken, cap = _TAKEN_OF[half], _CAPS[half]
        query = query.where(or_(cap.is_(None), taken + amount <= cap))
        values[taken] = taken + amount
    return query.values(values).returning(CapacityBucket.id).execution_options(synchronize_session=False)


_TAKE = {half: _taking(half) for half in ("", *HALVES)}


def _take(session: Session, place: Place, amount: int) -> int | None:
    """Take from the bucket of a capability and a day; gives its id, or None when it has not enough or is not there."""
    return session.scalar(_TAKE[place[2]], {"capability": place[0], "on": place[1], "amount": amount})


def _less(half: str, amount: int) -> dict[str, ColumnElement[int]]:
    """Give a half day back what was taken of it."""
    return {_TAKEN_OF[half].key: _TAKEN_OF[half] - amount} if half else {}


def confirm(session: Session, *, claim: str, now: datetime) -> int:
    """Turn what a claim holds into a promise without deadline; returns how many reservations."""
    query = select(Reservation).where(Reservation.claim == claim, Reservation.state == ReservationState.HELD)
    found = _locked(session, query)
    for _reservation, bucket, amount, _half in _in_order(session, found):
        _change(
            session,
            bucket,
            held=CapacityBucket.held - amount,
            confirmed=CapacityBucket.confirmed + amount,
        )
    for reservation in found:
        reservation.move("confirm")
        reservation.held_until = None
    session.flush()
    return len(found)


def release(session: Session, *, claim: str | None = None, key: str | None = None, now: datetime) -> int:
    """Free what a claim or one reservation has; what is free already stays so. Returns how many."""
    query = select(Reservation).where(Reservation.state != ReservationState.RELEASED)
    query = query.where(Reservation.key == key) if key is not None else query.where(Reservation.claim == claim)
    return _free(session, _locked(session, query))


def shrink(session: Session, *, key: str, to: int) -> int:
    """Give back what a reservation of one bucket has above `to`, which is at least one; returns how much.

    What is free already, or smaller, stays so.
    """
    query = select(Reservation).where(Reservation.key == key, Reservation.state != ReservationState.RELEASED)
    for reservation in _locked(session, query):
        [line] = reservation.lines
        less = line.amount - max(1, to)
        if less <= 0:
            continue
        if reservation.state is ReservationState.HELD:
            _change(session, line.bucket_id, held=CapacityBucket.held - less, **_less(line.half, less))
        else:
            _change(session, line.bucket_id, confirmed=CapacityBucket.confirmed - less, **_less(line.half, less))
        line.amount -= less
        session.flush()
        return less
    return 0


def release_expired(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Free held capacity whose deadline has passed; returns how many reservations."""
    query = (
        select(Reservation)
        .where(Reservation.state == ReservationState.HELD, Reservation.held_until <= now)
        .order_by(Reservation.id)
        .limit(limit)
        .options(selectinload(Reservation.lines))
        .with_for_update(skip_locked=True)
    )
    return _free(session, session.scalars(query).all())


def _free(session: Session, reservations: Sequence[Reservation]) -> int:
    for reservation, bucket, amount, half in _in_order(session, reservations):
        if reservation.state is ReservationState.HELD:
            _change(session, bucket, held=CapacityBucket.held - amount, **_less(half, amount))
        else:
            _change(session, bucket, confirmed=CapacityBucket.confirmed - amount, **_less(half, amount))
    for reservation in reservations:
        reservation.move("release")
    session.flush()
    return len(reservations)


def _locked(session: Session, query: Select[Reservation]) -> Sequence[Reservation]:
    return session.scalars(
        query.order_by(Reservation.id).options(selectinload(Reservation.lines)).with_for_update()
    ).all()


def _in_order(session: Session, reservations: Sequence[Reservation]) -> list[tuple[Reservation, int, int, str]]:
    """List (reservation, bucket, amount, half) of all lines in the order in which buckets must be touched."""
    lines = [
        (reservation, line.bucket_id, line.amount, line.half)
        for reservation in reservations
        for line in reservation.lines
    ]
    ranks = session.scalars(
        select(CapacityBucket.id)
        .where(CapacityBucket.id.in_({bucket for _, bucket, _, _ in lines}))
        .order_by(CapacityBucket.capability_id, CapacityBucket.day)
    ).all()
    place = {bucket: rank for rank, bucket in enumerate(ranks)}
    return sorted(lines, key=lambda line: place[line[1]])


def _change(session: Session, bucket: int, **counters: ColumnElement[int]) -> None:
    session.execute(
        update(CapacityBucket)
        .where(CapacityBucket.id == bucket)
        .values(counters)
        .execution_options(synchronize_session=False)
    )


def bucket_id(session: Session, *, capability_id: int, day: date) -> int:
    """Find the bucket of a capability on a day, or make it from the calendar.

    Two transactions may make it at once; the unique constraint lets one win and the other read it.
    """
    query = select(CapacityBucket.id).where(CapacityBucket.capability_id == capability_id, CapacityBucket.day == day)
    found = session.scalar(query)
    if found is not None:
        return found
    cap, morning, afternoon = calendar_caps(session, capability_id=capability_id, day=day)
    made = {"cap": cap, "held": 0, "confirmed": 0, "morning_cap": morning, "afternoon_cap": afternoon}
    try:
        with session.begin_nested():
            session.execute(insert(CapacityBucket).values(capability_id=capability_id, day=day, **made))
    except IntegrityError:
        pass  # somebody made it between our look and our insert
    return session.execute(query).scalar_one()


def calendar_caps(session: Session, *, capability_id: int, day: date) -> tuple[int, int | None, int | None]:
    """Read what the calendar says a capability can do on a day, zero when closed; and where the day is planned by
    half days, in its morning and in its afternoon."""
    capability = session.get_one(Capability, capability_id)
    closed = session.scalar(
        select(Closure.id)
        .where(
            Closure.enterprise_id == capability.enterprise_id,
            Closure.first_day <= day,
            Closure.last_day >= day,
        )
        .limit(1)
    )
    if closed is not None or not capability.is_active:
        return 0, None, None
    planned = weeks.planned_halves(session, capability_ids=[capability_id], first=day, last=day)
    if (capability_id, day) in planned:
        morning, afternoon = planned[capability_id, day]
        return morning + afternoon, morning, afternoon
    if not capability.weekday_capacity:
        return 0, None, None
    return int(capability.weekday_capacity[day.weekday()]), None, None


def follow_calendar(session: Session, *, capability_id: int, from_day: date) -> list[date]:
    """Bring the buckets of coming days in line with a changed calendar.

    A bucket never falls below what is promised already. Returns the days on which more is promised
    than the new calendar wants, for the person who changed it.
    """
    over = []
    buckets = session.scalars(
        select(CapacityBucket)
        .where(CapacityBucket.capability_id == capability_id, CapacityBucket.day >= from_day)
        .order_by(CapacityBucket.day)
        .with_for_update()
    ).all()
    for bucket in buckets:
        session.refresh(bucket)
        wanted, morning, afternoon = calendar_caps(session, capability_id=capability_id, day=bucket.day)
        promised = bucket.held + bucket.confirmed
        bucket.cap = max(wanted, promised)
        bucket.morning_cap = None if morning is None else max(morning, bucket.morning_taken)
        bucket.afternoon_cap = None if afternoon is None else max(afternoon, bucket.afternoon_taken)
        if wanted < promised or (bucket.morning_cap, bucket.afternoon_cap) != (morning, afternoon):
            over.append(bucket.day)
    session.flush()
    return over


TAKEN = (
    CapacityBucket.capability_id,
    CapacityBucket.day,
    CapacityBucket.cap,
    CapacityBucket.held + CapacityBucket.confirmed,
)
"""The columns that say what is promised: capability, day, cap, promised."""
HALF_DAYS = (
    CapacityBucket.morning_cap,
    CapacityBucket.morning_taken,
    CapacityBucket.afternoon_cap,
    CapacityBucket.afternoon_taken,
)
"""The columns that say what is promised of half days: cap (None where the day is not planned by halves) and taken."""
_TAKEN = select(*TAKEN).where(CapacityBucket.day.between(bindparam("first"), bindparam("last")))


def taken(
    session: Session, *, first: date, last: date, capability_ids: Sequence[int] | None = None
) -> Mapping[tuple[int, date], tuple[int, int]]:
    """Read (cap, promised) of the buckets that exist between two days, per capability and day."""
    query, asked = _TAKEN, {"first": first, "last": last}
    if capability_ids is not None:
        query = query.where(CapacityBucket.capability_id.in_(capability_ids))
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(query, asked)}


def taken_of_halves(
    session: Session, *, first: date, last: date, capability_ids: Sequence[int]
) -> Mapping[tuple[int, date], tuple[int, int]]:
    """Read what is promised of mornings and afternoons between two days, per capability and day."""
    rows = session.execute(
        select(
            CapacityBucket.capability_id,
            CapacityBucket.day,
            CapacityBucket.morning_taken,
            CapacityBucket.afternoon_taken,
        ).where(CapacityBucket.capability_id.in_(capability_ids), CapacityBucket.day.between(first, last))
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}
