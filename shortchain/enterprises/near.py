"""Finding what is near a point: one indexed query, the same SQL on SQLite and PostgreSQL.

An index on (lat, lon) finds what lies in a box. For the nearest few, the statement carries a list of
ever larger boxes; the database takes the first that holds enough rows, and reads the larger box that
surely holds all who may be nearer than a row in a corner of the first. Only those rows are measured,
exactly, on the great circle.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shortchain.kernel.geo import EARTH_RADIUS_M, BoundingBox, Point, box_around, distance_m

FIRST_RADIUS_M = 500
RINGS = 10
"""Boxes of 500 m, 1 km … 256 km around the point, and then the whole world."""

WORLD = BoundingBox(-90.0, -180.0, 90.0, 180.0)
SIDES = ("south", "west", "north", "east")

Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class Near(NamedTuple):
    """A row that was found: its id, and how far it lies in whole metres."""

    id: Any
    metres: int


class Columns(NamedTuple):
    """The columns of one table in which a place stands; there must be an index on (lat, lon)."""

    id: Column
    lat: Column
    lon: Column


def nearest(
    session: Session, columns: Columns, *, near: Point, limit: int, where: Sequence[ColumnElement[bool]] = ()
) -> list[Near]:
    """List the `limit` rows nearest to a point, the nearest first, of equals the lowest id first.

    `where` may only name the table of the columns (others through `exists()`), since the statement
    counts with it too.
    """
    if limit < 1:
        return []
    values: dict[str, Any] = {"enough": limit}
    for number, (inner, outer) in enumerate(_boxes(near)):
        values |= {f"{side}_{number}": getattr(inner, side) for side in SIDES}
        values |= {f"outer_{side}_{number}": getattr(outer, side) for side in SIDES}
    rows = session.execute(_statement(columns, tuple(where)), values)
    return heapq.nsmallest(limit, _measured(rows, near), key=_order)


def within(
    session: Session, columns: Columns, *, near: Point, radius_m: int, where: Sequence[ColumnElement[bool]] = ()
) -> list[Near]:
    """List every row at most `radius_m` metres from a point, the nearest first."""
    if radius_m < 0:
        return []
    box = _box(near, radius_m + 1)
    rows = session.execute(
        select(columns.id, columns.lat, columns.lon).where(
            columns.lat.between(box.south, box.north), columns.lon.between(box.west, box.east), *where
        )
    )
    return sorted((found for found in _measured(rows, near) if found.metres <= radius_m), key=_order)


def _order(found: Near) -> tuple[int, Any]:
    return found.metres, found.id


def _measured(rows: Any, near: Point) -> Iterator[Near]:
    for number, lat, lon in rows:
        yield Near(number, distance_m(near, Point(lat, lon)))


@lru_cache(maxsize=32)
def _statement(columns: Columns, where: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    """Write the statement; its text is the same for every point, so that it is written once.

    Conditions are told apart by identity: a constant one is found again, a new one is written anew.
    """
    ring = _rings()
    inside = (
        select(columns.id)
        .where(columns.lat.between(ring.c.south, ring.c.north), columns.lon.between(ring.c.west, ring.c.east), *where)
        .limit(bindparam("enough", type_=Integer))
        .correlate(ring)
        .subquery()
    )
    counted = select(func.count()).select_from(inside).correlate(ring).scalar_subquery()
    chosen = (
        select(ring.c.outer_south, ring.c.outer_west, ring.c.outer_north, ring.c.outer_east)
        .where((ring.c.number == RINGS) | (counted >= bindparam("enough", type_=Integer)))
        .order_by(ring.c.number)
        .limit(1)
        .subquery()
    )
    in_box = and_(
        columns.lat.between(chosen.c.outer_south, chosen.c.outer_north),
        columns.lon.between(chosen.c.outer_west, chosen.c.outer_east),
    )
    return select(columns.id, columns.lat, columns.lon).join(chosen, in_box).where(*where)


@cache
def _rings() -> Any:
    """Give the boxes as a table in the statement, each with the larger box that goes with it."""
    lines = []
    for number in range(RINGS + 1):
        names = [*SIDES, *(f"outer_{side}" for side in SIDES)]
        sides = [bindparam(f"{name}_{number}", type_=Float).label(name) for name in names]
        lines.append(select(bindparam(f"ring_{number}", number, type_=Integer).label("number"), *sides))
    return union_all(*lines).cte("ring")


def _boxes(near: Point) -> Iterator[tuple[BoundingBox, BoundingBox]]:
    """Give each box and the one that holds every point not further than its furthest corner."""
    for number in range(RINGS):
        inner = _box(near, FIRST_RADIUS_M * 2**number)
        wide = max(near.lon - inner.west, inner.east - near.lon) > 90
        yield inner, WORLD if wide else _box(near, _furthest(near, inner))
    yield WORLD, WORLD


def _furthest(near: Point, box: BoundingBox) -> int:
    """Measure to the furthest corner, rounded up; in a box under 90° wide nothing lies further."""
    corners = (Point(lat, lon) for lat in (box.south, box.north) for lon in (box.west, box.east))
    return max(distance_m(near, corner) for corner in corners) + 2


def _box(near: Point, radius_m: int) -> BoundingBox:
    """Give the box around a point; all longitudes where it would cross the date line."""
    if radius_m >= EARTH_RADIUS_M * math.pi:
        return WORLD
    box = box_around(near, radius_m)
    if box.west <= -180.0 or box.east >= 180.0:
        return BoundingBox(box.south, -180.0, box.north, 180.0)
    return box
