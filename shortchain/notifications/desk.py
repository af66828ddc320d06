"""What a coordinator sees: what is at risk, orders, one order with everything, the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from shortchain.catalogue.models import CycleState, DeliveryWindow, OrderCycle
from shortchain.delivery.models import Leg
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, CoordinatorTask, Job, JobState, RouteDecision
from shortchain.journal import JournalEntry
from shortchain.kernel.errors import NotFound
from shortchain.kernel.window import at_local
from shortchain.notifications.models import Notice, NoticeState
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import ADDED, Payment, PaymentState, Refund
from shortchain.payouts.models import LedgerEntry, Payout

PAGE = 50
SOON = timedelta(hours=4)
STANDING = (OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go wrong: a kind, how often, and the orders that it is about."""

    kind: str
    count: int
    orders: tuple[tuple[str, str], ...]  # (public id, number), the first few


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """One order cycle in figures."""

    name: str
    state: str
    closes_at: datetime
    orders: int
    goods_cents: int
    places: int
    taken: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    public_id: str
    number: str
    name: str
    state: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    municipality: str
    total_cents: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFile:
    """Everything that is known of one order."""

    order: Order
    jobs: Sequence[Job]
    legs: Sequence[Leg]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    ledger: Sequence[tuple[LedgerEntry, str]]
    payouts: Sequence[tuple[Payout, str]]
    notices: Sequence[Notice]
    journal: Sequence[JournalEntry]
    tasks: Sequence[CoordinatorTask]
    decision: RouteDecision | None
    names: dict[int, str]


def open_tasks(session: Session, *, hub_id: int, limit: int = 100) -> Sequence[tuple[CoordinatorTask, str, str]]:
    """List what waits for a person: (task, order's public id, order's number), oldest first."""
    rows = session.execute(
        select(CoordinatorTask, Order.public_id, Order.number)
        .outerjoin(Order, Order.id == CoordinatorTask.order_id)
        .where(CoordinatorTask.hub_id == hub_id, CoordinatorTask.done_at.is_(None))
        .order_by(CoordinatorTask.created_at, CoordinatorTask.id)
        .limit(limit)
    )
    return [(row[0], row[1] or "", row[2] or "") for row in rows]


def risks(session: Session, *, hub_id: int, now: datetime) -> list[Risk]:
    """List what may go wrong today, worst first; kinds without a case are left out."""
    own = Order.hub_id == hub_id
    live = and_(own, Order.state == OrderState.CONFIRMED)
    found = [
        _risk(
            session,
            "silent",
            select(Order)
            .join(Job, Job.order_id == Order.id)
            .where(live, Job.state == JobState.OFFERED, Job.refused_at.is_(None), Job.answer_by <= now + SOON),
        ),
        _risk(session, "late", select(Order).where(live, Order.ends_at < now)),
        _risk(
            session,
            "not_started",
            select(Order)
            .join(Job, Job.order_id == Order.id)
            .where(
                live, Job.state.in_([JobState.OFFERED, JobState.ACCEPTED]), Order.starts_at <= now + timedelta(hours=3)
            ),
        ),
        _risk(
            session,
            "transfer",
            select(Order)
            .join(Payment, Payment.order_id == Order.id)
            .where(
                own,
                or_(Order.state == OrderState.AWAITING_PAYMENT, Payment.slot.startswith(ADDED)),
                Payment.method == "transfer",
                Payment.state == PaymentState.CREATED,
            ),
        ),
        _risk(
            session,
            "mail",
            select(Order)
            .join(Notice, Notice.order_id == Order.id)
            .where(own, Notice.state.in_([NoticeState.PARKED, NoticeState.REFUSED])),
        ),
    ]
    return [risk for risk in found if risk.count]


def _risk(session: Session, kind: str, query: Any) -> Risk:
    ids = query.with_only_columns(Order.id).distinct().order_by(None).subquery()
    count = session.scalar(select(func.count()).select_from(ids)) or 0
    rows = session.execute(
        select(Order.public_id, Order.number)
        .where(Order.id.in_(select(ids.c.id)))
        .order_by(Order.starts_at, Order.id)
        .limit(8)
    )
    return Risk(kind, count, tuple((row[0], row[1]) for row in rows))


def cycles(session: Session, *, hub_id: int, now: datetime) -> list[CycleFigures]:
    """List the open cycle and those that closed in the last two weeks, with their figures."""
    sold = (
        select(Order.cycle_id, func.count(Order.id).label("orders"), func.sum(Order.goods_cents).label("goods"))
        .where(Order.state.in_(STANDING))
        .group_by(Order.cycle_id)
        .subquery()
    )
    room = (
        select(
            DeliveryWindow.cycle_id,
            func.sum(DeliveryWindow.places).label("places"),
            func.sum(DeliveryWindow.taken).label("taken"),
        )
        .group_by(DeliveryWindow.cycle_id)
        .subquery()
    )
    rows = session.execute(
        select(OrderCycle, sold.c.orders, sold.c.goods, room.c.places, room.c.taken)
        .outerjoin(sold, sold.c.cycle_id == OrderCycle.id)
        .outerjoin(room, room.c.cycle_id == OrderCycle.id)
        .where(
            OrderCycle.hub_id == hub_id,
            OrderCycle.closes_at > now - timedelta(days=14),
            OrderCycle.state != CycleState.WITHDRAWN,
        )
        .order_by(OrderCycle.closes_at)
    )
    return [
        CycleFigures(
            cycle.name,
            cycle.state.value,
            cycle.closes_at,
            orders or 0,
            int(goods or 0),
            int(places or 0),
            int(taken or 0),
        )
        for cycle, orders, goods, places, taken in rows
    ]


