"""Finding near a point, on both databases."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    delete,
    event,
    insert,
    text,
)
from sqlalchemy.orm import Session

from shortchain.enterprises import near
from shortchain.enterprises.models import Enterprise, EnterpriseKind
from shortchain.enterprises.near import Columns, Near, nearest, within
from shortchain.kernel.geo import Point, distance_m
from tests.support.factories import enterprises

GENT = Point(51.0543, 3.7174)

spot = Table(
    "near_spot", MetaData(),
    Column("id", Integer, primary_key=True),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index("ix_near_spot_lat_lon", "lat", "lon"),
    prefixes=["TEMPORARY"],
)  # fmt: skip
COLUMNS = Columns(spot.c.id, spot.c.lat, spot.c.lon)

anywhere = st.builds(
    Point,
    st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0, 89.9999])),
    st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.9999, 0.0])),
)
in_flanders = st.builds(Point, st.floats(50.7, 51.5), st.floats(2.5, 5.9))
round_gent = st.builds(Point, st.floats(51.04, 51.07), st.floats(3.70, 3.74))


@pytest.fixture
def spots(session: Session):
    """A temporary table with an index, filled with points; gives them by id."""
    spot.create(session.connection())

    def fill(points: list[Point], closed: frozenset[int] = frozenset()) -> dict[int, Point]:
        session.execute(delete(spot))
        by_id = dict(enumerate(points, start=1))
        rows = [
            {"id": number, "lat": at.lat, "lon": at.lon, "is_open": number not in closed}
            for number, at in by_id.items()
        ]
        if rows:
            session.execute(insert(spot), rows)
        return by_id

    yield fill
    session.rollback()
    session.execute(text("DROP TABLE IF EXISTS near_spot"))
    session.rollback()


def one_by_one(points: dict[int, Point], centre: Point) -> list[Near]:
    """Measure every point: what the query must agree with."""
    return sorted(
        (Near(number, distance_m(centre, at)) for number, at in points.items()),
        key=lambda found: (found.metres, found.id),
    )


@pytest.mark.parametrize("points", [anywhere, in_flanders, round_gent], ids=["world", "Flanders", "Gent"])
def test_finds_exactly_the_nearest(session: Session, spots, points) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(points, max_size=40), st.one_of(points, anywhere), st.integers(1, 45))
    def check(places: list[Point], centre: Point, limit: int) -> None:
        by_id = spots(places)
        assert nearest(session, COLUMNS, near=centre, limit=limit) == one_by_one(by_id, centre)[:limit]

    check()


@pytest.mark.parametrize("points", [anywhere, in_flanders], ids=["world", "Flanders"])
def test_finds_everything_within_a_radius(session: Session, spots, points) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(points, max_size=40), points, st.integers(0, 25_000_000))
    def check(places: list[Point], centre: Point, radius_m: int) -> None:
        by_id = spots(places)
        want = [found for found in one_by_one(by_id, centre) if found.metres <= radius_m]
        assert within(session, COLUMNS, near=centre, radius_m=radius_m) == want

    check()


def test_prefers_the_point_outside_the_box_over_the_one_in_its_corner(session: Session, spots) -> None:
    """The first box is 500 m each way: a corner is 700 m away, the point beside the box 560 m."""
    corner = Point(GENT.lat + 0.00445, GENT.lon + 0.0071)
    beside = Point(GENT.lat, GENT.lon + 0.0080)
    spots([corner, beside])
    assert distance_m(GENT, corner) > distance_m(GENT, beside) > 500
    assert [found.id for found in nearest(session, COLUMNS, near=GENT, limit=1)] == [2]


def test_finds_across_the_date_line_and_the_pole(session: Session, spots) -> None:
    spots([Point(0, -179.999), Point(0, 179.9), Point(89.99, 180.0), Point(0, 0)])
    assert nearest(session, COLUMNS, near=Point(0, 179.999), limit=1)[0].id == 1
    assert nearest(session, COLUMNS, near=Point(89.99, 0), limit=1)[0].id == 3
    assert [found.id for found in within(session, COLUMNS, near=Point(89.99, 0), radius_m=3_000)] == [3]


def test_gives_the_lower_id_first_of_equals_and_all_when_there_are_few(session: Session, spots) -> None:
    spots([GENT, GENT, GENT])
    assert nearest(session, COLUMNS, near=GENT, limit=2) == [Near(1, 0), Near(2, 0)]
    assert len(nearest(session, COLUMNS, near=GENT, limit=100)) == 3
    assert nearest(session, COLUMNS, near=GENT, limit=0) == []
    spots([])
    assert nearest(session, COLUMNS, near=GENT, limit=3) == []
    assert within(session, COLUMNS, near=GENT, radius_m=-1) == []


def test_counts_only_what_meets_the_conditions(session: Session, spots) -> None:
    source = random.Random(7)
    places = [Point(source.uniform(50.9, 51.2), source.uniform(3.5, 4.0)) for _ in range(300)]
    closed = frozenset(number for number in range(1, 301) if number % 50)
    by_id = spots(places, closed)
    wanted = one_by_one({number: at for number, at in by_id.items() if number not in closed}, GENT)
    conditions = [spot.c.is_open.is_(True)]
    assert nearest(session, COLUMNS, near=GENT, limit=4, where=conditions) == wanted[:4]
    within_20_km = within(session, COLUMNS, near=GENT, radius_m=20_000, where=conditions)
    assert within_20_km == [found for found in wanted if found.metres <= 20_000]


def test_asks_once_and_reads_by_the_index(session: Session, spots, database_kind: str) -> None:
    source = random.Random(3)
    places = [Point(source.uniform(50.7, 51.5), source.uniform(2.5, 5.9)) for _ in range(20_000)]
    by_id = spots(places)
    session.execute(text("ANALYZE near_spot" if database_kind == "postgresql" else "ANALYZE"))
    asked: list[tuple[str, object]] = []

    def note(_c, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    try:
        found = nearest(session, COLUMNS, near=GENT, limit=10)
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", note)
    assert found == one_by_one(by_id, GENT)[:10]
    assert len(asked) == 1
    explain = "EXPLAIN" if database_kind == "postgresql" else "EXPLAIN QUERY PLAN"
    plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(f"{explain} {asked[0][0]}", asked[0][1]))
    assert plan.count("ix_near_spot_lat_lon") >= 2
    assert "SCAN near_spot" not in plan
    assert "Seq Scan on near_spot" not in plan


def test_finds_enterprises_by_their_own_columns(session: Session) -> None:
    far = enterprises.enterprise(session, at=(51.2, 4.4), kind=EnterpriseKind.MWB)
    close = enterprises.enterprise(session, at=(51.06, 3.72))
    columns = Columns(Enterprise.id, Enterprise.lat, Enterprise.lon)
    assert [found.id for found in nearest(session, columns, near=GENT, limit=5)] == [
        close.id,
        far.id,
    ]
    packers = nearest(session, columns, near=GENT, limit=5, where=[Enterprise.kind == EnterpriseKind.MWB])
    assert [found.id for found in packers] == [far.id]


def test_covers_every_point_with_its_last_box() -> None:
    boxes = list(near._boxes(GENT))
    assert boxes[-1] == (near.WORLD, near.WORLD)
    for inner, outer in boxes[:-1]:
        corner = distance_m(GENT, Point(inner.north, inner.east))
        assert distance_m(GENT, Point(outer.north, GENT.lon)) >= corner - 1
        assert math.isclose(inner.south + inner.north, 2 * GENT.lat, abs_tol=1e-6)
