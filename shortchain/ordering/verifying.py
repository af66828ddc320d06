"""Checks of `flask check --all` on what orders cost and take: lines, stock and places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.stock.models import Allocation, AllocationState

Check = Callable[[Session, datetime], list[str]]

TAKES_PLACE = (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)


def sold_stock_belongs_to_orders(session: Session, now: datetime) -> list[str]:
    """Every line of a standing order has its stock; every sold allocation has its line."""
    sold = (
        select(Allocation.claim, func.sum(Allocation.amount).label("amount"))
        .where(Allocation.state != AllocationState.RELEASED)
        .group_by(Allocation.claim)
        .subquery()
    )
    owed = OrderLine.supplied + func.coalesce(OrderLine.replacement["amount"].as_integer(), literal(0))
    rows = session.execute(
        select(Order.number, OrderLine.id, owed, func.coalesce(sold.c.amount, 0))
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(sold, sold.c.claim == OrderLine.claim)
        .where(Order.state.in_(TAKES_PLACE), owed != func.coalesce(sold.c.amount, 0))
    )
    freed = session.execute(
        select(Order.number, OrderLine.id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(sold, sold.c.claim == OrderLine.claim)
        .join(Allocation, and_(Allocation.claim == OrderLine.claim, Allocation.state.in_(["held", "committed"])))
        .where(Order.state.in_([OrderState.EXPIRED, OrderState.CANCELLED]))
    )
    return [f"order {number} line {line}: sold {amount}, set aside {aside}" for number, line, amount, aside in rows] + [
        f"order {number} line {line} is off and still holds stock" for number, line in freed
    ]


def places_are_right(session: Session, now: datetime) -> list[str]:
    """Each delivery window has as many orders as it says, and no more than its places."""
    counted = (
        select(Order.window_id, func.count(Order.id).label("orders"))
        .where(Order.state.in_(TAKES_PLACE))
        .group_by(Order.window_id)
        .subquery()
    )
    rows = session.execute(
        select(DeliveryWindow.id, DeliveryWindow.taken, DeliveryWindow.places, func.coalesce(counted.c.orders, 0))
        .outerjoin(counted, counted.c.window_id == DeliveryWindow.id)
        .where(
            or_(
                DeliveryWindow.taken != func.coalesce(counted.c.orders, 0), DeliveryWindow.taken > DeliveryWindow.places
            )
        )
    )
    return [f"window {row[0]}: {row[1]} of {row[2]} taken, {row[3]} orders" for row in rows]


def lines_add_up(session: Session, now: datetime) -> list[str]:
    """The goods of every order cost what its lines say."""
    lines = func.coalesce(func.sum(OrderLine.total_cents), 0)
    rows = session.execute(
        select(Order.number, Order.goods_cents, lines)
        .outerjoin(OrderLine, OrderLine.order_id == Order.id)
        .group_by(Order.id)
        .having(lines != Order.goods_cents)
        .order_by(Order.number)
    )
    return [f"order {number} has goods for {goods} cents, its lines add up to {found}" for number, goods, found in rows]


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P1 order lines add up", lines_add_up),
    ("P3 sold stock belongs to orders", sold_stock_belongs_to_orders),
    ("P4 places are right", places_are_right),
)
