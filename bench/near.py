"""The ten nearest of 100,000 places: the indexed query beside a plain scan of the same table."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from shortchain.enterprises.near import Columns, nearest
from shortchain.kernel.geo import Point, distance_m

PLACES = 100_000
NEAREST = 10
SOUTH, NORTH, WEST, EAST = 50.70, 51.50, 2.55, 5.90  # Flanders

_place = Table(
    "place",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Index("ix_place_lat_lon", "lat", "lon"),
)
_columns = Columns(_place.c.id, _place.c.lat, _place.c.lon)
_scan = (
    select(_place.c.id)
    .order_by(
        (_place.c.lat - bindparam("lat")) * (_place.c.lat - bindparam("lat"))
        + (_place.c.lon - bindparam("lon")) * (_place.c.lon - bindparam("lon")) * bindparam("squeeze"),
        _place.c.id,
    )
    .limit(NEAREST)
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one way of finding; `exact` of `asked` answers were the true ten nearest."""

    way: str
    median_ms: float
    p95_ms: float
    exact: int
    asked: int


def run(url: str, *, asked: int = 200, scanned: int = 20, seed: int = 20261123) -> list[Timing]:
    """Fill a table in an empty database and time both ways from the same points, in turn.

    A scan takes a hundred times as long, so that it answers the first `scanned` points only. The
    answers are compared with the distances measured one by one, outside the database.
    """
    random_source = random.Random(seed)
    places = {number: _somewhere(random_source) for number in range(1, PLACES + 1)}
    engine = create_engine(url)
    _place.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(_place),
            [{"id": number, "name": f"Place {number}", "lat": at.lat, "lon": at.lon} for number, at in places.items()],
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE place"))
    points = [_somewhere(random_source) for _ in range(asked)]
    with Session(engine) as session:

        def indexed(near: Point) -> list[int]:
            return [found.id for found in nearest(session, _columns, near=near, limit=NEAREST)]

        def plain(near: Point) -> list[int]:
            squeeze = math.cos(math.radians(near.lat)) ** 2
            return list(session.scalars(_scan, {"lat": near.lat, "lon": near.lon, "squeeze": squeeze}))

        found = [
            _timed("indexed", indexed, points, places, checked=scanned),
            _timed("plain scan", plain, points[:scanned], places, checked=scanned),
        ]
    engine.dispose()
    return found


def show(url: str) -> None:
    """Measure and print two lines and how many times faster the index is."""
    found = run(url)
    print(f"\nthe {NEAREST} nearest of {PLACES:,} places")
    for row in found:
        print(f"  {row.way:<12}{row.median_ms:>9.2f} ms{row.p95_ms:>9.2f} ms (p95)   exact {row.exact} of {row.asked}")
    print(f"  the index is {found[1].median_ms / found[0].median_ms:.0f} times as fast")


def _somewhere(source: random.Random) -> Point:
    return Point(source.uniform(SOUTH, NORTH), source.uniform(WEST, EAST))


def _timed(
    way: str, find: Callable[[Point], list[int]], points: list[Point], places: dict[int, Point], *, checked: int
) -> Timing:
    find(points[0])  # the first one also opens the connection and compiles the statement
    times, exact = [], 0
    for number, near in enumerate(points):
        started = time.perf_counter()
        answer = find(near)
        times.append((time.perf_counter() - started) * 1000)
        exact += number < checked and set(answer) == _true_nearest(near, places)
    return Timing(
        way, statistics.median(times), statistics.quantiles(times, n=20)[-1], exact, min(checked, len(points))
    )


def _true_nearest(near: Point, places: dict[int, Point]) -> set[int]:
    by_distance = sorted(places, key=lambda number: (distance_m(near, places[number]), number))
    return set(by_distance[:NEAREST])
