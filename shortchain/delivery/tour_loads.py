"""Reads what legs are to the planner of tours: crates, what of them must be cold, and what they ask of a driver."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, time
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.delivery.leg_goods import lines_on
from shortchain.delivery.models import Collection as Collecting
from shortchain.delivery.models import CollectionState, Leg
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
    """Grams of the goods on a leg in all, of what must be cool, and of what must be frozen."""

    grams: int
    chilled: int
    frozen: int


def loads_of_rows(session: Session, rows: Sequence[Row[Leg, str]]) -> tuple[Load, ...]:
    """Read loads, in the order of the rows; each row is a leg and the name of where it starts."""
    legs = [leg for leg, _name in rows]
    goods, packed = lines_on(session, legs), _packed(session, {leg.order_id for leg in legs})
    ready, crates = _ready_from(session, legs), crates_brought(legs)
    return tuple(
        _load(
            leg,
            name,
            _sums(goods[leg.id]),
            packed.get(leg.order_id) if leg.to_enterprise_id is None else None,
            crates.get(leg.id, 1),
            ready.get((leg.from_enterprise_id, leg.carrier_id)),
        )
        for leg, name in rows
    )


def crates_brought(legs: Iterable[Leg]) -> dict[int, int]:
    """Say how many crates the goods fill that go to who works on them: loose, so the orders of a day share crates.

    Their crates add up to what all of it fills from one place to another; a small order may add none.
    """
    grams: dict[tuple[int, int | None], int] = {}
    crates: dict[int, int] = {}
    for leg in sorted(legs, key=lambda one: one.id):
        if leg.to_enterprise_id is not None:
            way = leg.from_enterprise_id, leg.to_enterprise_id
            before = grams.get(way, 0)
            grams[way] = before + leg.weight_g
            crates[leg.id] = -(-grams[way] // CRATE_G) - -(-before // CRATE_G)
    return crates


def _sums(lines: Sequence[OrderLine]) -> _Goods:
    classes = data.storage_classes()
    grams = chilled = frozen = 0
    for line in lines:
        most = classes[line.storage_class].max_c
        grams += line.weight_g
        if most is not None and most <= FROZEN_C:
            frozen += max(1, line.weight_g)
        elif most is not None and most <= COLD_C:
            chilled += max(1, line.weight_g)
    return _Goods(grams, chilled, frozen)


def _packed(session: Session, order_ids: Collection[int]) -> dict[int, tuple[int, date]]:
    """Read in how many crates each order is packed, and on which day."""
    jobs = select(Job.order_id, Job.use, Job.day)
    packs = jobs.where(Job.order_id.in_(order_ids), Job.stage == Stage.PACK).order_by(Job.id)
    return {row[0]: (row[1], row[2]) for row in session.execute(packs)}


def _ready_from(session: Session, legs: Sequence[Leg]) -> dict[tuple[int, int], time]:
    """Read from which hour on goods stand ready for who fetches them, by giver and carrier."""
    givers = {leg.from_enterprise_id for leg in legs if leg.carrier_id != leg.from_enterprise_id}
    rows = select(Collecting.giver_id, Collecting.collector_id, Collecting.ready_from).where(
        Collecting.giver_id.in_(givers),
        Collecting.state == CollectionState.AGREED,
        Collecting.ready_from.is_not(None),
    )
    found = session.execute(rows) if givers else ()
    return {(giver, carrier): at for giver, carrier, at in found if at is not None}


def _load(
    leg: Leg, origin_name: str, goods: _Goods, packed: tuple[int, date] | None, brought: int, ready_from: time | None
) -> Load:
    """Say what a leg is. What goes to who works on it must be there in the morning; what is packed on the day itself is
    ready after noon (`routing`: packed that day only for the afternoon)."""
    brings = leg.to_enterprise_id is not None
    crates = brought if brings else max(1, packed[0] if packed is not None else -(-leg.weight_g // CRATE_G))
    ready_at = at_local(leg.day, ready_from) if brings and ready_from is not None else None
    if packed is not None and packed[1] == leg.day:
        ready_at = at_local(leg.day, PACKED_BY)
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
        max_ride_s=COLD_RIDE_S if goods.chilled or goods.frozen else None,
        crates=crates,
        chilled=_part(crates, goods.chilled, goods.grams),
        frozen=_part(crates, goods.frozen, goods.grams),
        ready_at=ready_at,
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
