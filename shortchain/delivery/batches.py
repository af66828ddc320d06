"""Reads a cycle's orders for the batch at the cut-off, and follows what the batch found, order by order.

Stages that somebody promised or began stay; so do orders whose goods are under way. Whatever stops in
the middle leaves every order with a whole chain: the one it had, or the one the batch found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.capacity import ledger
from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.delivery import chain, rerouting
from shortchain.delivery.models import Leg, LegState
from shortchain.delivery.order_facts import farms_of, jobs_of, lines_of, points_of, said_no
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import coordinator_tasks
from shortchain.fulfilment import jobs as work
from shortchain.fulfilment.models import Job, JobState, RouteDecision
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Distance
from shortchain.ordering import orders as books
from shortchain.ordering.models import Order, OrderState
from shortchain.progress import Progress
from shortchain.routing import candidates, requests
from shortchain.routing.batch.asking import Place, Question, Standing
from shortchain.routing.batch.floors import Floored
from shortchain.routing.columns import Columns
from shortchain.routing.models import BatchRun
from shortchain.routing.plans import Policy, RouteRequest

ASKED = "batch"
"""The kind of long work that planning a cycle is; `total` of a run is in per cent."""
WHOLE = 100
ASKABLE = (JobState.PLANNED, JobState.OFFERED)
"""Jobs that the batch may give to somebody else: nobody has said yes to them."""
UNDER_WAY = (LegState.COLLECTED, LegState.DELIVERED, LegState.FAILED)
MODE = "batch"


class NotThisHub(NotFound):
    """The cycle is another hub's, or is not there."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a batch looks at: the orders as they stand, and who could do what on their days."""

    cycle_id: int
    orders: tuple[Standing, ...]
    columns: Columns | None
    staying: int
    settled: tuple[RouteRequest, ...] = ()
    """What the orders that stay ask, for who thinks up more like them."""
    loosened: int = 0
    """How many of the orders move only because somebody's promises were made loose."""


def ask(session: Session, *, cycle: OrderCycle, now: datetime, floor: int | None = None) -> Progress:
    """Ask the worker to plan a cycle's orders together; once, while it is still waiting.

    `floor` is the social floor in per cent; without it, the one that the hub asked for last holds.
    """
    asked = {"cycle": cycle.id, "floor": last_floor(session, hub_id=cycle.hub_id) if floor is None else floor}
    return progress.ask(session, kind=ASKED, enterprise_id=cycle.hub_id, asked=asked, total=WHOLE, now=now)


def last_floor(session: Session, *, hub_id: int) -> int:
    """Say which social floor a hub asked for last, in per cent; none at first."""
    rows = session.scalars(
        select(Progress.asked)
        .where(Progress.enterprise_id == hub_id, Progress.kind == ASKED)
        .order_by(Progress.id.desc())
        .limit(1)
    )
    return int(next((asked.get("floor", 0) for asked in rows), 0))


def ask_for(session: Session, *, order: Order, now: datetime) -> None:
    """Ask for a batch because an order found nobody: others may make room for it.

    While the cycle is open that would shift work with every no; then the batch at the cut-off does it.
    """
    cycle = session.get_one(OrderCycle, order.cycle_id)
    if cycle.state is CycleState.CLOSED:
        ask(session, cycle=cycle, now=now)


def own_cycle(session: Session, *, public_id: str, hub_id: int) -> OrderCycle:
    """Find a cycle of a hub.

    :raises NotThisHub: when there is none, or it is another's
    """
    cycle = session.scalar(select(OrderCycle).where(OrderCycle.public_id == public_id, OrderCycle.hub_id == hub_id))
    if cycle is None:
        raise NotThisHub()
    return cycle


def read_cycle(
    session: Session,
    *,
    cycle_id: int,
    now: datetime,
    closed: int | None = None,
    loose: int | None = None,
    also_settled: bool = False,
) -> Cycle:
    """Read the confirmed orders of a cycle with where their stages stand; `staying` counts those that can not move.

    `closed` is an enterprise that is thought away, for who asks what would happen: even what it promised is free.
    `loose` is one whose promises count as movable where they stand, so that both sides of that question speak of the same orders.
    With `also_settled` what the orders that stay ask is read too, and who could do it on their days.
    """
    found = session.scalars(
        select(Order)
        .where(Order.cycle_id == cycle_id, Order.state == OrderState.CONFIRMED, ~Order.at_gate)
        .order_by(Order.id)
    ).all()
    numbers = [order.id for order in found]
    lines, live, refused = lines_of(session, numbers), jobs_of(session, numbers), said_no(session, numbers)
    moving = set(session.scalars(select(Leg.order_id).where(Leg.order_id.in_(numbers), Leg.state.in_(UNDER_WAY))))
    closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == cycle_id)).scalar_one()
    farms = farms_of(session, {line.farm_id for own in lines.values() for line in own})
    points = points_of(session, {job.enterprise_id for own in live.values() for job in own.values()})
    standing, freed, settled, loosened = [], defaultdict[tuple[int, date, str], int](int), [], 0
    for order in found:
        own = {key: job for key, job in live[order.id].items() if job.enterprise_id != closed}
        movable = {
            key: job
            for key, job in own.items()
            if job.state in ASKABLE or (job.enterprise_id == loose and job.state in chain.MAY_MOVE)
        }
        kept = {key: job for key, job in own.items() if key not in movable}
        request = requests.for_order(
            session,
            order=order,
            lines=lines[order.id],
            now=now,
            without=refused[order.id] | ({closed} if closed else set()),
            fixed={key: rerouting.fixed_as(job, *points[job.enterprise_id]) for key, job in kept.items()},
            closes_at=closes_at,
            farms=farms,
        )
        if order.id in moving or set(chain.keys_of(lines[order.id])) == set(kept):
            settled.append(request)
            continue
        standing.append(
            Standing(order.id, request, {key: (job.capability_id, job.day) for key, job in movable.items()})
        )
        loosened += all(job.state not in ASKABLE for job in movable.values()) and bool(movable)
        for job in movable.values():
            freed[job.capability_id, job.day, chain.half_of_job(job, order)] += job.use
    asking = [one.request for one in standing] + (settled if also_settled else [])
    days = {day for one in asking for day in candidates.work_days(one.delivery_day, one.first_day)}
    columns = candidates.read_candidates(session, days=sorted(days), freed=freed) if days else None
    return Cycle(cycle_id, tuple(standing), columns, len(settled), tuple(settled) if also_settled else (), loosened)


