"""Reads for farmers: what to harvest and bring where, what is sold, and whose order a lot is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import CycleState, OrderCycle, Product
from shortchain.delivery.leg_goods import lines_on
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, Tour
from shortchain.delivery.progress import ON_THE_ROAD
from shortchain.delivery.tour_plans import PICKUP
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.stock import allocations, harvests

TO_BRING = (LegState.PLANNED, LegState.SCHEDULED)
BROUGHT = (LegState.COLLECTED, LegState.DELIVERED)
SOLD = (OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)


@dataclass(frozen=True, slots=True)
class PickLine:
    """How much of a product, in base units, from which lots, for how many orders."""

    product: str
    name: Mapping[str, Any]
    sell_unit: SellUnit
    amount: int
    weight_g: int
    orders: int
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a farm brings goods on a day, with what belongs to which order."""

    day: date
    name: str
    address: str
    lines: tuple[PickLine, ...]
    order_numbers: tuple[str, ...]
    legs: tuple[str, ...]
    """Public ids of the legs that are still to be brought; empty when all is handed over."""
    is_gate: bool = False
    """Not brought but collected: what stays at the farm's own gate."""
    fetched_by: str = ""
    """Name of the carrier that fetches it here; empty when the farm brings."""
    fetched_at: datetime | None = None
    """When its driver is expected, once the tour is released."""
    pay_cents: int = 0
    """What whoever brings it is paid for these ways, as the legs stand now: a later decision may have left them as they were."""

    @property
    def is_brought(self) -> bool:
        return not self.legs

    @property
    def weight_g(self) -> int:
        return sum(line.weight_g for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Part:
    leg: Leg
    order: Order
    line: OrderLine


@dataclass(frozen=True, slots=True)
class _Goods:
    """So much of a product for an order: what was ordered, or what comes instead."""

    product_id: int
    name: Mapping[str, Any]
    sell_unit: SellUnit
    amount: int
    weight_g: int
    order_id: int
    lots: tuple[str, ...]


def days_to_bring(session: Session, *, farm_id: int, first: date) -> dict[date, int]:
    """Count the orders per day that a farm still has to bring something for, also what is late."""
    rows = session.execute(
        select(Leg.day, func.count(func.distinct(Leg.order_id)))
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.from_enterprise_id == farm_id,
            Leg.job_id.is_(None),
            Leg.state.in_(TO_BRING),
            Order.state == OrderState.CONFIRMED,
        )
        .group_by(Leg.day)
        .order_by(Leg.day)
    )
    return {row[0]: row[1] for row in rows}


def destinations(session: Session, *, farm_id: int, day: date) -> list[Destination]:
    """List where a farm brings goods on a day, what is brought already included; five queries at most."""
    parts = _parts(session, farm_id, day)
    if not parts:
        return []
    lots = allocations.lots_of_claims(session, claims=[part.line.claim for part in parts])
    products = _public_ids(session, parts)
    places = {
        row[0]: row[1]
        for row in session.execute(
            select(Enterprise.id, Enterprise).where(Enterprise.id.in_({p.leg.to_enterprise_id for p in parts}))
        )
    }
    fetchers = _fetchers(session, farm_id, [part.leg for part in parts])
    grouped: dict[tuple[int | None, str, int], list[_Part]] = {}
    for part in parts:
        grouped.setdefault((part.leg.to_enterprise_id, part.leg.to_label, part.leg.carrier_id), []).append(part)
    found = []
    for (number, label, carrier), some in grouped.items():
        place = places.get(number or 0)
        found.append(
            Destination(
                day=day,
                name=place.name if place else label,
                address=place.address if place else "",
                lines=tuple(_sum(some, lots, products)),
                order_numbers=tuple(sorted({part.order.number for part in some})),
                legs=tuple(dict.fromkeys(part.leg.public_id for part in some if part.leg.state in TO_BRING)),
                is_gate=number is None,
                fetched_by=fetchers[carrier][0] if carrier in fetchers else "",
                fetched_at=fetchers[carrier][1] if carrier in fetchers else None,
                pay_cents=sum({part.leg.id: part.leg.cost_cents for part in some}.values()),
            )
        )
    return sorted(found, key=lambda one: (one.is_brought, one.name))


