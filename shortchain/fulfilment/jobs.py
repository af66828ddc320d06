"""Opens, offers and moves jobs. A job's state is the only truth about who does what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.accounts.models import User
from shortchain.database import add_rows
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.fulfilment import coordinator_tasks
from shortchain.fulfilment.models import (
    LIVE_JOBS,
    CoordinatorTask,
    Job,
    JobLine,
    JobState,
    RouteDecision,
    Stage,
)
from shortchain.journal import SYSTEM, Actor, JournalEntry
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.ordering.models import Order, OrderLine
from shortchain.routing.plans import PlannedJob, RoutePlan, Unroutable

REASON_LENGTH = 200
ANSWERED_BY = N_("%(name)s heeft deze opdracht intussen al beantwoord.")


class TooEarly(Conflict):
    """The step before this one is not done."""

    message = N_("Dit kan pas als de vorige stap klaar is.")


class NobodyBefore(TooEarly):
    """The step before this one has nobody; a coordinator is asked to find somebody."""

    message = N_("Voor een stap hiervoor is nog niemand gevonden. Begin pas als de coördinator die geregeld heeft.")


class AlreadyAnswered(Conflict):
    """Somebody of the same enterprise, or the deadline, was first."""

    message = N_("Deze opdracht is intussen al beantwoord of naar een ander gegaan.")

    def __init__(self, *, by: str = "") -> None:
        """Name the colleague who answered, where one did."""
        super().__init__(ANSWERED_BY if by else None, name=by)


def reservation_key(order: Order, job: PlannedJob, *, version: int) -> str:
    """Name the reservation of one job, so that holding it twice changes nothing."""
    return f"{order.public_id}:{version}:{job.stage}:{job.service}"


FIRST = 1
"""The version of an order's first decision."""


