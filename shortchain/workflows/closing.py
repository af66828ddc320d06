"""A provider that is suddenly closed: all its work that has not started goes to others at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.capacity import ledger
from shortchain.delivery import batches, chain, rerouting, together
from shortchain.delivery.models import Leg, LegState
from shortchain.delivery.together import AT_ONCE
from shortchain.delivery.wishes import Wish
from shortchain.enterprises import calendar, capabilities
from shortchain.enterprises.models import Closure
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import Job
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.ordering.models import Order
from shortchain.routing.plans import Policy
from shortchain.transaction import transaction


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the work: found somebody, left to the coordinator, still to be done by the worker."""

    found: int
    unrouted: int
    left: int


def close_suddenly(
    session: Session,
    gateways: Gateways,
    *,
    enterprise_id: int,
    first_day: date,
    last_day: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> Moved:
    """Close an enterprise from a day on although work was promised, and find others for that work.

    The closed days are one transaction and each job is one of its own: whatever a crash leaves over is
    work on a closed day, which `reroute_closed` finds. Work that has started stays. Nobody is told but
    who is asked now and, where nobody is found, the coordinator: time and place of the customer stay.

    :raises BadClosure: when the days cannot be right
    """
    with transaction(session):
        calendar.close(
            session,
            enterprise_id=enterprise_id,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
            now=now,
            by=by,
        )
        for one in capabilities.list_of(session, enterprise_id=enterprise_id, also_stopped=True):
            ledger.follow_calendar(session, capability_id=one.id, from_day=max(first_day, local_day(now)))
    crash.point("closing.closed")
    found, unrouted = _reroute(session, gateways, enterprise_id=enterprise_id, limit=AT_ONCE, by=by, now=now)
    with transaction(session):
        query = _on_closed_days(enterprise_id, now).with_only_columns(func.count(Job.id)).order_by(None)
        left = session.scalar(query) or 0
    return Moved(found, unrouted, left)


def reroute_closed(session: Session, gateways: Gateways, *, now: datetime, limit: int = 100) -> int:
    """Find others for work that stands on a closed day; returns how many jobs were taken from there."""
    return sum(_reroute(session, gateways, enterprise_id=None, limit=limit, by=SYSTEM, now=now))


def _reroute(
    session: Session, gateways: Gateways, *, enterprise_id: int | None, limit: int, by: Actor, now: datetime
) -> tuple[int, int]:
    """Choose for all of it together, outside any transaction, then write job by job; those with a place go first."""
    with transaction(session):
        due = session.scalars(_on_closed_days(enterprise_id, now).limit(together.looks_at(limit))).all()
        which = Job.id.in_(due)
        hit = together.read_hit(session, which=which, is_refusal=False, now=now) if len(due) > 1 else None
    chosen = together.choose(hit, policy=Policy()) if hit else {}
    found = unrouted = 0
    for number in sorted(due, key=lambda one: one not in chosen)[:limit]:
        with transaction(session):
            outcome = _give_away(session, gateways, number, chosen.get(number, ()), by, now)
        if outcome is not None:
            found, unrouted = found + outcome, unrouted + (not outcome)
    return found, unrouted


def _on_closed_days(enterprise_id: int | None, now: datetime) -> Select[int]:
    """Ask for the jobs that have not started and stand on a coming closed day of whoever does them.

    Goods that are under way already stay where they are, whatever the job says.
    """
    under_way = exists().where(
        Leg.job_id == Job.id, Leg.state.in_([LegState.COLLECTED, LegState.DELIVERED, LegState.FAILED])
    )
    closed = exists().where(
        Closure.enterprise_id == Job.enterprise_id, Closure.first_day <= Job.day, Closure.last_day >= Job.day
    )
    query = select(Job.id).where(Job.state.in_(chain.MAY_MOVE), Job.day >= local_day(now), closed, ~under_way)
    if enterprise_id is not None:
        query = query.where(Job.enterprise_id == enterprise_id)
    return query.order_by(Job.day, Job.id)


def _give_away(
    session: Session, gateways: Gateways, job_id: int, chosen: Sequence[Wish], by: Actor, now: datetime
) -> bool | None:
    """Take one job back and ask those that were chosen, or somebody else; None when it has moved meanwhile."""
    job = session.scalar(select(Job).where(Job.id == job_id).with_for_update())
    if job is None or job.state not in chain.MAY_MOVE:
        return None
    order = session.scalars(select(Order).where(Order.id == job.order_id).with_for_update()).one()
    jobs.withdraw(session, jobs=[job], by=by, now=now)
    new = rerouting.lay_anew(
        session, order=order, failed=job, distance=gateways.distance, policy=Policy(), by=by, now=now, chosen=chosen
    )
    if not new:
        batches.ask_for(session, order=order, now=now)
    ledger.follow_calendar(session, capability_id=job.capability_id, from_day=job.day)
    telling.jobs_offered(session, jobs=[one for one in new if one.answer_by], now=now)
    journal.record(
        session,
        "job.closed_out",
        by=by,
        now=now,
        order_id=order.id,
        enterprise_id=job.enterprise_id,
        job=job.id,
        found=bool(new),
    )
    return bool(new)