def _fetchers(session: Session, farm_id: int, legs: Sequence[Leg]) -> dict[int, tuple[str, datetime | None]]:
    """Name the carriers that fetch some of these legs, each with when its driver is expected first."""
    fetched = [leg for leg in legs if leg.carrier_id != farm_id]
    if not fetched:
        return {}
    carriers = {leg.carrier_id for leg in fetched}
    names = session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(carriers)))
    hours = session.execute(
        select(Leg.carrier_id, func.min(Stop.eta))
        .join(StopLeg, StopLeg.leg_id == Leg.id)
        .join(Stop, Stop.id == StopLeg.stop_id)
        .join(Tour, Tour.id == Stop.tour_id)
        .where(Leg.id.in_([leg.id for leg in fetched]), Stop.kind == PICKUP, Tour.state.in_(ON_THE_ROAD))
        .group_by(Leg.carrier_id)
    )
    at = {row[0]: row[1] for row in hours}
    return {row[0]: (row[1], at.get(row[0])) for row in names}


def totals(found: Sequence[Destination]) -> list[PickLine]:
    """Add destinations up per product: what has to come off the field."""
    sums: dict[str, list[PickLine]] = {}
    for destination in found:
        for line in destination.lines:
            sums.setdefault(line.product, []).append(line)
    return sorted(
        (
            PickLine(
                product,
                lines[0].name,
                lines[0].sell_unit,
                sum(line.amount for line in lines),
                sum(line.weight_g for line in lines),
                sum(line.orders for line in lines),
                tuple(sorted({lot for line in lines for lot in line.lots})),
            )
            for product, lines in sums.items()
        ),
        key=lambda line: str(line.name.get("nl", "")),
    )


def _parts(session: Session, farm_id: int, day: date) -> list[_Part]:
    """Read the legs of a farm with the lines that travel on each."""
    legs = session.scalars(
        select(Leg)
        .join(Order, Order.id == Leg.order_id)
        .where(
            Leg.from_enterprise_id == farm_id,
            Leg.job_id.is_(None),
            Leg.day == day,
            Leg.state.in_((*TO_BRING, *BROUGHT)),
            Order.state.in_(SOLD),
        )
        .order_by(Leg.id)
    ).all()
    if not legs:
        return []
    goods = lines_on(session, legs)
    orders = {one.id: one for one in session.scalars(select(Order).where(Order.id.in_({leg.order_id for leg in legs})))}
    return [_Part(leg, orders[leg.order_id], line) for leg in legs for line in goods[leg.id]]


def _public_ids(session: Session, parts: Sequence[_Part]) -> dict[int, str]:
    rows = session.execute(
        select(Product.id, Product.public_id).where(
            Product.id.in_(
                {part.line.product_id for part in parts}
                | {part.line.replacement["product_id"] for part in parts if part.line.replacement}
            )
        )
    )
    return {row[0]: row[1] for row in rows}


def _sum(
    parts: Sequence[_Part],
    lots: Mapping[str, Sequence[tuple[str, int]]],
    products: Mapping[int, str],
) -> list[PickLine]:
    sums: dict[int, list[_Goods]] = {}
    for part in parts:
        for goods in _goods(part.line, lots.get(part.line.claim, ())):
            sums.setdefault(goods.product_id, []).append(goods)
    return [
        PickLine(
            products[number],
            some[0].name,
            some[0].sell_unit,
            sum(goods.amount for goods in some),
            sum(goods.weight_g for goods in some),
            len({goods.order_id for goods in some}),
            tuple(sorted({code for goods in some for code in goods.lots})),
        )
        for number, some in sums.items()
    ]


