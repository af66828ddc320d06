"""Orders that are collected at the farm that grew them: set ready, handed over, or left behind.

The farm does it all itself, so there is no job: the one leg of the order tells how far it is. Collected
means that it stands ready at the gate, delivered that somebody took it along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import empties, orders
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.stock import allocations

WAITS = (LegState.PLANNED, LegState.COLLECTED)
LEFT_BEHIND = "failed_stop"
"""The kind of task that a coordinator gets for goods that did not reach their customer."""


class NotYet(Conflict):
    """Whoever is late is given until the end of the moment they chose."""

    message = N_("De klant mag nog komen tot het einde van het afgesproken moment.")


class MovedOn(Conflict):
    """The order was called off, or is divided already."""

    message = N_("Deze bestelling is intussen geannuleerd of afgerekend.")


@dataclass(frozen=True, slots=True)
class GateLine:
    """A line as the farm sets it ready; `place` counts the lines of the order from 1, amounts are base units."""

    place: int
    name: dict[str, str]
    amount: int
    sell_unit: SellUnit
    weight_g: int
    max_weight_g: int | None
    true_weight_g: int | None
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateOrder:
    """An order that waits at the gate, or went. `state` is planned, collected (it stands ready), delivered or failed."""

    public_id: str
    number: str
    name: str
    phone: str
    remark: str
    point: str
    starts_at: datetime
    ends_at: datetime
    state: str
    lines: tuple[GateLine, ...]
    can_undo: bool


def days_with_orders(session: Session, *, farm_id: int) -> dict[date, int]:
    """Count the orders per day that still wait at a farm's gate, those that are late too."""
    rows = session.execute(
        select(Leg.day, func.count(Leg.id))
        .join(Order, Order.id == Leg.order_id)
        .where(Leg.carrier_id == farm_id, Order.at_gate, Leg.state.in_(WAITS), Order.state == OrderState.CONFIRMED)
        .group_by(Leg.day)
        .order_by(Leg.day)
    )
    return {row[0]: row[1] for row in rows}


def orders_of_day(session: Session, *, farm_id: int, day: date) -> list[GateOrder]:
    """List what is collected at a farm's gate on a day, by moment and name; what went already included."""
    rows = session.execute(
        select(Leg, Order)
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.carrier_id == farm_id,
            Leg.day == day,
            Order.at_gate,
            Leg.state != LegState.WITHDRAWN,
            Order.state.in_((OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)),
        )
        .order_by(Order.starts_at, Order.name, Order.id)
    ).all()
    lines: dict[int, list[OrderLine]] = {}
    for line in session.scalars(
        select(OrderLine).where(OrderLine.order_id.in_([order.id for _leg, order in rows])).order_by(OrderLine.id)
    ):
        lines.setdefault(line.order_id, []).append(line)
    claims = [line.claim for own in lines.values() for line in own]
    lots = allocations.lots_of_claims(session, claims=claims) if claims else {}
    return [
        GateOrder(
            order.public_id,
            order.number,
            order.name,
            order.phone,
            order.remark,
            leg.to_label,
            order.starts_at,
            order.ends_at,
            leg.state.value,
            tuple(_lines(lines.get(order.id, []), lots)),
            order.state is not OrderState.SETTLED and leg.state is not LegState.PLANNED,
        )
        for leg, order in rows
    ]


def _lines(lines: Sequence[OrderLine], lots: dict[str, list[tuple[str, int]]]) -> list[GateLine]:
    shown = []
    for place, line in enumerate(lines, start=1):
        codes = tuple(code for code, _amount in lots.get(line.claim, ()))
        if line.supplied:
            own = (line.name, line.supplied, line.sell_unit, line.supplied_weight_g)
            shown.append(GateLine(place, *own, line.supplied_max_weight_g, line.true_weight_g, codes))
        if line.replacement:
            instead = line.replacement
            other = (instead["name"], instead["amount"], line.sell_unit, instead["weight_g"])
            shown.append(GateLine(place, *other, None, None, codes))
    return shown


