"""The order that a person wants."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shortchain.delivery import by_hand
from shortchain.delivery.tour_planner import plan_tours
from shortchain.delivery.tour_plans import DROPOFF, PICKUP, PlannedTour
from shortchain.kernel.geo import Point, distance_m
from tests.unit.delivery.test_tour_planner import load, vehicle

STOPS = [(PICKUP, (1,)), (PICKUP, (2,)), (DROPOFF, (2,)), (DROPOFF, (1,))]


@pytest.mark.parametrize(
    ("number", "up", "order"),
    [(0, True, None), (1, True, [1, 0, 2, 3]), (1, False, None), (2, True, None), (2, False, [0, 1, 3, 2]), (3, False, None)],
)  # fmt: skip
def test_changes_places_with_a_neighbour_but_drops_nothing_before_it_is_loaded(
    number: int, up: bool, order: list[int] | None
) -> None:
    assert by_hand.moved(STOPS, number, up=up) == order


def test_times_a_plan_in_its_own_order_as_the_planner_did() -> None:
    loads = {n: load(n, at=Point(51.05 + n / 100, 3.72)) for n in range(1, 5)}
    [tour] = plan_tours(list(loads.values()), [vehicle()], distance=distance_m).tours
    stops = [(stop.kind, stop.leg_ids) for stop in tour.stops]
    assert by_hand.timed(stops, loads, vehicle(), distance=distance_m) == tour
    turned = by_hand.timed([stops[0], *stops[:0:-1]], loads, vehicle(), distance=distance_m)
    assert isinstance(turned, PlannedTour)
    assert [stop.leg_ids for stop in turned.stops] == [stops[0][1], *(legs for _, legs in stops[:0:-1])]
    assert turned.metres >= tour.metres


def test_refuses_what_the_clock_refuses() -> None:
    loads = {1: load(1, window=(2, 2.5)), 2: load(2, window=(5, 6))}
    wrong = [(PICKUP, (1, 2)), (DROPOFF, (2,)), (DROPOFF, (1,))]
    assert by_hand.timed(wrong, loads, vehicle(), distance=distance_m) == "window"
    assert by_hand.timed(wrong, loads, vehicle(payload_g=9_000), distance=distance_m) == "payload"
    held = loads | {2: replace(loads[2], max_ride_s=600)}
    right = [(PICKUP, (1, 2)), (DROPOFF, (1,)), (DROPOFF, (2,))]
    assert by_hand.timed(right, held, vehicle(), distance=distance_m) == "cold", (
        "loaded at five, too late for the first"
    )
    assert isinstance(by_hand.timed(right, held, vehicle(is_cooled=True), distance=distance_m), PlannedTour)
    cold = {1: load(1), 2: replace(load(2), max_ride_s=300)}
    assert by_hand.timed(right, cold, vehicle(), distance=distance_m) == "cold"


def test_brings_a_stop_to_the_front_of_its_kind_but_after_its_loading() -> None:
    stops = [(PICKUP, (1,)), (DROPOFF, (1,)), (PICKUP, (2, 3)), (DROPOFF, (2,)), (DROPOFF, (3,))]
    assert by_hand.to_front(stops, 4) == [0, 1, 2, 4, 3], "what it drops is loaded after the first door"
    assert by_hand.to_front(stops, 2) == [2, 0, 1, 3, 4]
    assert by_hand.to_front(STOPS, 3) == [0, 1, 3, 2]
