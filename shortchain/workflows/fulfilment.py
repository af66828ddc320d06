"""Providers say yes, propose another time and do their jobs; `declining` is for who says no, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import chain, choices, legs
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import jobs
from shortchain.fulfilment.jobs import AlreadyAnswered, TooEarly
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, DomainError, Invalid, NotFound
from shortchain.kernel.halves import AFTERNOON_FROM, HALVES, MORNING
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day, local_hour
from shortchain.notifications import changes
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import weighed
from shortchain.routing.plans import Policy, Unroutable
from shortchain.stock import allocations
from shortchain.transaction import transaction

__all__ = [
    "AlreadyAnswered",
    "TooEarly",
    "accept_job",
    "accept_jobs",
    "finish_job",
    "pause_job",
    "propose_time",
    "start_job",
]


PROPOSED_AT_MOST = timedelta(days=14)


def accept_job(session: Session, *, job_public_id: str, enterprise_id: int, by: Actor, now: datetime) -> None:
    """Accept an offered job.

    :raises AlreadyAnswered: when it is not on offer any more
    """
    with transaction(session):
        job = jobs.load_own(session, public_id=job_public_id, enterprise_id=enterprise_id)
        jobs.answer(session, job=job, action="accept", reason="", by=by, now=now)


def accept_jobs(
    session: Session, *, job_public_ids: Sequence[str], enterprise_id: int, by: Actor, now: datetime
) -> tuple[int, int]:
    """Accept several offered jobs, each in its own transaction; returns (accepted, gone meanwhile)."""
    accepted = gone = 0
    for public_id in job_public_ids:
        try:
            with transaction(session):
                job = jobs.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
                jobs.answer(session, job=job, action="accept", reason="", by=by, now=now)
            accepted += 1
        except DomainError:
            gone += 1
    return accepted, gone


class BadTime(Invalid):
    """The day or the half day that was proposed cannot be right."""

    message = N_("Kies een ander moment, vanaf nu en hoogstens twee weken verder.")


class SameTime(BadTime):
    """The moment that was proposed is the one that is planned, with the half that the day of the delivery has by itself."""

    message = N_("Dat is het moment dat al gepland is. Kies een ander moment.")


def propose_time(
    session: Session,
    gateways: Gateways,
    *,
    job_public_id: str,
    enterprise_id: int,
    day: date,
    half: str = "",
    by: Actor,
    now: datetime,
) -> bool:
    """Propose to do a job on another day, or in a half of that or the same day ('': either); returns whether that is settled.

    When the chain, the customer's window and what is left of that half allow it, the job moves and is accepted at once.
    When not, the job stays as it was and the coordinator gets a task with the reasons. It costs nothing either way.

    :raises BadTime: for one that is past or more than two weeks away
    :raises SameTime: for the time that is planned
    :raises AlreadyAnswered: when the job is not theirs to move any more
    """
    with transaction(session):
        job = jobs.load_own(session, public_id=job_public_id, enterprise_id=enterprise_id)
        if job.state not in (JobState.OFFERED, JobState.ACCEPTED) or job.refused_at is not None:
            raise AlreadyAnswered()
        order = session.scalars(select(Order).where(Order.id == job.order_id).with_for_update()).one()
        _check_time(job, order, day, half, now)
        refusal: Unroutable | None = None
        if job.stage is not Stage.DELIVER:  # delivering on another day is another day for the customer
            wish = Wish(chain.key_of(job), job.capability_id, day, half, moves=True)
            try:
                moved = choices.follow_wish(
                    session,
                    order=order,
                    wish=wish,
                    mode="moved",
                    ask_all=True,
                    distance=gateways.distance,
                    policy=Policy(),
                    by=by,
                    now=now,
                )
                for one in moved:
                    jobs.answer(session, job=one, action="accept", reason="", by=by, now=now)
                return True
            except Unroutable as error:
                refusal = error
        jobs.ask_about_time(
            session, order=order, job=job, key=chain.key_of(job), day=day, half=half, refusal=refusal, now=now
        )
    return False


def _check_time(job: Job, order: Order, day: date, half: str, now: datetime) -> None:
    today = local_day(now)
    is_over = half == MORNING and day == today and local_hour(now) >= AFTERNOON_FROM.hour
    if half not in ("", *HALVES) or is_over or not today <= day <= today + PROPOSED_AT_MOST:
        raise BadTime(fields=("day",))
    if day == job.day and half in (job.half, chain.half_of_job(job, order)):
        raise SameTime(fields=("day",))


def start_job(session: Session, *, job_public_id: str, enterprise_id: int, by: Actor, now: datetime) -> None:
    """Start an accepted job; what it needs counts as arrived then.

    :raises TooEarly: when the step before is not done
    """
    with transaction(session):
        job = _load_at_place(session, job_public_id, enterprise_id)
        jobs.start(session, job=job, by=by, now=now)
        legs.arrive_with_job(session, job=job, by=by, now=now)


def pause_job(session: Session, *, job_public_id: str, enterprise_id: int, by: Actor, now: datetime) -> None:
    """Put a started job back to accepted."""
    with transaction(session):
        job = _load_at_place(session, job_public_id, enterprise_id)
        job.move("pause")


def finish_job(session: Session, *, job_public_id: str, enterprise_id: int, by: Actor, now: datetime) -> None:
    """Finish a started job: the goods of its lines are picked and their lots written on it.

    What was paid by weight gets its true price with the packing, and the customer the difference back.

    :raises NotWeighed: when a weight is missing
    """
    with transaction(session):
        job = _load_at_place(session, job_public_id, enterprise_id)
        claims = _claims(session, job)
        if job.stage is Stage.PACK:
            back, lines = weighed.give_back(session, order_id=job.order_id, among=list(claims), now=now)
            if lines:
                order = session.get_one(Order, job.order_id)
                changes.order_weighed(session, order=order, key=job.public_id, lines=lines, back=back, now=now)
            allocations.pick(session, claims=list(claims.values()), now=now)
        lots = allocations.lots_of_claims(session, claims=list(claims.values()))
        by_line = {line: [code for code, _amount in lots.get(claim, [])] for line, claim in claims.items()}
        jobs.finish(session, job=job, lots=by_line, by=by, now=now)


def _load_at_place(session: Session, public_id: str, enterprise_id: int) -> Job:
    """Load a job that is done at a place; delivering moves with the stops of its tour.

    :raises NotFound: when there is none, it is another's, or it is a delivery
    """
    job = jobs.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
    if job.stage is Stage.DELIVER:
        raise NotFound()
    return job


def _claims(session: Session, job: Job) -> dict[int, str]:
    rows = session.execute(
        select(OrderLine.id, OrderLine.claim).where(OrderLine.id.in_([line.order_line_id for line in job.lines]))
    )
    return {row[0]: row[1] for row in rows}
