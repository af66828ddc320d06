"""Reads for the coordinator's board of chains: every order of a cycle with its hands, and how full they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket
from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.delivery import batches, what_ifs
from shortchain.delivery.chain import key_of
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, Job
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.progress import OPEN, Progress
from shortchain.routing.models import BatchRun

PAGE = 50


@dataclass(frozen=True, slots=True)
class BoardStage:
    """One stage of an order: who does it, when, and how far it is. `who` is empty when nobody does."""

    key: str
    who: str
    day: date | None
    state: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An order with its stages, in the order of the chain."""

    public_id: str
    number: str
    municipality: str
    starts_at: datetime
    stages: tuple[BoardStage, ...]


@dataclass(frozen=True, slots=True)
class BoardLoad:
    """How full a provider's day is, in the unit of its service: grams, boxes or stops."""

    enterprise: str
    service: str
    day: date
    used: int
    cap: int


@dataclass(frozen=True, slots=True)
class BoardCycle:
    public_id: str
    name: str
    state: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """A cycle's chains, a page of them, with the last batch and the one that is on its way.

    `lacking` counts the orders that have nobody for a stage; they come first.
    """

    cycle: BoardCycle
    cycles: tuple[BoardCycle, ...]
    orders: int
    lacking: int
    rows: tuple[BoardRow, ...]
    more: bool
    loads: tuple[BoardLoad, ...]
    run: BatchRun | None
    waiting: Progress | None
    floor: int
    providers: tuple[tuple[str, str], ...]


def board(session: Session, *, hub_id: int, cycle: str = "", page: int = 1) -> Board | None:
    """Read the board of a cycle of a hub; without one, of the last that closed. None when there is no cycle.

    :raises NotThisHub: for a cycle that is not the hub's
    """
    found = session.scalars(
        select(OrderCycle)
        .where(OrderCycle.hub_id == hub_id, OrderCycle.state.in_([CycleState.OPEN, CycleState.CLOSED, CycleState.DONE]))
        .order_by(case((OrderCycle.state == CycleState.CLOSED, 0), (OrderCycle.state == CycleState.OPEN, 1), else_=2))
        .order_by(OrderCycle.closes_at.desc())
        .limit(8)
    ).all()
    if not found:
        return None
    chosen = batches.own_cycle(session, public_id=cycle, hub_id=hub_id) if cycle else found[0]
    rows = _rows(session, chosen.id, page)
    return Board(
        cycle=_cycle(chosen),
        cycles=tuple(_cycle(one) for one in sorted(found, key=lambda one: one.closes_at)),
        orders=batches.count_orders(session, cycle_id=chosen.id),
        lacking=session.scalar(select(func.count()).select_from(Order).where(*_of_cycle(chosen.id), _lacks())) or 0,
        rows=tuple(rows[:PAGE]),
        more=len(rows) > PAGE,
        loads=tuple(_loads(session, chosen.id)),
        run=batches.newest_run(session, cycle_id=chosen.id),
        waiting=_waiting(session, hub_id, chosen.id),
        floor=batches.last_floor(session, hub_id=hub_id),
        providers=tuple(_providers(session, chosen.id)),
    )


def _cycle(one: OrderCycle) -> BoardCycle:
    return BoardCycle(one.public_id, one.name, one.state.value, one.closes_at)


