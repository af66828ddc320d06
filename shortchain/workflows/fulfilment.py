"""Providers answer and do their jobs; who falls out is replaced in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.delivery import batches, chain, choices, legs, rerouting, together
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import jobs
from shortchain.fulfilment.jobs import AlreadyAnswered, TooEarly
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import N_, DomainError, Invalid, NotFound
from shortchain.kernel.halves import AFTERNOON_FROM, HALVES, MORNING
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day, local_hour
from shortchain.notifications import changes, telling
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
    "decline_job",
    "decline_jobs",
    "expire_offers",
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
        found = _drop(session, gateways, job_public_id, enterprise_id, "decline", reason, by, now)
    crash.point("routing.committed")
    return found


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
        if job.state not in (JobState.OFFERED, JobState.ACCEPTED):
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


def decline_jobs(
    session: Session,
    gateways: Gateways,
    *,
    job_public_ids: Sequence[str],
    enterprise_id: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> tuple[int, int, int]:
    """Decline several jobs that have not started, each in its own transaction; others are chosen for all together.

    Returns (somebody was found, left to the coordinator, answered meanwhile or not theirs).
    """
    due = [(public_id, enterprise_id) for public_id in dict.fromkeys(job_public_ids)]
    return _drop_all(session, gateways, due, "decline", reason, by, now)


def expire_offers(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Let offers that nobody answered expire and ask the next best, chosen for all together, one transaction each."""
    found, unrouted, _gone = _drop_all(session, gateways, jobs.overdue(session, now=now), "expire", "", SYSTEM, now)
    return found + unrouted


def _drop_all(
    session: Session,
    gateways: Gateways,
    due: Sequence[tuple[str, int]],
    action: str,
    reason: str,
    by: Actor,
    now: datetime,
) -> tuple[int, int, int]:
    """Choose for all jobs together, outside any transaction, then take them back one by one, those with a place first."""
    chosen: dict[str, tuple[Wish, ...]] = {}
    if len(due) > 1:
        with transaction(session):
            names = [public_id for public_id, _owner in due[: together.MOST]]
            which = Job.public_id.in_(names) & Job.enterprise_id.in_({owner for _public_id, owner in due})
            hit = together.read_hit(session, which=which, is_refusal=True, now=now)
            ids = {row[0]: row[1] for row in session.execute(select(Job.public_id, Job.id).where(which))}
        places = together.choose(hit, policy=Policy())
        chosen = {name: places[number] for name, number in ids.items() if number in places}
    found = unrouted = gone = 0
    for public_id, owner in sorted(due, key=lambda one: one[0] not in chosen):
        try:
            with transaction(session):
                outcome = _drop(session, gateways, public_id, owner, action, reason, by, now, chosen.get(public_id, ()))
            found, unrouted = found + outcome, unrouted + (not outcome)
        except (AlreadyAnswered, NotFound):
            gone += 1  # answered between our look and our lock
    return found, unrouted, gone


def _drop(
    session: Session,
    gateways: Gateways,
    public_id: str,
    enterprise_id: int,
    action: str,
    reason: str,
    by: Actor,
    now: datetime,
    chosen: Sequence[Wish] = (),
) -> bool:
    job = jobs.load_own(session, public_id=public_id, enterprise_id=enterprise_id)
    jobs.answer(session, job=job, action=action, reason=reason, by=by, now=now)
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
