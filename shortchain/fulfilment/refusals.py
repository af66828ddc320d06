"""A no to many requests at once: written down for all of them, carried out one by one.

Between the two a job is still its doer's, so that its order has a whole chain, but it is on offer no more: nobody can
accept it, it does not expire, and the planner counts the no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobState, Stage
from shortchain.journal import Actor
from shortchain.ordering.models import Order, OrderState

SHOWN_FOR = timedelta(hours=2)
"""So long a provider reads what became of a no to many requests."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of the requests that an enterprise declined many at a time, of orders that still stand: those for
    which others are sought, those that somebody else has, and those for which nobody was found."""

    left: int
    found: int
    unrouted: int

    @property
    def total(self) -> int:
        return self.left + self.found + self.unrouted


def note(
    session: Session, *, public_ids: Sequence[str], enterprise_id: int, reason: str, by: Actor, now: datetime
) -> int:
    """Write down that an enterprise says no to requests; says to how many it could.

    Those that were answered meanwhile, by whomever, are left as they are. Rows are locked order by order, as a batch does.
    """
    found = session.scalars(
        _waiting(is_refused=False)
        .where(Job.public_id.in_(public_ids), Job.enterprise_id == enterprise_id)
        .order_by(Job.order_id, Job.id)
        .with_for_update()
    ).all()
    for job in found:
        job.refused_at, job.reason = now, reason[: jobs.REASON_LENGTH]
        jobs.note(session, "job.declined", job=job, by=by, now=now)
    session.flush()
    return len(found)


def due(session: Session, *, enterprise_id: int | None, limit: int) -> list[int]:
    """List the jobs that were declined so and have nobody else yet, those of the earliest day first."""
    query = _of(enterprise_id).with_only_columns(Job.id).order_by(Job.day, Job.id).limit(limit)
    return list(session.scalars(query))


def count(session: Session, *, enterprise_id: int) -> int:
    """Count the jobs of an enterprise that were declined so and have nobody else yet."""
    return session.scalar(_of(enterprise_id).with_only_columns(func.count(Job.id))) or 0


def carry_out(session: Session, *, job: Job) -> bool:
    """Make the no of a locked job true: from here on it is not its doer's; False when it moved meanwhile."""
    if job.state is not JobState.OFFERED or job.refused_at is None:
        return False
    job.move("decline")
    job.answered_at = job.refused_at
    session.flush()
    return True


def became(session: Session, *, enterprise_id: int, now: datetime) -> Became:
    """Say what became of what an enterprise declined so in the last hours."""
    other = aliased(Job)
    has_other = exists().where(
        other.order_id == Job.order_id,
        other.stage == Job.stage,
        or_(Job.stage != Stage.PROCESS, other.service == Job.service),
        other.state.in_(LIVE_JOBS),
    )
    mine = select(func.count(Job.id)).where(Job.enterprise_id == enterprise_id, Job.refused_at > now - SHOWN_FOR)
    gone = mine.where(Job.state != JobState.OFFERED).join(Order).where(Order.state == OrderState.CONFIRMED)
    found, unrouted = (session.scalar(gone.where(one)) or 0 for one in (has_other, ~has_other))
    return Became(count(session, enterprise_id=enterprise_id), found, unrouted)


def _of(enterprise_id: int | None) -> Select[Job]:
    query = _waiting(is_refused=True)
    return query if enterprise_id is None else query.where(Job.enterprise_id == enterprise_id)


def _waiting(*, is_refused: bool) -> Select[Job]:
    said = Job.refused_at.is_not(None) if is_refused else Job.refused_at.is_(None)
    return select(Job).where(Job.state == JobState.OFFERED, said)