def follow(
    session: Session,
    *,
    order_id: int,
    was: Standing,
    places: Mapping[str, Place],
    note: str,
    distance: Distance,
    by: Actor,
    now: datetime,
) -> list[Job] | None:
    """Give some stages of an order to whom the batch found; None when the order is not as the batch saw it.

    :raises Unroutable: when there is no room for it now
    """
    order = books.lock(session, order_id=order_id)
    live = {chain.key_of(job): job for job in work.live_jobs(session, order_id=order_id)}
    now_at = {key: (job.capability_id, job.day) for key, job in live.items() if job.state in ASKABLE}
    if order.state is not OrderState.CONFIRMED or any(now_at.get(key) != place for key, place in was.places.items()):
        return None
    new = rerouting.replan(
        session,
        order=order,
        free=frozenset(places),
        distance=distance,
        policy=Policy(),
        by=by,
        now=now,
        wishes=[Wish(key, capability, day) for key, (capability, day) in places.items()],
        mode=MODE,
        note=note,
    )
    coordinator_tasks.settle_found(
        session, order_id=order_id, keys=set(places) - set(live), answer=MODE, by=by, now=now
    )
    return new


def let_go(session: Session, *, order_id: int, keys: Sequence[str], now: datetime) -> None:
    """Free the capacity of stages that are about to go elsewhere, so that orders can change places."""
    for job in work.live_jobs(session, order_id=order_id):
        if chain.key_of(job) in keys and job.state in ASKABLE:
            ledger.release(session, key=job.reservation_key, now=now)


def store(
    session: Session,
    *,
    run: Progress,
    cycle: Cycle,
    question: Question,
    floored: Floored,
    moved: int,
    now: datetime,
) -> BatchRun:
    """Keep what a batch found and what is proven about it."""
    plan = floored.plan
    stands = sum(
        order.penalty if chain_ is None else order.cost(chain_)
        for order, chain_ in zip(question.problem.orders, question.start, strict=True)
    )
    row = BatchRun(
        public_id=run.public_id,
        cycle_id=cycle.cycle_id,
        hub_id=run.enterprise_id,
        started_at=run.started_at,
        ended_at=now,
        orders=len(question.orders),
        staying=cycle.staying + len(question.left_out),
        moved=moved,
        unserved=plan.unserved,
        cost_before=round(stands),
        cost=round(plan.cost),
        bound=_proven(plan.bound),
        truncated=plan.truncated,
        floor_percent=run.asked.get("floor", 0),
        floor_price=round(floored.price),
        steps=[[phase, round(cost), _proven(bound)] for phase, cost, bound in plan.steps],
    )
    session.add(row)
    session.flush()
    return row


def _proven(bound: float) -> int:
    """Round a bound down to whole cents; before anything is proven it is nothing."""
    return int(bound) if bound > 0 else 0


def newest_run(session: Session, *, cycle_id: int) -> BatchRun | None:
    """Give the last batch of a cycle."""
    return session.scalar(select(BatchRun).where(BatchRun.cycle_id == cycle_id).order_by(BatchRun.id.desc()).limit(1))


def offered_by(session: Session, *, cycle_id: int, since: datetime) -> Sequence[Job]:
    """List the jobs that a batch offered since then, also those of a worker that died."""
    return session.scalars(
        select(Job)
        .join(Order, Order.id == Job.order_id)
        .join(
            RouteDecision,
            (RouteDecision.order_id == Job.order_id) & (RouteDecision.version == Job.decision_version),
        )
        .where(
            Order.cycle_id == cycle_id,
            Job.state == JobState.OFFERED,
            Job.offered_at >= since,
            RouteDecision.mode == MODE,
        )
        .order_by(Job.id)
    ).all()


def count_orders(session: Session, *, cycle_id: int) -> int:
    """Count the confirmed orders of a cycle that others work on; those collected at a gate have no chain."""
    query = select(func.count(Order.id)).where(
        Order.cycle_id == cycle_id, Order.state == OrderState.CONFIRMED, ~Order.at_gate
    )
    return session.scalar(query) or 0
