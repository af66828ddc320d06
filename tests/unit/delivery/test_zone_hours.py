"""Zones that are shut for part of the day, in tours: the table of docs/routing.md, and no planner that comes in those hours."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.data.shapes import Text
from shortchain.data.zones import PEDESTRIAN, Zone
from shortchain.delivery.tour_plans import DROPOFF, Load
from shortchain.delivery.zone_hours import barred, outside
from shortchain.enterprises.zones import EVERYWHERE, Zones
from shortchain.kernel.areas import Area
from shortchain.kernel.geo import Point
from shortchain.kernel.window import BRUSSELS, at_local
from tests.support.documents import rows_under
from tests.unit.delivery.test_tour_dimensions import BOTH
from tests.unit.delivery.test_tour_planner import load, random_loads, vehicle

DOCS = Path(__file__).resolve().parents[3] / "docs" / "routing.md"
SQUARE = Area(((tuple(Point(lat, lon) for lat, lon in ((51.0, 3.6), (51.0, 3.9), (51.2, 3.9), (51.2, 3.6))),),))
DAY = date(2026, 11, 26)


def zone(*shut: str) -> Zone:
    first, last = (time.fromisoformat(text) for text in shut) if shut else (None, None)
    hours = (first, last) if first and last else None
    return Zone("MARKT", PEDESTRIAN, Text("Markt", "Place", "Square"), SQUARE, (), shut=hours)


def at(text: str) -> datetime:
    return at_local(DAY, time.fromisoformat(text))


def asked(window: str) -> Load:
    first, last = window.split("-")
    return replace(load(1), starts_at=at(first), ends_at=at(last))


@pytest.mark.parametrize("row", rows_under(DOCS, "### Hours of a zone"), ids=lambda row: " ".join(row.values()))
def test_narrows_a_window_as_the_page_says(row: dict[str, str]) -> None:
    known = Zones({"MARKT": zone(*filter(None, row["Shut"].split("-")))})
    opened = [EVERYWHERE if word == "may" else ~1 for word in row["Vehicles"].split(", ")]
    one = asked(row["Window"])
    [found] = outside(known, [one], opened, DAY)
    assert found.starts_at and found.ends_at
    said = "-".join(f"{moment.astimezone(BRUSSELS):%H:%M}" for moment in (found.starts_at, found.ends_at))
    assert said == row["Comes"]
    assert bool(barred(known, one)[one.destination.key]) is (row["Barred to who may not"] == "yes")
    assert found.until == (found.ends_at if found.ends_at < one.ends_at else None)


@BOTH
def test_is_never_late_at_a_door_whose_zone_closes(plan: object) -> None:
    """Half an hour late is let pass at any other door, not where a fine waits."""
    far = [replace(load(1, at=Point(51.30, 3.72)), starts_at=None, ends_at=None)]
    [tour] = plan(far, [vehicle()]).tours  # type: ignore[operator]
    eta = next(stop.eta for stop in tour.stops if stop.kind == DROPOFF)
    first = plan(far, [vehicle(shift_start=tour.starts_at)]).tours[0]  # type: ignore[operator]
    soonest = next(stop.eta for stop in first.stops if stop.kind == DROPOFF)
    assert soonest == eta
    early = soonest.replace(minute=0, second=0, microsecond=0)
    late = [replace(far[0], starts_at=early, ends_at=early)]
    fleet = [vehicle(shift_start=tour.starts_at)]
    if soonest > early:
        assert plan(late, fleet).tours  # type: ignore[operator]
        closing = [replace(late[0], until=early)]
        assert [row.reason for row in plan(closing, fleet).unplanned] == ["zone"]  # type: ignore[operator]


@BOTH
@given(seed=st.integers(0, 10**9))
@settings(max_examples=15, deadline=None)
def test_no_plan_comes_in_shut_hours(plan: object, seed: int) -> None:
    dice = random.Random(seed)
    loads = [one for one in random_loads(dice, dice.randint(4, 8)) if one.starts_at]
    day = vehicle().shift_start.astimezone(BRUSSELS).date()
    known = Zones({"MARKT": zone("11:00", f"{dice.randint(13, 18)}:00")})
    shut = next(iter(known.by_code.values())).shut
    assert shut is not None
    keys = {key for one in loads for key, bits in barred(known, one).items() if bits}
    found = plan(outside(known, loads, [~1], day), [vehicle(closed=frozenset(keys))])  # type: ignore[operator]
    for tour in found.tours:
        for stop in tour.stops:
            if stop.kind == DROPOFF and SQUARE.holds(stop.place.point):
                hour = stop.eta.astimezone(BRUSSELS).time()
                assert hour <= shut[0] or hour >= shut[1]