def list_orders(
    session: Session, *, hub_id: int, state: str = "", day: date | None = None, text: str = "", page: int = 1
) -> tuple[list[OrderRow], bool]:
    """List a hub's orders, newest first, filtered; also says whether there is a next page."""
    query = select(
        Order.public_id,
        Order.number,
        Order.name,
        Order.state,
        Order.kind,
        Order.starts_at,
        Order.ends_at,
        Order.municipality,
        Order.total_cents,
        Order.placed_at,
    ).where(Order.hub_id == hub_id)
    if state in {member.value for member in OrderState}:
        query = query.where(Order.state == OrderState(state))
    if day is not None:
        start = at_local(day, datetime.min.time())
        query = query.where(Order.starts_at >= start, Order.starts_at < start + timedelta(days=1))
    if text:
        like = f"%{text.strip().lower().replace('%', '').replace('_', '')[:60]}%"
        query = query.where(
            or_(func.lower(Order.number).like(like), func.lower(Order.name).like(like), Order.email.like(like))
        )
    rows = session.execute(query.order_by(Order.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    found = [
        OrderRow(row[0], row[1], row[2], row[3].value, row[4].value, row[5], row[6], row[7], row[8], row[9])
        for row in rows[:PAGE]
    ]
    return found, len(rows) > PAGE


def open_file(session: Session, *, hub_id: int, public_id: str) -> OrderFile:
    """Gather everything about an order of a hub.

    :raises NotFound: for an order of another hub
    """
    order = session.scalar(
        select(Order)
        .where(Order.public_id == public_id, Order.hub_id == hub_id)
        .options(selectinload(Order.lines), selectinload(Order.fees))
    )
    if order is None:
        raise NotFound()
    number = order.id
    jobs = session.scalars(
        select(Job).where(Job.order_id == number).options(joinedload(Job.enterprise)).order_by(Job.id)
    ).all()
    legs = session.scalars(select(Leg).where(Leg.order_id == number).order_by(Leg.position, Leg.id)).all()
    parties = (
        {line.farm_id for line in order.lines} | {leg.carrier_id for leg in legs} | {job.enterprise_id for job in jobs}
    )
    names = {
        row[0]: row[1]
        for row in session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(parties)))
    }

    def rows(model: Any) -> Sequence[Any]:
        return session.scalars(select(model).where(model.order_id == number).order_by(model.id)).all()

    return OrderFile(
        order=order,
        jobs=jobs,
        legs=legs,
        payments=rows(Payment),
        refunds=rows(Refund),
        ledger=[(entry, names.get(entry.enterprise_id or 0, "")) for entry in rows(LedgerEntry)],
        payouts=[(payout, names.get(payout.enterprise_id, "")) for payout in rows(Payout)],
        notices=rows(Notice),
        journal=rows(JournalEntry),
        tasks=rows(CoordinatorTask),
        decision=session.scalar(
            select(RouteDecision)
            .where(RouteDecision.order_id == number)
            .order_by(RouteDecision.version.desc())
            .limit(1)
        ),
        names=names,
    )


def journal_of(
    session: Session, *, hub_id: int, before_id: int | None = None
) -> tuple[list[tuple[JournalEntry, str, str]], int | None]:
    """List what happened at a hub and to its orders, newest first, with each order's public id and number."""
    query = (
        select(JournalEntry, Order.public_id, Order.number)
        .outerjoin(Order, Order.id == JournalEntry.order_id)
        .where(or_(Order.hub_id == hub_id, JournalEntry.enterprise_id == hub_id))
        .order_by(JournalEntry.id.desc())
        .limit(PAGE + 1)
    )
    if before_id is not None:
        query = query.where(JournalEntry.id < before_id)
    rows = [(row[0], row[1] or "", row[2] or "") for row in session.execute(query)]
    return rows[:PAGE], rows[PAGE - 1][0].id if len(rows) > PAGE else None


def work_in_figures(session: Session, *, hub_id: int, day: date) -> dict[str, int]:
    """Count the live jobs of a day by state, over all orders of a hub."""
    rows = session.execute(
        select(Job.state, func.count(Job.id))
        .join(Order, Order.id == Job.order_id)
        .where(Order.hub_id == hub_id, Job.day == day, Job.state.in_(LIVE_JOBS), Order.state.in_(STANDING))
        .group_by(Job.state)
    )
    return {row[0].value: row[1] for row in rows}