def _rows(session: Session, cycle_id: int, page: int) -> list[BoardRow]:
    orders = session.execute(
        select(Order.id, Order.public_id, Order.number, Order.municipality, Order.starts_at)
        .where(*_of_cycle(cycle_id))
        .order_by(_lacks().desc(), Order.starts_at, Order.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    numbers = [order.id for order in orders]
    live = _stages(session, numbers)
    services = _processing(session, numbers)
    rows = []
    for order in orders:
        keys = [*(f"process:{service}" for service in sorted(services[order.id])), "pack", "deliver"]
        stages = tuple(live[order.id].get(key) or BoardStage(key, "", None, "nobody") for key in keys)
        rows.append(BoardRow(order.public_id, order.number, order.municipality, order.starts_at, stages))
    return rows


def _of_cycle(cycle_id: int) -> tuple[ColumnElement[bool], ...]:
    return Order.cycle_id == cycle_id, Order.state == OrderState.CONFIRMED, ~Order.at_gate


def _lacks() -> ColumnElement[bool]:
    """Say of an order whether a stage has nobody: fewer jobs live than its services, packing and bringing."""
    live = select(func.count(Job.id)).where(Job.order_id == Order.id, Job.state.in_(LIVE_JOBS))
    services = select(func.count(OrderLine.process_service.distinct())).where(OrderLine.order_id == Order.id)
    return live.scalar_subquery() < services.scalar_subquery() + 2


def _stages(session: Session, numbers: Sequence[int]) -> dict[int, dict[str, BoardStage]]:
    found = defaultdict[int, dict[str, BoardStage]](dict)
    for job, name in session.execute(
        select(Job, Enterprise.name)
        .join(Enterprise, Enterprise.id == Job.enterprise_id)
        .where(Job.order_id.in_(numbers), Job.state.in_(LIVE_JOBS))
        .order_by(Job.id)
    ):
        found[job.order_id][key_of(job)] = BoardStage(key_of(job), name, job.day, job.state.value)
    return found


def _processing(session: Session, numbers: Sequence[int]) -> dict[int, set[str]]:
    found = defaultdict[int, set[str]](set)
    for order_id, service in session.execute(
        select(OrderLine.order_id, OrderLine.process_service).where(
            OrderLine.order_id.in_(numbers), OrderLine.process_service.is_not(None)
        )
    ):
        found[order_id].add(service or "")
    return found


def _loads(session: Session, cycle_id: int) -> list[BoardLoad]:
    """Read how full the days are on which this cycle's work falls, fullest first."""
    places = (
        select(Job.capability_id, Job.day)
        .join(Order, Order.id == Job.order_id)
        .where(Order.cycle_id == cycle_id, Job.state.in_(LIVE_JOBS))
        .distinct()
        .subquery()
    )
    used = CapacityBucket.held + CapacityBucket.confirmed
    rows = session.execute(
        select(Enterprise.name, Capability.service, CapacityBucket.day, used, CapacityBucket.cap)
        .join(places, (places.c.capability_id == CapacityBucket.capability_id) & (places.c.day == CapacityBucket.day))
        .join(Capability, Capability.id == CapacityBucket.capability_id)
        .join(Enterprise, Enterprise.id == Capability.enterprise_id)
        .order_by((1.0 * used / func.nullif(CapacityBucket.cap, 0)).desc(), Enterprise.name, CapacityBucket.day)
        .limit(24)
    )
    return [BoardLoad(*row) for row in rows]


def _waiting(session: Session, hub_id: int, cycle_id: int) -> Progress | None:
    rows = session.scalars(
        select(Progress)
        .where(Progress.enterprise_id == hub_id, Progress.kind == batches.ASKED, Progress.state.in_(OPEN))
        .order_by(Progress.id)
    )
    return next((row for row in rows if row.asked["cycle"] == cycle_id), None)


def _providers(session: Session, cycle_id: int) -> list[tuple[str, str]]:
    """List who has work of the cycle, by name: those whose absence can be imagined."""
    rows = session.execute(
        select(Enterprise.public_id, Enterprise.name)
        .join(Job, Job.enterprise_id == Enterprise.id)
        .join(Order, Order.id == Job.order_id)
        .where(Order.cycle_id == cycle_id, Job.state.in_(LIVE_JOBS))
        .group_by(Enterprise.public_id, Enterprise.name)
        .order_by(Enterprise.name)
    )
    return [(row[0], row[1]) for row in rows]


def cycle_of_run(session: Session, *, run: Progress) -> BoardCycle:
    """Say which cycle a batch or a what-if is about."""
    return _cycle(session.get_one(OrderCycle, run.asked["cycle"]))


def is_what_if(run: Progress) -> bool:
    """Say whether a run only imagines."""
    return run.kind == what_ifs.ASKED


def name_of(session: Session, *, public_id: str) -> str:
    """Name an enterprise by its public id; nothing for one that is not there."""
    return session.scalar(select(Enterprise.name).where(Enterprise.public_id == public_id)) or ""