def decide(
    session: Session,
    *,
    order: Order,
    plan: RoutePlan,
    mode: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> RouteDecision:
    """Store a plan with its reasons as the newest decision of the order; who knows its version saves a look."""
    decision = RouteDecision(
        order_id=order.id,
        version=version or next_version(session, order_id=order.id),
        mode=mode,
        made_at=now,
        by_user_id=by.user_id,
        plan={"billed_cents": plan.billed_cents, "metres": plan.metres},
        explanation=plan.explanation,
    )
    session.add(decision)
    return decision


def next_version(session: Session, *, order_id: int) -> int:
    """Say which version an order's next decision has."""
    last = session.scalar(
        select(RouteDecision.version)
        .where(RouteDecision.order_id == order_id)
        .order_by(RouteDecision.version.desc())
        .limit(1)
    )
    return (last or 0) + FIRST


def open_jobs(
    session: Session,
    *,
    order: Order,
    plan: RoutePlan,
    lines: Sequence[OrderLine],
    decision_version: int,
    now: datetime,
) -> list[Job | None]:
    """Write the planned jobs down, state planned; None where a planned job is fixed and exists already.

    `plan` names order lines by their ids.
    """
    by_id = {line.id: line for line in lines}
    opened: list[Job | None] = []
    for planned in plan.jobs:
        if planned.is_fixed:
            opened.append(None)
            continue
        job = Job(
            order_id=order.id,
            enterprise_id=planned.enterprise_id,
            capability_id=planned.capability_id,
            stage=Stage(planned.stage),
            service=planned.service,
            state=JobState.PLANNED,
            day=planned.day,
            use=planned.use,
            metres=planned.metres,
            cost_cents=planned.cost_cents,
            vat_rate_bp=planned.vat_rate_bp,
            decision_version=decision_version,
            reservation_key=reservation_key(order, planned, version=decision_version),
        )
        session.add(job)
        opened.append(job)
    session.flush()
    add_rows(
        session,
        JobLine,
        [
            {"job_id": job.id, "order_line_id": by_id[ref].id}
            for job, planned in zip(opened, plan.jobs, strict=True)
            if job is not None
            for ref in planned.lines
        ],
    )
    return opened


def offer(session: Session, *, jobs: Sequence[Job], now: datetime) -> None:
    """Offer planned jobs to their enterprises, each with a deadline for the answer.

    The deadline is the enterprise's own number of hours, but not later than the evening before the
    work, so that somebody else can still be asked.
    """
    hours = {
        capability.id: capability.answer_hours
        for capability in session.scalars(
            select(Capability).where(Capability.id.in_([job.capability_id for job in jobs]))
        )
    }
    for job in jobs:
        job.move("offer")
        job.offered_at = now
        job.answer_by = now + timedelta(hours=hours[job.capability_id])
        note(session, "job.offered", job=job, by=SYSTEM, now=now)
    session.flush()


def offer_planned(session: Session, *, order_id: int, now: datetime) -> list[Job]:
    """Offer every planned job of an order; returns them."""
    planned = [job for job in live_jobs(session, order_id=order_id) if job.state is JobState.PLANNED]
    offer(session, jobs=planned, now=now)
    return planned


def load_own(session: Session, *, public_id: str, enterprise_id: int) -> Job:
    """Load a job of an enterprise, locked.

    :raises NotFound: when there is none, or it is another's
    """
    job = session.scalar(_locked().where(Job.public_id == public_id, Job.enterprise_id == enterprise_id))
    if job is None:
        raise NotFound()
    return job


def load(session: Session, *, job_id: int) -> Job:
    """Load a job that is known to be there, locked."""
    return session.scalars(_locked().where(Job.id == job_id)).one()


def _locked() -> Select[Job]:
    return select(Job).options(selectinload(Job.lines)).with_for_update()


def answer(session: Session, *, job: Job, action: str, reason: str, by: Actor, now: datetime) -> None:
    """Accept or decline an offered job; a decline needs no reason and has no price.

    :raises AlreadyAnswered: when it is not on offer any more
    """
    is_on_offer = job.state is JobState.OFFERED and job.refused_at is None
    if not (is_on_offer or (action == "decline" and job.state is JobState.ACCEPTED)):
        raise AlreadyAnswered(by=_who_answered(session, job))
    job.move(action)
    job.answered_at = now
    job.reason = reason[:REASON_LENGTH]
    what = {"accept": "job.accepted", "decline": "job.declined", "expire": "job.expired"}[action]
    note(session, what, job=job, by=by, now=now)
    session.flush()


def note(session: Session, what: str, *, job: Job, by: Actor, now: datetime) -> None:
    """Write what became of a job in the journal of its order and its enterprise."""
    journal.record(
        session,
        what,
        by=by,
        now=now,
        order_id=job.order_id,
        enterprise_id=job.enterprise_id,
        job=job.id,
        stage=job.stage.value,
    )


def _who_answered(session: Session, job: Job) -> str:
    """Name the person of the same enterprise who accepted or declined a job; empty when nobody did."""
    if job.state not in (JobState.ACCEPTED, JobState.DECLINED) and job.refused_at is None:
        return ""
    rows = session.execute(
        select(User.name, JournalEntry.data)
        .join(User, User.id == JournalEntry.by_user_id)
        .where(
            JournalEntry.order_id == job.order_id,
            JournalEntry.enterprise_id == job.enterprise_id,
            JournalEntry.what.in_(["job.accepted", "job.declined"]),
        )
        .order_by(JournalEntry.id.desc())
    )
    return next((name for name, data in rows if data.get("job") == job.id), "")


def start(session: Session, *, job: Job, by: Actor, now: datetime) -> None:
    """Start an accepted job.

    :raises TooEarly: when a process job that feeds it is not ready
    :raises NobodyBefore: when such a job has nobody, until a coordinator found somebody or ticked it off
    """
    if job.stage is Stage.PACK:
        if has_task_for(session, order_id=job.order_id, stage=Stage.PROCESS):
            raise NobodyBefore()
        for other in live_jobs(session, order_id=job.order_id):
            if other.stage is Stage.PROCESS and other.state is not JobState.READY:
                raise TooEarly()
    job.move("start")
    job.started_at = now
    note(session, "job.started", job=job, by=by, now=now)
    session.flush()


def has_task_for(session: Session, *, order_id: int, stage: Stage) -> bool:
    """Whether a coordinator still has to find somebody for a stage of an order."""
    tasks = coordinator_tasks.open_of_order(session, order_id=order_id, kind="unrouted")
    return any(task.data.get("stage") == stage.value for task in tasks)


def _proposals(session: Session, job: Job) -> list[CoordinatorTask]:
    """List the open tasks about another time that the doer of a job proposed."""
    tasks = coordinator_tasks.open_of_order(session, order_id=job.order_id, kind="other_time")
    return [task for task in tasks if task.data.get("job") == job.public_id]


def finish(session: Session, *, job: Job, lots: dict[int, list[str]], by: Actor, now: datetime) -> None:
    """Finish a started job; `lots` maps order line ids to the lot codes that went in, for tracing."""
    job.move("finish")
    job.ready_at = now
    for line in job.lines:
        line.packed = True
        line.lots = lots.get(line.order_line_id, [])
    note(session, "job.finished", job=job, by=by, now=now)
    session.flush()


def withdraw(session: Session, *, jobs: Sequence[Job], by: Actor, now: datetime) -> None:
    """Take jobs back that have not started."""
    for job in jobs:
        job.move("withdraw")
        note(session, "job.withdrawn", job=job, by=by, now=now)
        for task in _proposals(session, job):  # another time for work that is not theirs any more asks nobody anything
            coordinator_tasks.settle(session, task=task, answer="withdrawn", by=by, now=now)
    session.flush()


def live_jobs(session: Session, *, order_id: int, lock: bool = True) -> Sequence[Job]:
    """List the jobs of an order that count, in the order of the chain, with their lines.

    Who only reads asks for no lock.
    """
    query = (
        select(Job)
        .where(Job.order_id == order_id, Job.state.in_(LIVE_JOBS))
        .options(selectinload(Job.lines))
        .order_by(Job.id)
    )
    found = session.scalars(query.with_for_update() if lock else query).all()
    rank = {Stage.PROCESS: 0, Stage.PACK: 1, Stage.DELIVER: 2}
    return sorted(found, key=lambda job: (rank[job.stage], job.id))


def declined_by(session: Session, *, order_id: int) -> frozenset[int]:
    """Say which enterprises said no to this order, or nothing at all."""
    return frozenset(session.scalars(select(Job.enterprise_id).where(Job.order_id == order_id, was_refused())))


def was_refused() -> ColumnElement[bool]:
    """Ask whether a job was met with a no, or with silence."""
    return or_(Job.state.in_([JobState.DECLINED, JobState.EXPIRED]), Job.refused_at.is_not(None))


def ask_coordinator(
    session: Session,
    *,
    order: Order,
    kind: str,
    refusal: Unroutable | None = None,
    now: datetime,
    **data: object,
) -> CoordinatorTask:
    """Give the coordinator a task that the system could not settle, with the reasons."""
    reasons: dict[str, Any] = {"stages": refusal.stages} if refusal else {}
    task = CoordinatorTask(hub_id=order.hub_id, order_id=order.id, kind=kind, data={**reasons, **data}, created_at=now)
    session.add(task)
    journal.record(session, f"order.{kind}", by=SYSTEM, now=now, order_id=order.id, **reasons)
    session.flush()
    return task


def ask_about_time(
    session: Session,
    *,
    order: Order,
    job: Job,
    key: str,
    day: date,
    half: str,
    refusal: Unroutable | None,
    now: datetime,
) -> CoordinatorTask:
    """Give the coordinator a proposal of another time that the chain or the customer's window does not allow.

    `half` is that of the day which was proposed, '' for either. A second proposal for the same job takes the place of the first.
    """
    for task in _proposals(session, job):
        proposed = {"day": day.isoformat(), "half": half}
        task.data = {**task.data, **proposed, "stages": refusal.stages if refusal else {}}
        session.flush()
        return task
    return ask_coordinator(
        session,
        order=order,
        kind="other_time",
        refusal=refusal,
        now=now,
        job=job.public_id,
        key=key,
        name=session.get_one(Enterprise, job.enterprise_id).name,
        planned=job.day.isoformat(),
        day=day.isoformat(),
        half=half,
    )


def overdue(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """List the offered jobs whose deadline has passed."""
    query = (
        select(Job.id)
        .where(Job.state == JobState.OFFERED, Job.refused_at.is_(None), Job.answer_by <= now)
        .order_by(Job.answer_by, Job.id)
        .limit(limit)
    )
    return list(session.scalars(query))
