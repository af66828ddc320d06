"""Areas: whether a point lies in one, and reading what people paste."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel import areas
from shortchain.kernel.areas import Area, BadArea, from_geojson, to_geojson
from shortchain.kernel.geo import Point

SQUARE = {"type": "Polygon", "coordinates": [[[3.0, 51.0], [4.0, 51.0], [4.0, 52.0], [3.0, 52.0], [3.0, 51.0]]]}
HOLE = [[3.4, 51.4], [3.6, 51.4], [3.6, 51.6], [3.4, 51.6], [3.4, 51.4]]
RING = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], HOLE]}  # type: ignore[misc]
ELSEWHERE = {"type": "Polygon", "coordinates": [[[5.0, 50.0], [5.1, 50.0], [5.0, 50.1]]]}

degrees = st.integers(-200, 200).map(lambda n: n / 100)


def feature(geometry: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


@pytest.mark.parametrize(
    ("lat", "lon", "square", "ring"),
    [
        (51.2, 3.2, True, True),
        (51.5, 3.5, True, False),
        (51.5, 2.9, False, False),
        (51.5, 4.1, False, False),
        (52.1, 3.5, False, False),
    ],
)
def test_knows_inside_from_outside_and_from_a_hole(lat: float, lon: float, square: bool, ring: bool) -> None:
    assert from_geojson(SQUARE).holds(Point(lat, lon)) is square
    assert from_geojson(RING).holds(Point(lat, lon)) is ring


def test_reads_every_polygon_of_a_collection() -> None:
    both = {"type": "FeatureCollection", "features": [feature(SQUARE), feature(ELSEWHERE), feature(None)]}
    area = from_geojson(both)
    assert area.holds(Point(51.5, 3.5)) and area.holds(Point(50.02, 5.02)) and not area.holds(Point(50.5, 4.5))


@given(st.lists(st.tuples(degrees, degrees), min_size=3, max_size=8, unique=True), degrees, degrees)
def test_is_the_same_area_after_writing_and_reading_and_wherever_the_ring_begins(
    corners: list[tuple[float, float]], lat: float, lon: float
) -> None:
    area = Area(((tuple(Point(*corner) for corner in corners),),))
    again = from_geojson(json.loads(json.dumps(to_geojson(area))))
    turned = Area(((tuple(Point(*corner) for corner in corners[1:] + corners[:1]),),))
    assert again == area
    assert area.holds(Point(lat, lon)) == turned.holds(Point(lat, lon)) == again.holds(Point(lat, lon))


@given(degrees, degrees)
def test_two_halves_share_no_point_and_leave_none_out(lat: float, lon: float) -> None:
    whole = Area((((Point(-1, -1), Point(-1, 1), Point(1, 1), Point(1, -1)),),))
    low = Area((((Point(-1, -1), Point(-1, 1), Point(1, 1)),),))
    high = Area((((Point(-1, -1), Point(1, 1), Point(1, -1)),),))
    point = Point(lat, lon)
    assert low.holds(point) + high.holds(point) == whole.holds(point)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "prei",
        {"type": "Point", "coordinates": [3, 51]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[3, 51], [4, 51]]]},
        {"type": "Polygon", "coordinates": [[[3, 51], [4, 51], [3, 51]]]},
        {"type": "Polygon", "coordinates": [[[3, "noord"], [4, 51], [4, 52]]]},
        {"type": "Polygon", "coordinates": [[[3, 99], [4, 51], [4, 52]]]},
        {"type": "Polygon", "coordinates": [[[3], [4, 51], [4, 52]]]},
        {"type": "Polygon", "coordinates": {"a": 1}},
        {"type": "FeatureCollection", "features": 3},
        {"type": "Polygon", "coordinates": [[[3 + n / 1e4, 51 + n % 2] for n in range(areas.MOST_CORNERS + 1)]]},
    ],
    ids=str,
)
def test_refuses_what_is_no_area(wrong: object) -> None:
    with pytest.raises(BadArea):
        from_geojson(wrong)
