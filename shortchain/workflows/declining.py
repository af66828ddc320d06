"""Providers say no, or nothing: others are sought at once, and for many requests together.

A no to many is written down in one transaction and carried out job by job, each in one of its own: the press does the
first ones, the worker the rest. Until then a job stays with who said no, hidden from them, so that its order has a
whole chain at any moment, the old one or the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.delivery import batches, rerouting, together
from shortchain.delivery.together import AT_ONCE
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import jobs, refusals
from shortchain.fulfilment.jobs import AlreadyAnswered
from shortchain.fulfilment.models import Job
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.ports import Gateways
from shortchain.notifications import telling
from shortchain.ordering.models import Order
from shortchain.routing.plans import Policy
from shortchain.transaction import transaction


@dataclass(frozen=True, slots=True)
class Declined:
    """What became of a no to several requests.

    Somebody was found, the coordinator has it, the worker still has it to do; `gone` were answered meanwhile or not
    theirs.
    """

    found: int
    unrouted: int
    left: int
    gone: int

    @property
    def said(self) -> int:
        """To how many it could still say no."""
        return self.found + self.unrouted + self.left


def decline_job(
    session: Session,
    gateways: Gateways,
    *,
    job_public_id: str,
    enterprise_id: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> bool:
    """Decline a job that has not started; the next best is asked at once.

    Returns whether somebody else was found. The customer notices nothing.

    :raises AlreadyAnswered: when there is nothing to decline any more
    """
    with transaction(session):
        job = jobs.load_own(session, public_id=job_public_id, enterprise_id=enterprise_id)
        jobs.answer(session, job=job, action="decline", reason=reason, by=by, now=now)
        found = _replace(session, gateways, job, (), by, now)
    crash.point("routing.committed")
    return found


def decline_jobs(
    session: Session,
    gateways: Gateways,
    *,
    job_public_ids: Sequence[str],
    enterprise_id: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> Declined:
    """Decline several requests; others are chosen for many of them together.

    The no is written down for all of them first, in one transaction: whatever a crash leaves over is found by
    `replace_refused`. What was accepted meanwhile by somebody of the same enterprise stays accepted.
    """
    names = list(dict.fromkeys(job_public_ids))
    with transaction(session):
        said = refusals.note(session, public_ids=names, enterprise_id=enterprise_id, reason=reason, by=by, now=now)
    crash.point("declining.noted")
    found, unrouted = _replace_refused(session, gateways, enterprise_id=enterprise_id, limit=AT_ONCE, by=by, now=now)
    with transaction(session):
        left = refusals.count(session, enterprise_id=enterprise_id)
    return Declined(found, unrouted, left, len(names) - said)


def replace_refused(session: Session, gateways: Gateways, *, now: datetime, limit: int = 100) -> int:
    """Find others for requests that were declined many at a time; returns how many jobs were given on."""
    return sum(_replace_refused(session, gateways, enterprise_id=None, limit=limit, by=SYSTEM, now=now))


def expire_offers(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Let offers that nobody answered expire and ask the next best, chosen for all together, one transaction each."""
    with transaction(session):
        due = jobs.overdue(session, now=now)
    chosen = _choose(session, due[: together.MOST], now)
    found = 0
    for number in sorted(due, key=lambda one: one not in chosen):
        with transaction(session):
            job = jobs.load(session, job_id=number)
            try:
                jobs.answer(session, job=job, action="expire", reason="", by=SYSTEM, now=now)
            except AlreadyAnswered:
                continue  # answered between our look and our lock
            _replace(session, gateways, job, chosen.get(number, ()), SYSTEM, now)
            found += 1
    return found


def _replace_refused(
    session: Session, gateways: Gateways, *, enterprise_id: int | None, limit: int, by: Actor, now: datetime
) -> tuple[int, int]:
    """Choose for all of it together, outside any transaction, then write job by job; those with a place go first."""
    with transaction(session):
        due = refusals.due(session, enterprise_id=enterprise_id, limit=together.looks_at(limit))
    chosen = _choose(session, due, now)
    found = unrouted = 0
    for number in sorted(due, key=lambda one: one not in chosen)[:limit]:
        with transaction(session):
            job = jobs.load(session, job_id=number)
            if not refusals.carry_out(session, job=job):
                continue  # another worker, a batch or a coordinator was first
            outcome = _replace(session, gateways, job, chosen.get(number, ()), by, now)
        found, unrouted = found + outcome, unrouted + (not outcome)
        crash.point("declining.replaced")
    return found, unrouted


def _choose(session: Session, due: Sequence[int], now: datetime) -> dict[int, tuple[Wish, ...]]:
    """Choose others for jobs together; one alone is asked for by itself when it is written."""
    if len(due) == 1:
        return {}
    which: ColumnElement[bool] = Job.id.in_(due)
    with transaction(session):
        hit = together.read_hit(session, which=which, is_refusal=True, now=now)
    return together.choose(hit, policy=Policy())


def _replace(session: Session, gateways: Gateways, job: Job, chosen: Sequence[Wish], by: Actor, now: datetime) -> bool:
    """Ask whom was chosen, or the next best, for a job that its doer gave back; says whether there is somebody."""
    crash.point("routing.answered")
    order = session.scalars(select(Order).where(Order.id == job.order_id).with_for_update()).one()
    new = rerouting.lay_anew(
        session,
        order=order,
        failed=job,
        distance=gateways.distance,
        policy=Policy(),
        by=by,
        now=now,
        chosen=chosen,
    )
    if not new:
        batches.ask_for(session, order=order, now=now)
    telling.jobs_offered(session, jobs=new, now=now)
    crash.point("routing.before_commit")
    return bool(new)
