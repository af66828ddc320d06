"""Whether the access point of Peppol still knows our key. While it does not no document leaves, and only a person helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.documents.models import DocumentSending, PointStanding, SendingState
from shortchain.journal import SYSTEM

ALARM_AFTER = 3
"""So many times in a row the key is refused before people are told: one may be a slip of the access point's own door."""
ONLY = 1
"""The id of the one row: there is one access point."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Since when the access point does not know our key, and how many documents wait for it."""

    since: datetime
    waiting: int


def note_not_allowed(session: Session, *, now: datetime) -> datetime | None:
    """Count that our key was refused; gives since when, at the moment in which people are to be told, else None."""
    row = _row(session)
    row.refusals += 1
    row.since = row.since or now
    session.flush()
    if row.refusals != ALARM_AFTER:
        return None
    journal.record(session, "access_point.locked_out", by=SYSTEM, now=now)
    return row.since


def note_allowed(session: Session, *, now: datetime) -> None:
    """Note that the access point took our key: what was is over."""
    if not session.scalar(select(PointStanding.refusals).where(PointStanding.id == ONLY)):
        return
    row = _row(session)
    if row.refusals >= ALARM_AFTER:
        journal.record(session, "access_point.recovered", by=SYSTEM, now=now)
    row.refusals, row.since = 0, None
    session.flush()


def locked_out(session: Session) -> LockedOut | None:
    """Say whether people are to put the key right; None when all is well, or when it was refused once or twice only."""
    row = session.get(PointStanding, ONLY, populate_existing=True)
    if row is None or row.since is None or row.refusals < ALARM_AFTER:
        return None
    waiting = session.scalar(
        select(func.count(DocumentSending.document_id)).where(DocumentSending.state == SendingState.MADE)
    )
    return LockedOut(row.since, int(waiting or 0))


def _row(session: Session) -> PointStanding:
    """Load the row for changing it; the first time it is made."""
    found = session.get(PointStanding, ONLY, with_for_update=True, populate_existing=True)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            row = PointStanding(id=ONLY, refusals=0, since=None)
            session.add(row)
            session.flush()
            return row
    except IntegrityError:  # another worker made it in this moment
        return session.get_one(PointStanding, ONLY, with_for_update=True, populate_existing=True)
