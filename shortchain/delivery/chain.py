"""Lays the chain of an order: a decision with its reasons, jobs with reserved capacity, and legs.

That is one piece of a transaction that also holds the order. `rerouting` lays it anew when somebody falls out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.ledger import Want
from shortchain.delivery import legs as ways
from shortchain.delivery.models import LegState
from shortchain.delivery.wishes import Moment
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import Actor
from shortchain.kernel.halves import half_of
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderLine
from shortchain.routing.plans import RoutePlan
from shortchain.routing.requests import packs_same_day

MAY_MOVE = (JobState.PLANNED, JobState.OFFERED, JobState.ACCEPTED)


def write(
    session: Session,
    *,
    order: Order,
    lines: Sequence[OrderLine],
    plan: RoutePlan,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> list[Job]:
    """Write a new chain for an order down: the decision, its jobs and its legs. `hold` comes after it.

    `version` is that of the decision; without it the order's next one is looked up.
    """
    version = version or work.next_version(session, order_id=order.id)
    work.decide(session, order=order, plan=plan, mode="online", by=by, now=now, version=version)
    opened = work.open_jobs(session, order=order, plan=plan, lines=lines, decision_version=version, now=now)
    ways.open_legs(session, order=order, plan=plan, jobs=opened, decision_version=version)
    return [job for job in opened if job is not None]


def hold(
    session: Session, *, order: Order, jobs: Sequence[Job], until: datetime, now: datetime, is_first: bool = False
) -> None:
    """Hold each job's capacity under its own key until the deadline, all or nothing.

    `is_first` says that this order never held anything, which saves a look.

    :raises CapacityGone: when somebody was first; the caller rolls the chain back and plans again
    """
    ledger.hold_each(
        session,
        claim=order.claim,
        wanted={
            job.reservation_key: [Want(job.capability_id, job.day, job.use, half_of_job(job, order))] for job in jobs
        },
        until=until,
        now=now,
        is_new=is_first,
    )


def half_of_job(job: Job, order: Order) -> str:
    """Give the half day that a job is tied to, by its place in the chain or since its doer chose it; '' for either."""
    return job.half or half_of(
        delivers=job.stage is Stage.DELIVER,
        day=job.day,
        delivery_day=local_day(order.starts_at),
        is_late=packs_same_day(order.starts_at),
    )


def moments_of(order: Order, jobs: Iterable[Job]) -> list[Moment]:
    """Say when the jobs of an order are done, with the half days that they are tied to."""
    return [Moment(job.stage.value, job.day, half_of_job(job, order)) for job in jobs]


def has_started(session: Session, *, order_id: int) -> bool:
    """Say whether somebody is at work on an order, or has its goods."""
    if any(job.state not in MAY_MOVE for job in work.live_jobs(session, order_id=order_id)):
        return True
    moved = (LegState.COLLECTED, LegState.DELIVERED, LegState.FAILED)
    return any(leg.state in moved for leg in ways.open_of_order(session, order_id=order_id))


def clear(session: Session, *, order: Order, by: Actor, now: datetime) -> None:
    """Take back what has not started, and free the capacity of it: the order is off."""
    live = work.live_jobs(session, order_id=order.id)
    gone = [job for job in live if job.state in MAY_MOVE]
    work.withdraw(session, jobs=gone, by=by, now=now)
    for job in gone:
        ledger.release(session, key=job.reservation_key, now=now)
    if len(gone) == len(live):
        ledger.release(session, claim=order.claim, now=now)
    ways.withdraw(session, legs=ways.open_of_order(session, order_id=order.id))


def keys_of(lines: Iterable[OrderLine]) -> list[str]:
    """Name the stages that the lines of an order need."""
    services = sorted({line.process_service for line in lines if line.process_service})
    return [*(f"process:{service}" for service in services), "pack", "deliver"]


def key_of(job: Job) -> str:
    """Name the stage of a job as the planner does."""
    return f"process:{job.service}" if job.stage is Stage.PROCESS else job.stage.value
