"""Reads what legs are to the planner of tours: crates, room, what of them must be cold, and what they ask of a driver."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue.models import Product
from shortchain.containers import types
from shortchain.containers.models import ContainerKind
from shortchain.delivery.leg_goods import lines_on
from shortchain.delivery.models import Collection as Collecting
from shortchain.delivery.models import CollectionState, Leg
from shortchain.delivery.tour_plans import DRIVE, Load, Place
from shortchain.fulfilment.models import Job, Stage
from shortchain.kernel.geo import Point
from shortchain.kernel.quantity import BY_MEASURE
from shortchain.kernel.window import at_local
from shortchain.ordering.deposits import CRATE_G
from shortchain.ordering.models import Order, OrderLine

CRATE_L = types.LITRES[ContainerKind.POOL_CRATE]
COLD_C, FROZEN_C, COLD_RIDE_S = 7, -18, 3_600
"""What must stay at seven degrees or colder is an hour on the road at most, in a box without an engine (`domain.md` 5.2)."""

BROUGHT_BY, PACKED_BY = time(11), time(12)
"""When goods must be with who works on them that day, and when what is packed that day is ready."""


class _Door(NamedTuple):
    """What an order asks at its door: litres a box, which floor, and whether a lift goes there."""

    box_l: int
    floor: int = 0
    has_lift: bool = False


class _Goods(NamedTuple):
    """Grams of the goods on a leg in all, of what must be cool, of what must be frozen; how many millilitres they
    measure loose, and the heaviest piece of them."""

    grams: int
    chilled: int
    frozen: int
    loose_ml: int
    piece_g: int


def loads_of_rows(session: Session, rows: Sequence[Row[Leg, str]]) -> tuple[Load, ...]:
    """Read loads, in the order of the rows; each row is a leg and the name of where it starts."""
    legs = [leg for leg, _name in rows]
    goods, packed = lines_on(session, legs), _packed(session, {leg.order_id for leg in legs})
    ready, crates = _ready_from(session, legs), crates_brought(legs)
    categories = _categories(session, {line.product_id for lines in goods.values() for line in lines})
    doors = _doors(session, {leg.order_id for leg in legs if leg.to_enterprise_id is None})
    return tuple(
        _load(
            leg,
            name,
            _sums(goods[leg.id], categories),
            packed.get(leg.order_id) if leg.to_enterprise_id is None else None,
            crates.get(leg.id, 1),
            ready.get((leg.from_enterprise_id, leg.carrier_id)),
            doors[leg.order_id] if leg.to_enterprise_id is None else _Door(CRATE_L),
        )
        for leg, name in rows
    )


def _categories(session: Session, product_ids: Collection[int]) -> dict[int, str]:
    rows = select(Product.id, Product.category).where(Product.id.in_(product_ids))
    return {row[0]: row[1] for row in session.execute(rows)}


def _doors(session: Session, order_ids: Collection[int]) -> dict[int, _Door]:
    """Read what each order asks at its door; a box takes what its hub packs in, a crate where it told of nothing."""
    query = select(Order.id, Order.hub_id, Order.floor, Order.has_lift).where(Order.id.in_(order_ids))
    rows = session.execute(query).all()
    kinds = types.packing_kinds(session, hub_ids={row[1] for row in rows})
    litres = {hub: types.LITRES[kind] for hub, kind in kinds.items()}
    return {order: _Door(litres.get(hub, CRATE_L), floor, lift) for order, hub, floor, lift in rows}


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


def _sums(lines: Sequence[OrderLine], categories: Mapping[int, str]) -> _Goods:
    classes = data.storage_classes()
    grams = chilled = frozen = loose = piece = 0
    for line in lines:
        most = classes[line.storage_class].max_c
        grams += line.weight_g
        loose += line.weight_g * 1000 // data.grams_per_litre(categories[line.product_id])
        if most is not None and most <= FROZEN_C:
            frozen += max(1, line.weight_g)
        elif most is not None and most <= COLD_C:
            chilled += max(1, line.weight_g)
        if line.sell_unit not in BY_MEASURE:
            piece = max(piece, line.weight_g // line.amount)
    return _Goods(grams, chilled, frozen, loose, piece)


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
    leg: Leg,
    origin_name: str,
    goods: _Goods,
    packed: tuple[int, date] | None,
    brought: int,
    ready_from: time | None,
    door: _Door,
) -> Load:
    """Say what a leg is. What goes to who works on it must be there in the morning; what is packed on the day itself is
    ready after noon (`routing`: packed that day only for the afternoon).

    Its room is that of its crates, or of the goods where these measure more. The heaviest piece is a single one of the
    goods, or a crate as full as it gets."""
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
        needs=frozenset({DRIVE}),
        volume_ml=max(crates * door.box_l * 1000, goods.loose_ml),
        heaviest_g=max(min(leg.weight_g, CRATE_G), goods.piece_g),
        floor=0 if leg.pickup_point_id is not None else door.floor,
        has_lift=door.has_lift,
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
