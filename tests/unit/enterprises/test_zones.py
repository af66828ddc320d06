"""Which vehicle may enter which zone: the table of docs/routing.md, and places that everybody knows."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from shortchain.data.shapes import Text
from shortchain.data.zones import PEDESTRIAN, Zone, zones
from shortchain.enterprises import zones as entering
from shortchain.enterprises.vehicles import is_bike
from shortchain.enterprises.zones import BURNING, ELECTRIC, EVERYWHERE, FUELS, Engine, Right, Zones
from shortchain.kernel.areas import Area
from shortchain.kernel.geo import Point
from tests.support.documents import rows_under

DOCS = Path(__file__).resolve().parents[3] / "docs" / "routing.md"
DAY = date(2026, 11, 26)
PLACES = [
    ("Grote Markt van Brussel", 50.8467, 4.3525, ["Brussel"]),
    ("Atomium", 50.8949, 4.3415, ["Brussel"]),
    ("Vilvoorde", 50.9280, 4.4290, []),
    ("Grote Markt van Antwerpen", 51.2213, 4.3997, ["Antwerpen"]),
    ("Linkeroever", 51.2220, 4.3820, ["Antwerpen"]),
    ("Deurne-Zuid", 51.1990, 4.4720, []),
    ("Korenmarkt van Gent", 51.0545, 3.7220, ["Gent"]),
    ("Ledeberg, ook Gent", 51.0370, 3.7430, []),
    ("Wondelgem, 9032 Gent", 51.0860, 3.7130, []),
    ("Brugge", 51.2090, 3.2240, []),
]


@pytest.mark.parametrize("row", rows_under(DOCS, "### Zones"), ids=lambda row: " ".join(row.values()))
def test_lets_in_whom_the_page_says(row: dict[str, str]) -> None:
    rights = ()
    if row["Right"]:
        zone, first, last = row["Right"].split()
        rights = (Right(zone, date.fromisoformat(first), date.fromisoformat(last)),)
    engine = Engine(row["Burns"], int(row["Euro"]) if row["Euro"] else None, is_bike(row["Vehicle"]), rights)
    day = date.fromisoformat(row["Day"])
    zone_asked = zones()[row["Zone"]]
    assert entering.may_enter(engine, zone_asked, day) is (row["May enter"] == "yes")
    bit = 1 << list(zones()).index(row["Zone"])
    assert bool(entering.reference().open_to(engine, day) & bit) is (row["May enter"] == "yes")


@pytest.mark.parametrize(("place", "lat", "lon", "names"), PLACES, ids=[row[0] for row in PLACES])
def test_knows_the_zone_of_a_place(place: str, lat: float, lon: float, names: list[str]) -> None:
    found = entering.reference().at(Point(lat, lon))
    assert [zone.name["nl"] for bit, zone in enumerate(zones().values()) if found >> bit & 1] == names


def test_asks_a_right_of_every_motor_vehicle_among_pedestrians() -> None:
    square = Area((((Point(51, 3), Point(51, 4), Point(52, 4), Point(52, 3)),),))
    known = Zones({"MARKT": Zone("MARKT", PEDESTRIAN, Text("Markt", "Place", "Square"), square, ())})
    right = Right("MARKT", DAY, DAY)
    assert known.at(Point(51.5, 3.5)) == 1
    assert known.open_to(Engine("none", is_bike=True), DAY) == EVERYWHERE
    assert known.open_to(Engine(ELECTRIC), DAY) & 1 == 0
    assert known.open_to(Engine(ELECTRIC, rights=(right,)), DAY) == EVERYWHERE


def test_one_vehicle_must_be_let_in_everywhere() -> None:
    assert entering.any_may((0b01, 0b10), 0b10)
    assert not entering.any_may((0b01, 0b10), 0b11)
    assert not entering.any_may((), 0b01)


def test_rules_are_of_known_zones_and_fuels_and_never_of_two_on_one_day() -> None:
    for zone in zones().values():
        assert {rule.fuel for rule in zone.rules} == BURNING <= set(FUELS)
        for fuel in BURNING:
            spans = sorted((rule.valid_from, rule.valid_to) for rule in zone.rules if rule.fuel == fuel)
            assert all(before[1] == after[0] for before, after in pairwise(spans))
            assert spans[-1][1] is None
