"""The legs of a carrier with the engine: every bound kept, and never worse than without it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.delivery.tour_engine import Budget, plan
from shortchain.delivery.tour_planner import plan_tours
from shortchain.delivery.tour_plans import DROPOFF, PICKUP, Load, Place, TourPlan, Vehicle
from shortchain.kernel.geo import Point, distance_m

MORNING = datetime(2026, 11, 26, 7, tzinfo=UTC)
QUICK = Budget(iterations=80, seconds=20.0)


def hours(number: float) -> datetime:
    return MORNING + timedelta(hours=number)


def question(seed: int, count: int) -> tuple[list[Load], list[Vehicle]]:
    dice = random.Random(seed)
    packers = [Place("e1", "Een", Point(51.05, 3.7)), Place("e2", "Twee", Point(51.08, 3.75))]
    loads = []
    for number in range(1, count + 1):
        window = dice.choice([None, (3, 5), (5, 7), (8, 10)])
        point = Point(round(51 + dice.random() * 0.12, 3), round(3.65 + dice.random() * 0.15, 3))
        loads.append(
            Load(number, dice.choice(packers), Place(f"h{point}", f"Huis {number}", point), dice.choice([2_000, 9_000]),
                 *((hours(window[0]), hours(window[1])) if window else (None, None)))
        )  # fmt: skip
    vehicles = [
        Vehicle(n, Point(51.045, 3.71), dice.choice([30_000, 60_000]), MORNING, hours(12))
        for n in range(1, dice.randint(2, 4))
    ]
    return loads, vehicles


def worth(found: TourPlan) -> tuple[int, int, int]:
    late = sum(stop.late_s for tour in found.tours for stop in tour.stops)
    return len(found.unplanned), late, sum(tour.metres for tour in found.tours)


@given(st.integers(0, 10**9))
@settings(max_examples=15, deadline=None)
def test_is_never_worse_than_the_built_in_planner_and_keeps_every_bound(seed: int) -> None:
    loads, vehicles = question(seed, random.Random(seed).randint(1, 12))
    found = plan(loads, vehicles, distance=distance_m, budget=QUICK)
    assert worth(found) <= worth(plan_tours(loads, vehicles, distance=distance_m))
    weights = {load.leg_id: load.weight_g for load in loads}
    fleet = {one.courier_id: one for one in vehicles}
    driven = []
    for tour in found.tours:
        loaded = [leg for stop in tour.stops if stop.kind == PICKUP for leg in stop.leg_ids]
        dropped = [leg for stop in tour.stops if stop.kind == DROPOFF for leg in stop.leg_ids]
        assert sorted(loaded) == sorted(dropped)
        on = 0
        for stop in tour.stops:
            on += sum(weights[leg] for leg in stop.leg_ids) * (1 if stop.kind == PICKUP else -1)
            assert 0 <= on <= fleet[tour.courier_id].payload_g
        assert MORNING <= tour.starts_at <= tour.ends_at <= hours(12)
        driven += dropped
    assert sorted(driven + [row.leg_id for row in found.unplanned]) == sorted(weights)
    assert plan(loads[::-1], vehicles[::-1], distance=distance_m, budget=QUICK) == found


def test_shortens_a_day_of_thirty_legs() -> None:
    loads, vehicles = question(3, 30)
    fleet = [Vehicle(n, Point(51.045, 3.71), 120_000, MORNING, hours(12)) for n in (1, 2)]
    assert vehicles
    found = plan(loads, fleet, distance=distance_m, budget=Budget(iterations=300, seconds=20.0))
    assert worth(found) < worth(plan_tours(loads, fleet, distance=distance_m))
