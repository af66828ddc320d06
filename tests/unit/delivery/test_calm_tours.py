"""Tours that stay as they are: what is fixed by hand, and the plan of before."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shortchain.delivery.tour_engine import Budget, moved_legs
from shortchain.delivery.tour_engine import plan as engine_plan
from shortchain.delivery.tour_planner import plan_tours
from shortchain.delivery.tour_plans import DROPOFF, PICKUP, EarlierPlan, Load, Lock, TourPlan, TourPolicy, Vehicle
from shortchain.kernel.geo import Point, distance_m
from tests.unit.delivery.test_tour_planner import check_tour, load, random_loads, vehicle

QUICK = Budget(iterations=60, seconds=20.0)


def planned(
    loads: list[Load],
    fleet: list[Vehicle],
    *,
    earlier: EarlierPlan | None = None,
    locks: tuple[Lock, ...] = (),
) -> TourPlan:
    return engine_plan(loads, fleet, distance=distance_m, earlier=earlier, locks=locks, budget=QUICK)


def day(seed: int, most: int = 11) -> tuple[list[Load], list[Vehicle]]:
    dice = random.Random(seed)
    fleet = [vehicle(n, payload_g=dice.choice([40_000, 90_000])) for n in range(1, dice.randint(3, 4))]
    return random_loads(dice, dice.randint(2, most)), fleet


def order_of(plan: TourPlan) -> dict[int, list[int]]:
    """The legs of each courier in the order in which they get out."""
    return {
        tour.courier_id: [leg for stop in tour.stops if stop.kind == DROPOFF for leg in stop.leg_ids]
        for tour in plan.tours
    }


def lengths(plan: TourPlan) -> tuple[int, int, int]:
    late = sum(stop.late_s for tour in plan.tours for stop in tour.stops)
    return len(plan.unplanned), late, sum(tour.metres for tour in plan.tours)


@example(78417)  # two visits at one place that came to stand one after the other
@example(846375494)  # two orders at one place that name it differently
@given(st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_the_same_question_again_changes_nothing(seed: int) -> None:
    loads, fleet = day(seed)
    first = planned(loads, fleet)
    assert planned(loads, fleet, earlier=first.as_earlier()) == first
    random.Random(seed).shuffle(loads)
    assert planned(loads, fleet[::-1], earlier=first.as_earlier()) == first


@given(st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_one_order_less_leaves_the_others_where_they_are(seed: int) -> None:
    loads, fleet = day(seed)
    first = planned(loads, fleet)
    gone = random.Random(seed).choice(loads).leg_id
    after = planned([one for one in loads if one.leg_id != gone], fleet, earlier=first.as_earlier())
    if first.unplanned:
        return  # somebody left over may take the room
    before = {courier: [leg for leg in legs if leg != gone] for courier, legs in order_of(first).items()}
    assert order_of(after) == {courier: legs for courier, legs in before.items() if legs}


@given(st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_one_order_more_moves_others_only_where_it_pays(seed: int) -> None:
    loads, fleet = day(seed)
    new = loads.pop()
    earlier = planned(loads, fleet).as_earlier()
    after = planned([*loads, new], fleet, earlier=earlier)
    simple = plan_tours([*loads, new], fleet, distance=distance_m, earlier=earlier)
    calm = TourPolicy().calm_m
    left, late, metres = lengths(after)
    simple_left, simple_late, simple_metres = lengths(simple)
    assert (left, late, metres + calm * len(moved_legs(after, earlier))) <= (
        simple_left,
        simple_late,
        simple_metres + calm * len(moved_legs(simple, earlier)),
    )
    for tour in after.tours:
        check_tour(tour, {one.leg_id: one for one in [*loads, new]}, {one.courier_id: one for one in fleet})


def test_without_the_plan_of_before_the_same_small_change_turns_the_day_around() -> None:
    """Proof that the plan of before does something: over many days, planning anew moves far more orders."""
    calm = anew = 0
    for seed in range(12):
        loads, fleet = day(seed + 100, 10)
        new = loads.pop()
        earlier = planned(loads, fleet).as_earlier()
        calm += len(moved_legs(planned([*loads, new], fleet, earlier=earlier), earlier))
        anew += len(moved_legs(planned([*loads, new], fleet), earlier))
    assert calm * 2 < anew, (calm, anew)


@given(st.integers(0, 10**9))
@settings(max_examples=25, deadline=None)
def test_what_is_fixed_stays_where_it_is_or_is_left_over(seed: int) -> None:
    dice = random.Random(seed)
    loads, fleet = day(seed)
    first = planned(loads, fleet)
    locks = []
    for tour in first.tours:
        for kind in (PICKUP, DROPOFF):
            stops = [stop for stop in tour.stops if stop.kind == kind]
            for rank in dice.sample(range(len(stops)), min(2, len(stops))):
                locks.append(Lock(stops[rank].leg_ids, tour.courier_id, kind, dice.choice([None, rank])))
    extra = [replace(one, leg_id=one.leg_id + 100) for one in random_loads(dice, 3)]
    kept = [one for one in loads if dice.random() < 0.8]
    after = planned([*kept, *extra], fleet, locks=tuple(locks), earlier=dice.choice([None, first.as_earlier()]))
    left = {row.leg_id for row in after.unplanned}
    tours = {tour.courier_id: tour for tour in after.tours}
    there = {one.leg_id for one in kept}
    for lock in locks:
        legs = (set(lock.leg_ids) & there) - left
        if not legs:
            continue
        stops = [set(stop.leg_ids) for stop in tours[lock.courier_id].stops if stop.kind == lock.kind]
        at = [number for number, some in enumerate(stops) if some & legs]
        assert at, "fixed to a tour: in that tour"
        if lock.rank is not None:
            assert min(at) <= lock.rank
    ranked = [lock for lock in locks if lock.rank == 0]
    for lock in ranked:
        if (set(lock.leg_ids) & there) - left:
            stops = [stop for stop in tours[lock.courier_id].stops if stop.kind == lock.kind]
            assert set(stops[0].leg_ids) & set(lock.leg_ids), "the first stays the first"


@pytest.mark.parametrize("rank", [0, 2, 4])
def test_a_fixed_place_holds_while_the_rest_is_planned_around_it(rank: int) -> None:
    loads = [load(n, at=Point(51.05 + n * 0.004, 3.72)) for n in range(1, 7)]
    far = load(9, at=Point(51.10, 3.75))
    for found in (
        plan_tours([*loads, far], [vehicle()], distance=distance_m, locks=[Lock((9,), 1, DROPOFF, rank)]),
        planned([*loads, far], [vehicle()], locks=(Lock((9,), 1, DROPOFF, rank),)),
    ):
        [tour] = found.tours
        drops = [stop.leg_ids for stop in tour.stops if stop.kind == DROPOFF]
        assert not found.unplanned
        assert drops.index((9,)) == rank


def test_what_can_not_be_where_it_was_fixed_is_left_over_and_says_so() -> None:
    loads = [load(n) for n in range(1, 6)]
    gone = planned(loads, [vehicle(1)], locks=(Lock((3,), 2, DROPOFF),))
    assert [(row.leg_id, row.reason) for row in gone.unplanned] == [(3, "locked")]
    wanted = (Lock((1,), 1, DROPOFF, 0), Lock((2,), 1, DROPOFF, 1))
    [tour] = planned(loads, [vehicle(1), vehicle(2)], locks=wanted).tours[:1]
    assert [stop.leg_ids for stop in tour.stops if stop.kind == DROPOFF][:2] == [(1,), (2,)]
