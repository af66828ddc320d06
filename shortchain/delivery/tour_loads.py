"""Reads what legs are to the planner of tours: crates, what of them must be cold, and what they ask of a driver."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, time
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.delivery.models import Leg
from shortchain.delivery.tour_plans import Load, Place
from shortchain.fulfilment.models import Job, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.window import at_local
from shortchain.ordering.models import OrderLine

COLD_C, FROZEN_C, COLD_RIDE_S = 7, -18, 3_600
"""What must stay at seven degrees or colder is an hour on the road at most, in a box without an engine (`domain.md` 5.2)."""

DRIVE, LIFT = "drive", "lift"
"""Rights: to drive the vehicle (licence B for what is no bike), and to lift what is heavy."""

HEAVY_G = 25_000
"""An order above this asks for somebody who lifts (our rule: two full crates)."""

CRATE_G = 12_000

BROUGHT_BY, PACKED_BY = time(11), time(12)
"""When goods must be with who works on them that day, and when what is packed that day is ready."""


class _Goods(NamedTuple):
    """Grams of an order in all, of what must be cool, and of what must be frozen."""

    grams: int
    chilled: int
    frozen: int


def loads_of_rows(session: Session, rows: Sequence[Row[Leg, str]]) -> tuple[Load, ...]:
    """Read loads, in the order of the rows; each row is a leg and the name of where it starts."""
    orders = {leg.order_id for leg, _name in rows}
    goods, packed = _goods(session, orders), _packed(session, orders)
    return tuple(_load(leg, name, goods.get(leg.order_id), packed.get(leg.order_id)) for leg, name in rows)


def _goods(session: Session, order_ids: Collection[int]) -> dict[int, _Goods]:
    classes = data.storage_classes()
    found: dict[int, list[int]] = {}
    lines = select(OrderLine.order_id, OrderLine.storage_class, OrderLine.weight_g)
    for order_id, code, grams in session.execute(lines.where(OrderLine.order_id.in_(order_ids))):
        most = classes[code].max_c
        sums = found.setdefault(order_id, [0, 0, 0])
        sums[0] += grams
        if most is not None and most <= COLD_C:
            sums[2 if most <= FROZEN_C else 1] += max(1, grams)
    return {order_id: _Goods(*sums) for order_id, sums in found.items()}


def _packed(session: Session, order_ids: Collection[int]) -> dict[int, tuple[int, date]]:
    """Read in how many crates each order is packed, and on which day."""
    jobs = select(Job.order_id, Job.use, Job.day)
    packs = jobs.where(Job.order_id.in_(order_ids), Job.stage == Stage.PACK).order_by(Job.id)
    return {row[0]: (row[1], row[2]) for row in session.execute(packs)}


def _load(leg: Leg, origin_name: str, goods: _Goods | None, packed: tuple[int, date] | None) -> Load:
    """Say what a leg is. What goes to who works on it must be there in the morning; what is packed on the day itself is
    ready after noon (`routing`: packed that day only for the afternoon)."""
    brings = leg.to_enterprise_id is not None
    crates = packed[0] if packed is not None and not brings else -(-leg.weight_g // CRATE_G)
    crates = max(1, crates)
    same_day = packed is not None and packed[1] == leg.day
    is_cold = goods is not None and (goods.chilled > 0 or goods.frozen > 0)
    origin = Place(
        f"van {leg.from_enterprise_id}",
        origin_name,
        Point(leg.from_lat, leg.from_lon),
        "farm" if leg.job_id is None else "packer",
    )
    return Load(
        leg_id=leg.id,
        origin=origin,
        destination=_destination(leg),
        weight_g=leg.weight_g,
        starts_at=leg.starts_at,
        ends_at=at_local(leg.day, BROUGHT_BY) if brings else leg.ends_at,
        max_ride_s=COLD_RIDE_S if is_cold else None,
        crates=crates,
        chilled=_part(crates, goods.chilled, goods.grams) if goods else 0,
        frozen=_part(crates, goods.frozen, goods.grams) if goods else 0,
        ready_at=at_local(leg.day, PACKED_BY) if same_day and not brings else None,
        needs=frozenset({DRIVE, LIFT} if leg.weight_g > HEAVY_G else {DRIVE}),
    )


def _destination(leg: Leg) -> Place:
    at = Point(leg.to_lat, leg.to_lon)
    if leg.to_enterprise_id is not None:
        return Place(f"van {leg.to_enterprise_id}", leg.to_label, at, "packer")
    if leg.pickup_point_id is not None:
        return Place(f"punt {leg.pickup_point_id}", leg.to_label, at, "point")
    return Place(f"{leg.to_lat},{leg.to_lon},{leg.to_label}", leg.to_label, at)


def _part(crates: int, grams: int, whole: int) -> int:
    """Say how many of the crates a part of the goods takes: whole ones, of one kind of cold each."""
    return min(crates, -(-crates * grams // max(1, whole))) if grams else 0
