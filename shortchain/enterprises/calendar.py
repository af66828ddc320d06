"""Days on which an enterprise does no work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises.models import Closure
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound

LONGEST_DAYS = 366


class BadClosure(Invalid):
    """The first and last day cannot be right."""

    message = N_("De laatste dag ligt op of na de eerste, en hoogstens een jaar verder.")


def close(
    session: Session,
    *,
    enterprise_id: int,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
    by: Actor,
) -> Closure:
    """Close an enterprise from `first_day` to `last_day`, both included.

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
