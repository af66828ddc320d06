"""The committed tables of Belgian places: every point where it can be."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from shortchain.data import FOLDER
from shortchain.gateways.belgium import Postcode, table
from shortchain.kernel.geo import Point, distance_m

AREAS = json.loads((FOLDER / "outline.json").read_text(encoding="utf-8"))["areas"]
AREA_OF_PROVINCE = {
    "10000": {"antwerpen"}, "20001": {"leuven", "brussel"}, "30000": {"west-vlaanderen"},
    "40000": {"oost-vlaanderen"}, "70000": {"limburg"}, "04000": {"brussel"},
}  # fmt: skip


def inside(ring: list[list[float]], at: Point) -> bool:
    """Count how often a line to the east crosses the ring."""
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > at.lat) != (y2 > at.lat) and at.lon < (x2 - x1) * (at.lat - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def from_ring(ring: list[list[float]], at: Point) -> float:
    """Measure to the nearest edge of the ring, in metres, on the flat."""
    scale_x, scale_y = 70_000.0, 111_195.0
    nearest = float("inf")
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        ax, ay = (x1 - at.lon) * scale_x, (y1 - at.lat) * scale_y
        dx, dy = (x2 - x1) * scale_x, (y2 - y1) * scale_y
        length = dx * dx + dy * dy
        along = max(0.0, min(1.0, -(ax * dx + ay * dy) / length)) if length else 0.0
        nearest = min(nearest, ((ax + along * dx) ** 2 + (ay + along * dy) ** 2) ** 0.5)
    return nearest


FLEMISH = [code for code in table().codes.values() if code.municipalities[0].region != "WAL"]


def test_puts_every_flemish_and_brussels_point_in_its_province() -> None:
    wrong = []
    for code in FLEMISH:
        at = Point(code.lat, code.lon)
        names = AREA_OF_PROVINCE[code.municipalities[0].province]
        rings = [ring for area in AREAS if area["name"] in names for ring in area["rings"]]
        if not any(inside(ring, at) or from_ring(ring, at) < 1_500 for ring in rings):
            wrong.append(f"{code.code} {code.municipalities[0].nl}")
    assert wrong == []


def test_keeps_the_points_of_one_municipality_together() -> None:
    by_town: dict[str, list[Postcode]] = defaultdict(list)
    for code in table().codes.values():
        by_town[code.municipalities[0].nis].append(code)
    for codes in by_town.values():
        for code in codes:
            others = [distance_m(Point(code.lat, code.lon), Point(o.lat, o.lon)) for o in codes if o is not code]
            assert not others or min(others) < 13_000, code


@pytest.mark.parametrize(("code", "lat", "lon"), [
    ("1910", 50.942, 4.551), ("2223", 51.028, 4.694), ("9112", 51.158, 4.041), ("4821", 50.616, 5.884),
    ("6661", 50.227, 5.741), ("6831", 49.817, 5.103), ("6834", 49.848, 5.099), ("1804", 50.932, 4.450),
    ("1931", 50.911, 4.460), ("5352", 50.444, 5.161), ("7010", 50.500, 3.980),
])  # fmt: skip
def test_keeps_the_corrections_of_the_source(code: str, lat: float, lon: float) -> None:
    """Each lies where the map has the village; the source had it elsewhere or not at all."""
    row = table().codes[code]
    assert distance_m(Point(row.lat, row.lon), Point(lat, lon)) < 500


def test_takes_the_province_from_the_municipality_and_not_from_the_code() -> None:
    assert table().codes["2070"].municipalities[0].province == "40000"  # an Antwerp code since 2025


def test_names_villages_near_the_point_of_their_code() -> None:
    far = [
        (place.name, place.postcode)
        for places in table().names.values()
        for place in places
        if distance_m(
            Point(place.lat, place.lon),
            Point(table().codes[place.postcode].lat, table().codes[place.postcode].lon),
        ) > 12_000
    ]  # fmt: skip
    assert far == []


def test_draws_an_outline_that_is_small_and_closed() -> None:
    assert (FOLDER / "outline.json").stat().st_size < 40_000
    assert {area["name"] for area in AREAS} == set.union(*AREA_OF_PROVINCE.values())
    for area in AREAS:
        for ring in area["rings"]:
            assert len(ring) > 3
            assert ring[0] == ring[-1]
            assert all(2.4 < x < 6.0 and 50.6 < y < 51.6 for x, y in ring)
