"""Areas that an enterprise chose: what they hold, and what can not be one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain import data
from shortchain.enterprises import service_areas
from shortchain.kernel.areas import BadArea
from shortchain.kernel.geo import Point, distance_m

SQUARE = {"type": "Polygon", "coordinates": [[[3.6, 51.0], [3.9, 51.0], [3.9, 51.2], [3.6, 51.2], [3.6, 51.0]]]}


def test_the_middle_of_a_postcode_lies_in_it_unless_a_lower_code_has_the_same_middle() -> None:
    seen: dict[tuple[float, float], str] = {}
    for one in sorted(data.postcodes().values(), key=lambda one: one.code):
        first = seen.setdefault((one.lat, one.lon), one.code)
        assert service_areas.postcode_at(Point(one.lat, one.lon)) == first


@given(st.floats(49.4, 51.6), st.floats(2.4, 6.5))
@settings(max_examples=60, deadline=None)
def test_a_place_is_of_the_postcode_with_the_nearest_middle(lat: float, lon: float) -> None:
    point = Point(round(lat, 6), round(lon, 6))
    best = min((distance_m(point, Point(one.lat, one.lon)), one.code) for one in data.postcodes().values())
    assert service_areas.postcode_at(point) == best[1]


def test_reads_back_what_it_made() -> None:
    assert service_areas.read({}) is None
    town = service_areas.read(service_areas.of_postcodes(["9000", "9040", "9000"]))
    assert town is not None and town.postcodes == {"9000", "9040"}
    gent, brugge = (data.postcodes()[code] for code in ("9000", "8000"))
    assert town.holds(Point(gent.lat, gent.lon)) and not town.holds(Point(brugge.lat, brugge.lon))
    drawn = service_areas.read(service_areas.of_geojson(json.dumps(SQUARE)))
    assert drawn is not None and drawn.holds(Point(51.1, 3.7)) and not drawn.holds(Point(51.1, 4.0))


@pytest.mark.parametrize("codes", [[], ["0000"], ["9000", "prei"], list(data.postcodes())])
def test_refuses_postcodes_that_cannot_be(codes: list[str]) -> None:
    with pytest.raises(BadArea) as refusal:
        service_areas.of_postcodes(codes)
    assert refusal.value.fields == ("more",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prei",
        "[" * 100_000,
        json.dumps({"type": "Point", "coordinates": [3, 51]}),
        json.dumps({"type": "Polygon", "coordinates": [[[0, 40], [9, 40], [9, 60]]]}),
        json.dumps(SQUARE) + " " * service_areas.LONGEST_TEXT,
    ],
    ids=["empty", "word", "deep", "point", "all of Europe", "long"],
)
def test_refuses_a_text_that_is_no_area(text: str) -> None:
    with pytest.raises(BadArea) as refusal:
        service_areas.of_geojson(text)
    assert refusal.value.fields == ("outline",)
