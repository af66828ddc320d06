"""Each thing that bounds a tour, with the built-in planner and with the engine: it is kept, and named when it is why not."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.delivery.tour_clock import Clock as TourClock
from shortchain.delivery.tour_engine import Budget
from shortchain.delivery.tour_engine import plan as engine_plan
from shortchain.delivery.tour_engine.asking import problem_of
from shortchain.delivery.tour_planner import plan_tours
from shortchain.delivery.tour_plans import BREAK, DROPOFF, PICKUP, REASONS, Load, Place, TourPlan, TourPolicy, Vehicle
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.ports import CAR
from tests.unit.delivery.test_tour_planner import hour, load, random_loads, vehicle

QUICK = Budget(iterations=40, seconds=20.0)
FAR_OFF = Point(51.15, 3.60)


def built_in(loads: list[Load], fleet: list[Vehicle], **more: Any) -> TourPlan:
    return plan_tours(loads, fleet, distance=distance_m, **more)


def engine(loads: list[Load], fleet: list[Vehicle], **more: Any) -> TourPlan:
    return engine_plan(loads, fleet, distance=distance_m, budget=QUICK, **more)


BOTH = pytest.mark.parametrize("plan", [built_in, engine])


def why(plan: TourPlan) -> dict[int, str]:
    return {row.leg_id: row.reason for row in plan.unplanned}


def five(**changes: Any) -> list[Load]:
    return [replace(load(n), **changes) for n in range(1, 6)]


@BOTH
@pytest.mark.parametrize(
    ("changes", "bound", "reason"),
    [
        ({"crates": 4}, {"crates": 3}, "crates"),
        ({"crates": 4, "chilled": 3, "max_ride_s": 3600}, {"chilled": 2}, "crates"),
        ({"crates": 4, "frozen": 3, "max_ride_s": 3600}, {"frozen": 2}, "frozen"),
        ({"weight_g": 100_000}, {}, "payload"),
        ({"needs": frozenset({"lift"})}, {}, "driver"),
        ({}, {"closed": frozenset({"e1"})}, "zone"),
        ({"volume_ml": 4_000}, {"volume_ml": 3_000}, "volume"),
        ({"heaviest_g": 30_000}, {"lift_g": 25_000}, "driver"),
        ({}, {"max_stops": 1}, "stops"),
    ],
)
def test_says_which_bound_stands_in_the_way(
    plan: Any, changes: dict[str, Any], bound: dict[str, Any], reason: str
) -> None:
    loads = five(**changes)
    assert why(plan(loads, [vehicle(**bound)])) == dict.fromkeys(range(1, 6), reason)
    able = vehicle(2, payload_g=900_000, rights=frozenset({"lift", "drive"}))
    assert why(plan(loads, [vehicle(**bound), able])) == {}, "another vehicle that can"


@BOTH
def test_keeps_away_from_one_door_and_drives_to_the_others(plan: Any) -> None:
    loads = five()
    shut = vehicle(1, closed=frozenset({loads[2].destination.key}))
    assert why(plan(loads, [shut])) == {3: "zone"}
    found = plan(loads, [shut, vehicle(2)])
    assert why(found) == {}
    assert [tour.courier_id for tour in found.tours for stop in tour.stops if 3 in stop.leg_ids] == [2, 2]


@BOTH
def test_starts_and_ends_where_the_vehicle_does(plan: Any) -> None:
    here, there = Point(51.03, 3.68), Point(51.07, 3.76)
    [tour] = plan(five(), [vehicle(base=here, end=there)]).tours
    assert tour.stops[0].metres == distance_m(here, tour.stops[0].place.point) * 125 // 100
    back = distance_m(tour.stops[-1].place.point, there) * 125 // 100
    assert tour.metres == sum(stop.metres for stop in tour.stops) + back


@BOTH
def test_divides_work_over_depots(plan: Any) -> None:
    east = [load(n, at=Point(51.05, 3.72 + n / 1000), origin=Place("e1", "Een", Point(51.05, 3.72))) for n in (1, 2, 3)]
    west = [
        load(n, at=Point(51.05, 3.20 + n / 1000), origin=Place("e2", "Twee", Point(51.05, 3.20))) for n in (4, 5, 6)
    ]
    found = plan([*east, *west], [vehicle(1, base=Point(51.05, 3.72)), vehicle(2, base=Point(51.05, 3.20))])
    legs = {tour.courier_id: {leg for stop in tour.stops for leg in stop.leg_ids} for tour in found.tours}
    assert legs == {1: {1, 2, 3}, 2: {4, 5, 6}}


@BOTH
def test_collects_at_farms_and_drops_at_packer_and_door_in_one_tour(plan: Any) -> None:
    packer = Place("e1", "Inpakker", Point(51.06, 3.73), "packer")
    farms = [Place(f"f{n}", f"Boer {n}", Point(51.02 + n / 100, 3.66), "farm") for n in (1, 2, 3)]
    inbound = [Load(n, farm, packer, 20_000, None, hour(4)) for n, farm in enumerate(farms, start=1)]
    outbound = [replace(load(n, window=(6, 9)), origin=packer, ready_at=hour(5)) for n in (11, 12, 13)]
    found = plan([*inbound, *outbound], [vehicle(payload_g=70_000)])
    assert why(found) == {}
    [tour] = found.tours
    at = {(stop.kind, leg): stop.eta for stop in tour.stops for leg in stop.leg_ids}
    for number in (1, 2, 3):
        assert at[PICKUP, number] < at[DROPOFF, number] <= hour(4.5)
    for number in (11, 12, 13):
        assert hour(5) <= at[PICKUP, number] < at[DROPOFF, number], "nothing is loaded before it is packed"


@BOTH
def test_a_compartment_that_cools_makes_a_long_ride_lawful(plan: Any) -> None:
    far = [
        replace(load(n, at=Point(51.25, 3.72 + n / 500)), max_ride_s=1_800, crates=2, chilled=1) for n in range(1, 5)
    ]
    assert set(why(plan(far, [vehicle(hours=14)])).values()) == {"cold"}
    assert why(plan(far, [vehicle(hours=14, chilled=4)])) == {}
    frozen = [replace(one, chilled=0, frozen=1) for one in far]
    assert set(why(plan(frozen, [vehicle(hours=14, is_cooled=True)])).values()) == {"cold"}, "cool is not frozen"
    assert why(plan(frozen, [vehicle(hours=14, frozen=4)])) == {}


@BOTH
def test_a_stop_takes_the_time_of_its_kind_its_crates_and_the_team(plan: Any) -> None:
    policy = TourPolicy(
        base_s={"home": 100, "home_van": 200, "point": 300, "farm": 400, "packer": 500},
        each_s=dict.fromkeys(("home", "home_van", "point", "farm", "packer"), 10),
        pace_pct=150,
    )
    loads = [
        Load(
            n,
            Place("e1", "Inpakker", Point(51.05, 3.70), "packer"),
            Place(f"h{n}", "Deur", Point(51.05, 3.70 + n / 100), kind),
            5_000,
            crates=n,
        )
        for n, kind in enumerate(["home", "point", "farm", "home"], start=1)
    ]
    for profile, door in (("bike", 100), (CAR, 200)):
        [tour] = plan(loads, [vehicle(profile=profile)], policy=policy).tours
        stays = {stop.leg_ids: stop.stay_s for stop in tour.stops if stop.kind == DROPOFF}
        assert stays == {(1,): (door + 10) * 3 // 2, (2,): 480, (3,): 645, (4,): (door + 40) * 3 // 2}
        assert [stop.stay_s for stop in tour.stops if stop.kind == PICKUP] == [(500 + 100) * 3 // 2]


def climbs() -> list[tuple[int, bool, int, int]]:
    """Read the table of docs/routing.md: floor, lift, crates, seconds more."""
    lines = (Path(__file__).parents[3] / "docs/routing.md").read_text().splitlines()
    first = lines.index("| Floor | Lift | Crates | Seconds more |") + 2
    rows = [line.strip("|").split("|") for line in takewhile(lambda line: line.startswith("|"), lines[first:])]
    return [(int(floor), lift.strip() == "yes", int(crates), int(more)) for floor, lift, crates, more in rows]


@pytest.mark.parametrize(("floor", "has_lift", "crates", "more"), climbs())
def test_stairs_take_time_at_the_door(floor: int, has_lift: bool, crates: int, more: int) -> None:
    """As long in both planners, stretched for the team, and nothing where the goods are loaded."""
    low = replace(load(1), crates=crates)
    high = replace(low, floor=floor, has_lift=has_lift)
    policy = TourPolicy(pace_pct=150)
    for plan in (built_in, engine):
        before, after = (
            {stop.kind: stop.stay_s for stop in tour.stops}
            for one in (low, high)
            for tour in plan([one], [vehicle()], policy=policy).tours
        )
        assert after == {PICKUP: before[PICKUP], DROPOFF: before[DROPOFF] + more * 3 // 2}
    asked = [
        problem_of([one], [vehicle()], TourClock([one], distance_m, policy)).tasks[0].drop.service_s
        for one in (low, high)
    ]
    assert asked[1] - asked[0] == more * 3 // 2, "the engine searches with the same time"


def test_a_carrier_counts_its_own_time_for_a_floor() -> None:
    assert TourPolicy(floor_s=45).climb_s(replace(load(1), floor=4, crates=2)) == 360


@given(st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_no_plan_breaks_any_bound(seed: int) -> None:
    dice = random.Random(seed)
    loads = [
        replace(
            one,
            crates=(crates := dice.randint(1, 3)),
            chilled=(chilled := dice.choice([0, 0, 1])),
            frozen=dice.choice([0, 0, 0, 1]) if crates > chilled else 0,
            max_ride_s=3_600 if chilled else None,
            needs=frozenset({"lift"} if dice.random() < 0.2 else ()),
            volume_ml=dice.randint(1, 60) * 1_000,
            heaviest_g=dice.choice([5_000, 5_000, 20_000]),
            floor=dice.choice([0, 0, 4]),
            has_lift=dice.choice([False, True]),
        )
        for one in random_loads(dice, dice.randint(3, 10))
    ]
    keys = sorted({one.destination.key for one in loads})
    fleet = [
        vehicle(
            n,
            payload_g=dice.choice([30_000, 90_000]),
            crates=dice.choice([4, 8, None]),
            chilled=dice.choice([0, 2]),
            frozen=dice.choice([0, 1]),
            max_stops=dice.choice([None, 6]),
            rights=frozenset({"lift"} if dice.random() < 0.5 else ()),
            closed=frozenset(dice.sample(keys, min(2, len(keys)))),
            end=dice.choice([None, FAR_OFF]),
            volume_ml=dice.choice([None, 120_000]),
            lift_g=dice.choice([12_000, 30_000]),
        )
        for n in (1, 2)
    ]
    by_id, vans = {one.leg_id: one for one in loads}, {one.courier_id: one for one in fleet}
    for found in (built_in(loads, fleet), engine(loads, fleet)):
        done = [leg for tour in found.tours for stop in tour.stops if stop.kind == DROPOFF for leg in stop.leg_ids]
        assert sorted([*done, *why(found)]) == sorted(by_id)
        assert set(why(found).values()) <= set(REASONS)
        for tour in found.tours:
            van, on = vans[tour.courier_id], set[int]()
            visits = [stop for stop in tour.stops if stop.kind != BREAK]
            assert van.max_stops is None or len(visits) <= van.max_stops
            for stop in visits:
                assert stop.place.key not in van.closed
                on = on | set(stop.leg_ids) if stop.kind == PICKUP else on - set(stop.leg_ids)
                inside = [by_id[leg] for leg in on]
                assert all(one.needs <= van.rights for one in inside)
                assert all(one.heaviest_g <= van.lift_g for one in inside)
                assert sum(one.weight_g for one in inside) <= van.payload_g
                assert van.volume_ml is None or sum(one.volume_ml for one in inside) <= van.volume_ml
                assert van.crates is None or sum(one.crates for one in inside) <= van.crates
                assert not van.chilled or sum(one.chilled for one in inside) <= van.chilled
                assert not van.frozen or sum(one.frozen for one in inside) <= van.frozen