def _goods(line: OrderLine, lots: Sequence[tuple[str, int]]) -> Iterator[_Goods]:
    instead = line.replacement
    others = tuple(instead.get("lots", ()))
    if line.supplied:
        codes = tuple(code for code, _amount in lots if code not in others)
        yield _Goods(
            line.product_id, line.name, line.sell_unit, line.supplied, line.supplied_weight_g, line.order_id, codes
        )
    if instead:
        yield _Goods(
            instead["product_id"],
            instead["name"],
            line.sell_unit,
            instead["amount"],
            instead["weight_g"],
            line.order_id,
            others,
        )


def waiting_lines(session: Session, *, farm_id: int, day: date, product_id: int | None = None) -> list[OrderLine]:
    """List what a farm still has to bring on a day (of a product), from the first order to the last."""
    parts = [part for part in _parts(session, farm_id, day) if part.leg.state in TO_BRING]
    wanted = {
        part.line.id: part
        for part in parts
        if part.order.state is OrderState.CONFIRMED
        and part.line.supplied
        and product_id in (None, part.line.product_id)
    }
    return [part.line for part in sorted(wanted.values(), key=lambda part: (part.order.placed_at, part.line.id))]


@dataclass(frozen=True, slots=True)
class SoldNow:
    """What a farm sold in the cycle in which one orders now, or in the last one."""

    cycle: str
    closes_at: datetime
    is_open: bool
    orders: int
    goods_cents: int
    lines: tuple[PickLine, ...]


def sold_now(session: Session, *, farm_id: int, now: datetime) -> SoldNow | None:
    """Sum up what is sold of a farm in the open cycle, else in the one that closed last."""
    cycle = session.scalar(
        select(OrderCycle)
        .where(
            OrderCycle.state != CycleState.DRAFT,
            OrderCycle.opens_at <= now,
            OrderCycle.id.in_(
                select(Order.cycle_id)
                .join(OrderLine, OrderLine.order_id == Order.id)
                .where(OrderLine.farm_id == farm_id, Order.state.in_(SOLD))
            ),
        )
        .order_by(OrderCycle.closes_at.desc())
        .limit(1)
    )
    if cycle is None:
        return None
    orders, cents = session.execute(
        select(func.count(func.distinct(Order.id)), func.sum(OrderLine.total_cents - OrderLine.less_cents))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.farm_id == farm_id, Order.cycle_id == cycle.id, Order.state.in_(SOLD))
    ).one()
    lines = _sold_lines(session, farm_id, cycle.id)
    return SoldNow(
        cycle.name,
        cycle.closes_at,
        cycle.state is CycleState.OPEN and cycle.closes_at > now,
        int(orders),
        int(cents or 0),
        tuple(sorted(lines, key=lambda line: -line.weight_g)),
    )


def _sold_lines(session: Session, farm_id: int, cycle_id: int) -> list[PickLine]:
    """Sum up per product what is sold in a cycle."""
    rows = session.execute(
        select(
            Product.public_id,
            func.max(OrderLine.id),
            func.sum(OrderLine.supplied),
            func.sum(OrderLine.weight_g),
            func.count(func.distinct(OrderLine.order_id)),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.farm_id == farm_id, Order.cycle_id == cycle_id, Order.state.in_(SOLD))
        .group_by(Product.id, Product.public_id)
    ).all()
    known = {
        line.id: line for line in session.scalars(select(OrderLine).where(OrderLine.id.in_([row[1] for row in rows])))
    }
    return [
        PickLine(
            row[0],
            known[row[1]].name,
            known[row[1]].sell_unit,
            int(row[2]),
            int(row[3]),
            row[4],
            (),
        )
        for row in rows
    ]


def orders_of_lot(session: Session, *, farm_id: int, lot_public_id: str) -> list[tuple[str, int]]:
    """List the orders that are served from a lot: number and base units."""
    claims = dict(harvests.claims_on(session, lot_public_id=lot_public_id, farm_id=farm_id))
    rows = session.execute(
        select(Order.number, OrderLine.claim)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.claim.in_(claims))
        .order_by(Order.number)
    )
    return [(row[0], claims[row[1]]) for row in rows]
