"""Tours: everything driven once or left over with a reason, loaded before dropped, never too heavy."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.delivery.tour_clock import Clock, Cost, Route, late_s, visits_of
from shortchain.delivery.tour_engine import Budget
from shortchain.delivery.tour_engine import plan as engine_plan
from shortchain.delivery.tour_planner import plan_tours
from shortchain.delivery.tour_plans import (
    BREAK,
    DROPOFF,
    PICKUP,
    REASONS,
    Load,
    Place,
    PlannedTour,
    TourPlan,
    TourPolicy,
    Unplanned,
    Vehicle,
)
from shortchain.kernel.geo import Point, distance_m

MORNING = datetime(2026, 11, 26, 7, tzinfo=UTC)
POLICY = TourPolicy()
PACKER = Place("e1", "Inpakker", Point(51.05, 3.70))


def hour(number: float) -> datetime:
    return MORNING + timedelta(hours=number)


def vehicle(courier_id: int = 1, *, payload_g: int = 90_000, hours: float = 12, **changes: object) -> Vehicle:
    values: dict[str, object] = {
        "courier_id": courier_id,
        "base": Point(51.045, 3.71),
        "payload_g": payload_g,
        "shift_start": MORNING,
        "shift_end": hour(hours),
    }
    return Vehicle(**(values | changes))  # type: ignore[arg-type]


def load(
    leg_id: int,
    *,
    at: Point | None = None,
    origin: Place = PACKER,
    weight_g: int = 5_000,
    window: tuple[float, float] | None = None,
) -> Load:
    point = at or Point(51.05 + leg_id * 0.004, 3.72)
    return Load(
        leg_id,
        origin,
        Place(f"h{point}", f"Huis {leg_id}", point),
        weight_g,
        hour(window[0]) if window else None,
        hour(window[1]) if window else None,
    )


def random_loads(dice: random.Random, count: int) -> list[Load]:
    packers = [PACKER, Place("e2", "Ander", Point(51.08, 3.75))]
    return [
        load(
            number,
            at=Point(round(51 + dice.random() * 0.12, 3), round(3.65 + dice.random() * 0.15, 3)),
            origin=dice.choice(packers),
            weight_g=dice.choice([2_000, 8_000, 20_000]),
            window=dice.choice([None, (3, 5), (5, 7), (10, 12)]),
        )
        for number in range(1, count + 1)
    ]


def check_tour(tour: PlannedTour, loads: dict[int, Load], vehicles: dict[int, Vehicle]) -> None:
    """Check one tour with nothing of the planner but its answer."""
    driver = vehicles[tour.courier_id]
    on: set[int] = set()
    for stop in tour.stops:
        if stop.kind == PICKUP:
            assert on.isdisjoint(stop.leg_ids)
            on |= set(stop.leg_ids)
            assert sum(loads[leg].weight_g for leg in on) <= driver.payload_g
        elif stop.kind == DROPOFF:
            assert on.issuperset(stop.leg_ids), "loaded before it is dropped"
            on -= set(stop.leg_ids)
    assert not on, "everything that is loaded is dropped"
    assert driver.shift_start <= tour.starts_at
    assert tour.ends_at <= driver.shift_end
    at = tour.starts_at
    for stop in tour.stops:
        assert stop.eta >= at
        at = stop.eta
        assert bool(stop.leg_ids) == (stop.kind != BREAK)
        for leg in stop.leg_ids:
            place = loads[leg].origin if stop.kind == PICKUP else loads[leg].destination
            assert stop.place.key == place.key
        if stop.kind == DROPOFF and stop.starts_at and stop.ends_at:
            assert stop.eta >= stop.starts_at
            assert stop.late_s == max(0, int((stop.eta - stop.ends_at).total_seconds())) <= POLICY.late_most_s
    assert sum(stop.metres for stop in tour.stops) <= tour.metres
    check_rest(tour)


def check_rest(tour: PlannedTour) -> None:
    """Nobody works for longer than two and a half hours without a quarter of rest, but where one stop takes longer."""
    at = worked_from = tour.starts_at
    for number, stop in enumerate(tour.stops):
        there = at + timedelta(seconds=stop.seconds)
        if stop.kind == BREAK or (stop.eta - there).total_seconds() >= POLICY.break_s:
            worked_from = stop.eta if stop.kind != BREAK else stop.eta + timedelta(seconds=stop.stay_s)
        at = stop.eta + timedelta(seconds=stop.stay_s)
        worked = (at - worked_from).total_seconds()
        just_rested = number == 0 or tour.stops[number - 1].kind == BREAK
        assert worked <= POLICY.break_after_s or just_rested, worked


def planned_legs(plan: TourPlan) -> list[int]:
    return [leg for tour in plan.tours for stop in tour.stops if stop.kind == DROPOFF for leg in stop.leg_ids]


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_drives_each_leg_once_or_says_why_not_and_keeps_every_bound(seed: int) -> None:
    dice = random.Random(seed)
    loads = random_loads(dice, dice.randint(1, 14))
    vehicles = [vehicle(n, payload_g=dice.choice([25_000, 60_000])) for n in range(1, dice.randint(2, 4))]
    plan = plan_tours(loads, vehicles, distance=distance_m)
    by_id = {row.leg_id: row for row in loads}
    assert sorted(planned_legs(plan) + [row.leg_id for row in plan.unplanned]) == sorted(by_id)
    for tour in plan.tours:
        check_tour(tour, by_id, {v.courier_id: v for v in vehicles})
    assert all(row.reason in REASONS for row in plan.unplanned)
    dice.shuffle(loads)
    dice.shuffle(vehicles)
    assert plan_tours(loads, vehicles, distance=distance_m) == plan


@given(st.integers(0, 10**9))
@settings(max_examples=25, deadline=None)
def test_is_near_the_best_order_of_all_when_there_are_few_stops(seed: int) -> None:
    dice = random.Random(seed)
    loads = [
        load(n, at=Point(round(51 + dice.random() * 0.1, 4), round(3.65 + dice.random() * 0.1, 4))) for n in range(1, 6)
    ]
    [tour] = plan_tours(loads, [vehicle()], distance=distance_m).tours
    points = [row.destination.point for row in loads]
    base = vehicle().base

    def length(order: tuple[Point, ...]) -> int:
        way = [base, PACKER.point, *order, base]
        return sum(distance_m(a, b) * 125 // 100 for a, b in itertools.pairwise(way))

    best = min(length(order) for order in itertools.permutations(points))
    assert best <= tour.metres <= best * 1.12


def test_stops_once_where_two_orders_go_to_the_same_door() -> None:
    door = Point(51.06, 3.73)
    plan = plan_tours([load(1, at=door), load(2, at=door), load(3)], [vehicle()], distance=distance_m)
    [tour] = plan.tours
    assert [stop.leg_ids for stop in tour.stops if stop.place.point == door] == [(1, 2)]
    assert len([stop for stop in tour.stops if stop.kind == PICKUP]) == 1


def test_says_that_there_is_nobody_to_drive() -> None:
    plan = plan_tours([load(1)], [], distance=distance_m)
    assert plan.unplanned == (Unplanned(1, "no_vehicle"),)


def test_says_that_a_load_is_too_heavy() -> None:
    plan = plan_tours([load(1, weight_g=95_000)], [vehicle()], distance=distance_m)
    assert plan.unplanned[0].reason == "payload"


def test_says_that_the_shift_is_too_short() -> None:
    plan = plan_tours([load(1)], [vehicle(hours=0.25)], distance=distance_m)
    assert plan.unplanned[0].reason == "shift"


def test_says_that_a_window_can_not_be_reached() -> None:
    far = Point(51.19, 5.11)
    plan = plan_tours([load(1, at=far, window=(0, 1))], [vehicle()], distance=distance_m)
    assert plan.unplanned[0].reason == "window"


def test_takes_a_second_vehicle_when_the_first_is_full() -> None:
    loads = [load(n, weight_g=40_000, window=(1, 1.5)) for n in (1, 2, 3)]
    plan = plan_tours(loads, [vehicle(1), vehicle(2)], distance=distance_m)
    assert not plan.unplanned
    assert {tour.courier_id for tour in plan.tours} == {1, 2}


def test_comes_back_for_more_when_the_only_vehicle_is_full() -> None:
    loads = [load(n, weight_g=40_000) for n in range(1, 6)]
    plan = plan_tours(loads, [vehicle()], distance=distance_m)
    assert not plan.unplanned
    [tour] = plan.tours
    check_tour(tour, {one.leg_id: one for one in loads}, {1: vehicle()})
    assert len([stop for stop in tour.stops if stop.kind == PICKUP]) == 3, "two of forty kilo fit at a time"


def test_leaves_so_late_that_nobody_waits_before_the_first_window() -> None:
    [tour] = plan_tours([load(1, window=(10, 12))], [vehicle()], distance=distance_m).tours
    assert tour.starts_at > hour(9)
    assert tour.stops[-1].eta == hour(10)


def test_prefers_being_on_time_to_fewer_metres() -> None:
    near, far = Point(51.055, 3.705), Point(51.12, 3.80)
    loads = [load(1, at=near, window=(5, 7)), load(2, at=far, window=(1, 2))]
    [tour] = plan_tours(loads, [vehicle()], distance=distance_m).tours
    assert [stop.leg_ids for stop in tour.stops if stop.kind == DROPOFF] == [(2,), (1,)]
    assert all(stop.late_s == 0 for stop in tour.stops)


def test_takes_the_roads_that_are_known_and_the_line_for_the_rest() -> None:
    home, door = vehicle().base, Point(51.06, 3.72)
    roads = {(home, PACKER.point): (9_000, 60), (PACKER.point, door): (4_000, 3_000)}
    straight = plan_tours([load(1, at=door)], [vehicle()], distance=distance_m).tours[0]
    plan = plan_tours([load(1, at=door)], [vehicle()], distance=distance_m, roads={"bike": roads})
    [pickup, drop] = plan.tours[0].stops
    assert (pickup.metres, drop.metres) == (9_000, 4_000)
    assert pickup.seconds == 9_000 * 3600 // 15_000, "a bike with boxes is slower than the service thinks"
    assert drop.seconds == 3_000, "or the road is slower than a bike can be"
    back = straight.metres - sum(stop.metres for stop in straight.stops)
    assert plan.tours[0].metres == 13_000 + back


def test_keeps_the_roads_of_cars_from_bikes() -> None:
    door = Point(51.06, 3.72)
    roads = {"car": {(PACKER.point, door): (20_000, 3_000)}}
    plan = plan_tours([load(1, at=door)], [vehicle()], distance=distance_m, roads=roads)
    assert plan == plan_tours([load(1, at=door)], [vehicle()], distance=distance_m)
    by_van = plan_tours([load(1, at=door)], [vehicle(profile="car")], distance=distance_m, roads=roads)
    assert by_van.tours[0].stops[1].metres == 20_000


def test_rests_after_two_and_a_half_hours_where_the_driver_is() -> None:
    doors = [load(n, at=Point(51.05 + n * 0.012, 3.72)) for n in range(1, 16)]
    [tour] = plan_tours(doors, [vehicle(payload_g=900_000)], distance=distance_m).tours
    breaks = [number for number, stop in enumerate(tour.stops) if stop.kind == BREAK]
    assert breaks
    before = tour.stops[breaks[0] - 1]
    assert tour.stops[breaks[0]].place == before.place
    assert tour.stops[breaks[0]].eta == before.eta + timedelta(seconds=before.stay_s)
    assert (tour.stops[breaks[0]].eta - tour.starts_at) <= timedelta(seconds=POLICY.break_after_s)
    check_rest(tour)


def test_does_not_rest_twice_where_waiting_was_rest() -> None:
    doors = [load(1, window=(2, 2.2)), load(2, window=(4, 4.2)), load(3, window=(6, 6.2))]
    [tour] = plan_tours(doors, [vehicle()], distance=distance_m).tours
    assert BREAK not in {stop.kind for stop in tour.stops}
    check_rest(tour)


def cold(leg_id: int, minutes: int, window: tuple[float, float]) -> Load:
    return replace(load(leg_id, window=window), max_ride_s=minutes * 60)


def test_keeps_cold_goods_no_longer_on_the_road_than_they_may() -> None:
    early, late = load(1, window=(2, 3)), cold(2, 60, (6, 7))
    [tour] = plan_tours([early], [vehicle()], distance=distance_m).tours
    assert tour.stops[-1].leg_ids == (1,)
    [tour] = plan_tours([early, late], [vehicle()], distance=distance_m).tours
    assert [stop.kind for stop in tour.stops] == [PICKUP, DROPOFF, PICKUP, DROPOFF], "fetched when its hour comes"
    far = replace(late, destination=Place("far", "Ver", Point(51.30, 3.72)))
    plan = plan_tours([early, far], [vehicle()], distance=distance_m)
    assert [(row.leg_id, row.reason) for row in plan.unplanned] == [(2, "cold")], "an hour and more by bike"


def test_lets_a_cooled_vehicle_ride_as_long_as_it_likes() -> None:
    plan = plan_tours([load(1, window=(2, 3)), cold(2, 60, (6, 7))], [vehicle(is_cooled=True)], distance=distance_m)
    assert plan.unplanned == ()


@given(st.integers(0, 10**9))
@settings(max_examples=25, deadline=None)
def test_never_plans_a_ride_that_is_too_long_with_or_without_the_engine(seed: int) -> None:
    dice = random.Random(seed)
    bound = dice.choice([1_500, 2_700, 3_600])
    loads = [
        replace(one, max_ride_s=bound if dice.random() < 0.5 else None)
        for one in random_loads(dice, dice.randint(3, 9))
    ]
    fleet = [vehicle(n) for n in (1, 2)]
    budget = Budget(iterations=40, seconds=20.0)
    for plan in (
        plan_tours(loads, fleet, distance=distance_m),
        engine_plan(loads, fleet, distance=distance_m, budget=budget),
    ):
        assert sorted(planned_legs(plan) + [row.leg_id for row in plan.unplanned]) == sorted(
            one.leg_id for one in loads
        )
        cold_ones = {one.leg_id for one in loads if one.max_ride_s is not None}
        for tour in plan.tours:
            check_tour(tour, {one.leg_id: one for one in loads}, {v.courier_id: v for v in fleet})
            loaded = {
                leg: stop.eta + timedelta(seconds=stop.stay_s)
                for stop in tour.stops
                if stop.kind == PICKUP
                for leg in stop.leg_ids
            }
            for stop in tour.stops:
                if stop.kind == DROPOFF:
                    for leg in cold_ones & set(stop.leg_ids):
                        assert (stop.eta - loaded[leg]).total_seconds() <= bound


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_what_comes_after_a_visit_too_late_changes_no_judgement(seed: int) -> None:
    """The clock turns back there; a reader that drives every route to its end judges the same."""
    dice = random.Random(seed)
    loads = []
    for number in range(6):
        opens = dice.uniform(0, 4)
        loads.append(
            load(number, at=Point(51.05 + dice.gauss(0, 0.03), 3.72), window=(opens, opens + dice.uniform(0.2, 2)))
        )
        if dice.random() < 0.2:
            loads[-1] = replace(loads[-1], max_ride_s=3600)
    clock = Clock(loads, distance_m, POLICY)
    visits = [visit for one in loads for visit in visits_of(one)]
    dice.shuffle(visits)
    route = Route(vehicle(payload_g=900_000), tuple(sorted(visits, key=lambda visit: visit.kind == DROPOFF)))
    late = [late_s(step) for step in clock.walk(route, route.vehicle.shift_start)[0]]
    found = clock.cost(route)
    if max(late) > POLICY.late_most_s:
        assert found in ("window", "cold")
        assert found == "window" or clock._waits_with_cold(route)
    else:
        assert found in ("shift", "cold") or found == Cost(sum(late), clock.metres(route))