def load_own(session: Session, *, order_public_id: str, farm_id: int) -> tuple[Order, Leg]:
    """Load an order at a farm's gate with its leg, both locked.

    :raises NotFound: when there is none, or it is another farm's
    :raises MovedOn: when it is not for the farm to hand over any more
    """
    order = session.scalar(
        select(Order)
        .where(Order.public_id == order_public_id, Order.at_gate)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    leg = (
        session.scalar(
            select(Leg)
            .where(Leg.order_id == order.id, Leg.carrier_id == farm_id, Leg.state != LegState.WITHDRAWN)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if order is not None
        else None
    )
    if order is None:
        raise NotFound()
    if leg is None:
        own = select(Leg.id).where(Leg.order_id == order.id, Leg.carrier_id == farm_id)
        raise MovedOn() if session.scalar(own.limit(1)) else NotFound()
    if order.state not in (OrderState.CONFIRMED, OrderState.DELIVERED):
        raise MovedOn()
    return order, leg


def set_ready(session: Session, *, order: Order, leg: Leg, by: Actor, now: datetime) -> bool:
    """Note that an order stands ready at the gate: its goods are off the shelf. Returns whether that is new."""
    if leg.state is not LegState.PLANNED:
        return False
    leg.move("collect")
    claims = [line.claim for line in orders.lines_of(session, order_id=order.id)]
    allocations.pick(session, claims=claims, now=now)
    _tell(session, "leg.collected", order, leg, by, now)
    return True


def hand_over(session: Session, *, order: Order, leg: Leg, by: Actor, now: datetime) -> bool:
    """Note that somebody took an order along; returns whether that is new."""
    if leg.state is LegState.FAILED:
        leg.move("undo_fail")
        _settle_task(session, order, by, now)
    if leg.state is not LegState.COLLECTED:
        return False
    leg.move("deliver")
    order.move("deliver")
    order.delivered_at = now
    _tell(session, "leg.delivered", order, leg, by, now)
    journal.record(session, "order.delivered", by=by, now=now, order_id=order.id)
    empties.book_delivered(session, order=order, packer_id=leg.carrier_id, now=now)
    return True


def leave_behind(session: Session, *, order: Order, leg: Leg, by: Actor, now: datetime) -> bool:
    """Note that nobody came; the coordinator gets the task. Returns whether that is new.

    :raises NotYet: before the end of the moment
    """
    if leg.state is not LegState.COLLECTED:
        return False
    if now < order.ends_at:
        raise NotYet()
    leg.move("fail")
    jobs.ask_coordinator(session, order=order, kind=LEFT_BEHIND, now=now, outcome="not_collected", leg=leg.id)
    session.flush()
    return True


def undo(session: Session, *, order: Order, leg: Leg, by: Actor, now: datetime) -> None:
    """Take the last step back, as long as the order is not divided: it was the wrong one."""
    if leg.state is LegState.DELIVERED:
        order.move("undo_delivery")
        order.delivered_at = None
        empties.book_undone(session, order=order, packer_id=leg.carrier_id, now=now)
        leg.move("undo_deliver")
    elif leg.state is LegState.FAILED:
        leg.move("undo_fail")
        _settle_task(session, order, by, now)
    else:
        return
    _tell(session, "leg.undone", order, leg, by, now)


def _settle_task(session: Session, order: Order, by: Actor, now: datetime) -> None:
    for task in session.scalars(
        select(CoordinatorTask).where(
            CoordinatorTask.order_id == order.id,
            CoordinatorTask.kind == LEFT_BEHIND,
            CoordinatorTask.done_at.is_(None),
        )
    ):
        task.done_at, task.done_by_id, task.answer = now, by.user_id, "undone"


def _tell(session: Session, what: str, order: Order, leg: Leg, by: Actor, now: datetime) -> None:
    journal.record(session, what, by=by, now=now, order_id=order.id, enterprise_id=leg.carrier_id, leg=leg.id)
    session.flush()
