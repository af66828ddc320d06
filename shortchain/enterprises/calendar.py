"""Days on which an enterprise does no work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises import near as by_distance
from shortchain.enterprises.models import Closure, Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.kernel.geo import Point

LONGEST_DAYS = 366
AHEAD = timedelta(weeks=26)
"""So far ahead days are proposed."""
AROUND_M = 60_000
"""A hub within this distance may propose days."""
PLACES = by_distance.Columns(Enterprise.id, Enterprise.lat, Enterprise.lon)


class BadClosure(Invalid):
    """The first and last day cannot be right."""

    message = N_("De laatste dag ligt op of na de eerste, en hoogstens een jaar verder.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Days on which others close. `by` names the hub that proposes them; empty for a public holiday."""

    first_day: date
    last_day: date
    reason: str
    by: str = ""


def close(
    session: Session,
    *,
    enterprise_id: int,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
    by: Actor,
    is_collective: bool = False,
) -> Closure:
    """Close an enterprise from `first_day` to `last_day`, both included. `is_collective` proposes it to all around.

    Whether work was promised on those days is for the workflow to ask, since promises lie above.

    :raises BadClosure: when the days cannot be right
    """
    if not 0 <= (last_day - first_day).days < LONGEST_DAYS:
        raise BadClosure(fields=("first_day", "last_day"))
    closure = Closure(
        enterprise_id=enterprise_id,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip()[:120],
        is_collective=is_collective,
    )
    session.add(closure)
    session.flush()
    directory.touch(session)
    journal.record(
        session,
        "enterprise.closed_days",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )
    return closure


def reopen(session: Session, *, enterprise_id: int, closure_id: int, now: datetime, by: Actor) -> Closure:
    """Take closed days back; returns what they were.

    :raises NotFound: when they are not this enterprise's
    """
    closure = session.get(Closure, closure_id)
    if closure is None or closure.enterprise_id != enterprise_id:
        raise NotFound
    session.delete(closure)
    session.flush()
    directory.touch(session)
    journal.record(
        session,
        "enterprise.reopened_days",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        first_day=closure.first_day.isoformat(),
        last_day=closure.last_day.isoformat(),
    )
    return closure


def closures(
    session: Session, *, enterprise_id: int, first_day: date, last_day: date | None = None
) -> Sequence[Closure]:
    """List the closed days that end on or after `first_day` (and begin by `last_day`), by day."""
    query = select(Closure).where(Closure.enterprise_id == enterprise_id, Closure.last_day >= first_day)
    if last_day is not None:
        query = query.where(Closure.first_day <= last_day)
    return session.scalars(query.order_by(Closure.first_day, Closure.id)).all()


def proposals(session: Session, *, enterprise_id: int, today: date, language: str = "nl") -> list[Proposal]:
    """List days on which others close and this enterprise does not yet: public holidays, and what hubs around propose."""
    last = today + AHEAD
    own = closures(session, enterprise_id=enterprise_id, first_day=today)
    here = session.execute(select(Enterprise.lat, Enterprise.lon).where(Enterprise.id == enterprise_id)).one()
    near = by_distance.within(
        session,
        PLACES,
        near=Point(*here),
        radius_m=AROUND_M,
        where=(Enterprise.is_hub.is_(True), Enterprise.is_active.is_(True)),
    )
    rows = session.execute(
        select(Closure.first_day, Closure.last_day, Closure.reason, Enterprise.name)
        .join(Enterprise, Enterprise.id == Closure.enterprise_id)
        .where(
            Closure.is_collective,
            Closure.enterprise_id.in_([hub.id for hub in near]),
            Closure.enterprise_id != enterprise_id,
            Closure.last_day >= today,
            Closure.first_day <= last,
        )
    )
    found = [Proposal(max(row.first_day, today), row.last_day, row.reason, row.name) for row in rows]
    found += [Proposal(day, day, name) for day, name in public_holidays(today, last, language=language).items()]
    open_ones = [one for one in found if not any(_covers(mine, one) for mine in own)]
    return sorted(open_ones, key=lambda one: (one.first_day, one.last_day, one.by))


def _covers(mine: Closure, one: Proposal) -> bool:
    return mine.first_day <= one.first_day and one.last_day <= mine.last_day


def is_closed(closed: Sequence[Closure], day: date) -> bool:
    """Say whether `day` lies in one of these closures."""
    return any(one.first_day <= day <= one.last_day for one in closed)


def public_holidays(first_day: date, last_day: date, *, language: str = "nl") -> dict[date, str]:
    """Give the Belgian public holidays from `first_day` to `last_day`, with their names.

    They are shown as a reminder; an enterprise decides itself whether it closes.
    """
    spoken = {"nl": "nl", "fr": "fr"}.get(language, "en_US")
    years = range(first_day.year, last_day.year + 1)
    found = holidays.country_holidays("BE", years=years, language=spoken)
    return {day: name for day, name in sorted(found.items()) if first_day <= day <= last_day}
