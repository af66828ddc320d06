"""Answers the question of `delivery.tour_planner` with the engine, and never worse than without it.

The engine divides the legs and orders the stops; the planner's own clock then times every tour and says
whether it can be driven. Both plans are made, and the better one is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from shortchain.delivery.tour_engine.problem import PICK, Answer, Budget, Problem, Task, Van, Visit
from shortchain.delivery.tour_engine.solving import BadAnswer, available, solve
from shortchain.delivery.tour_planner import (
    DROPOFF,
    PICKUP,
    Load,
    Place,
    Route,
    TourPlan,
    TourPolicy,
    Unplanned,
    Vehicle,
    _Planner,
    _put,
    plan_tours,
)
from shortchain.delivery.tour_planner import Visit as PlannedVisit
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance, Ways

FEWEST = 4
"""Below this many legs the built-in planner is as good, and quicker."""

DAY_S = 7 * 86_400


def plan(
    loads: Sequence[Load],
    vehicles: Sequence[Vehicle],
    *,
    distance: Distance,
    policy: TourPolicy | None = None,
    roads: Mapping[str, Ways] | None = None,
    budget: Budget | None = None,
) -> TourPlan:
    """Divide loads over vehicles and put the stops in order, as `tour_planner.plan_tours` does, but better.

    Fewest legs left over first, then least lateness, then fewest metres. Without the engine, with no
    vehicle or with few legs, this is the built-in planner's plan.
    """
    policy = policy or TourPolicy()
    built_in = plan_tours(loads, vehicles, distance=distance, policy=policy, roads=roads)
    if not vehicles or len(loads) < FEWEST or not available():
        return built_in
    loads = sorted(loads, key=lambda load: load.leg_id)
    vehicles = sorted(vehicles, key=lambda one: one.courier_id)
    planner = _Planner(distance, policy, roads)
    try:
        answer = solve(_problem(loads, vehicles, planner), budget or Budget(iterations=1_000, seconds=5.0))
    except BadAnswer:  # the checker refused it: a carrier's day goes on with the plan that is there
        return built_in
    found = _timed(answer, {load.leg_id: load for load in loads}, vehicles, planner)
    return built_in if found is None or _worth(built_in) <= _worth(found) else found


def _worth(plan: TourPlan) -> tuple[int, int, int]:
    """Legs left over, seconds too late, metres: fewer is better, in this order."""
    late = sum(stop.late_s for tour in plan.tours for stop in tour.stops)
    return len(plan.unplanned), late, sum(tour.metres for tour in plan.tours)


def _problem(loads: Sequence[Load], vehicles: Sequence[Vehicle], planner: _Planner) -> Problem:
    """Put legs and couriers in the engine's words.

    What a visit takes whatever the number of orders is part of the way to it: the second order at the same
    door costs only its own seconds. Windows are for the arrival, so they move by as much. With vehicles of
    different speeds the slowest way counts; the planner's clock settles it afterwards.
    """
    policy, zero = planner.policy, min(one.shift_start for one in vehicles)
    spots: dict[tuple[str, str], int] = {}
    points: list[Point] = [one.base for one in vehicles]
    first = {PICKUP: -(-policy.load_s * policy.pace_pct // 100), DROPOFF: -(-policy.drop_s * policy.pace_pct // 100)}
    setups = [0] * len(vehicles)

    def number(kind: str, place: Place) -> int:
        if (kind, place.key) not in spots:
            spots[kind, place.key] = len(points)
            points.append(place.point)
            setups.append(first[kind])
        return spots[kind, place.key]

    def seconds(at: datetime) -> int:
        return max(0, int((at - zero).total_seconds()))

    tasks = []
    for load in loads:
        opens = seconds(load.starts_at) if load.starts_at else 0
        closes = seconds(load.ends_at) if load.ends_at else DAY_S
        each = -(-policy.load_each_s * policy.pace_pct // 100), -(-policy.drop_each_s * policy.pace_pct // 100)
        pick = Visit(number(PICKUP, load.origin), 0, DAY_S, each[0])
        drop = Visit(
            number(DROPOFF, load.destination), opens + first[DROPOFF], max(opens, closes) + first[DROPOFF], each[1]
        )
        tasks.append(Task(load.leg_id, drop, (load.weight_g,), pick))
    vans = tuple(
        Van(one.courier_id, n, n, (one.payload_g,), seconds(one.shift_start), seconds(one.shift_end), DAY_S)
        for n, one in enumerate(vehicles)
    )
    metres = np.zeros((len(points), len(points)), dtype=np.int64)
    times = np.zeros_like(metres)
    for a, start in enumerate(points):
        for b, end in enumerate(points):
            if a != b:
                ways = [planner.way(one, start, end) for one in vehicles]
                metres[a, b] = max(way[0] for way in ways)
                times[a, b] = max(way[1] for way in ways) + setups[b]
    return Problem(metres, times, tuple(tasks), vans)


def _timed(answer: Answer, loads: dict[int, Load], vehicles: Sequence[Vehicle], planner: _Planner) -> TourPlan | None:
    """Time the engine's rounds, put in what it left over where that fits; None when a round can not be driven."""
    rounds = {one.van_id: one.steps for one in answer.rounds}
    routes = []
    again = [leg_id for leg_id, _ in answer.left]
    for vehicle in vehicles:
        pickups: tuple[PlannedVisit, ...] = ()
        drops: tuple[PlannedVisit, ...] = ()
        weight = 0
        for kind, leg_id in rounds.get(vehicle.courier_id, ()):
            load = loads[leg_id]
            if kind == PICK:
                weight += load.weight_g
                pickups = _last(pickups, PlannedVisit(PICKUP, load.origin, None, None, (leg_id,)))
            else:
                drop = PlannedVisit(DROPOFF, load.destination, load.starts_at, load.ends_at, (leg_id,))
                drops = _last(drops, drop)
        route = Route(
            vehicle, pickups, drops, weight, _rides(vehicle, [loads[leg] for v in drops for leg in v.leg_ids])
        )
        if drops and planner.cost(route) == "cold":  # the engine does not bound rides: what is bounded goes in anew
            again += [leg_id for leg_id, _ in route.rides]
            route = _without(route, {leg_id: loads[leg_id].weight_g for leg_id, _ in route.rides})
        if route.drops and (route.weight_g > vehicle.payload_g or isinstance(planner.cost(route), str)):
            return None
        routes.append(route)
    unplanned = []
    for leg_id in sorted(again):
        found = planner.cheapest(routes, loads[leg_id])
        if isinstance(found, str):
            unplanned.append(Unplanned(leg_id, found))
        else:
            routes[found[0]] = found[1]
    tours = [planner.timed(planner.improved(route)) for route in routes if route.drops]
    return TourPlan(tuple(tours), tuple(unplanned))


def _rides(vehicle: Vehicle, loads: Sequence[Load]) -> tuple[tuple[int, int], ...]:
    """Give the bounds on rides that count in this vehicle."""
    bounded = [] if vehicle.is_cooled else [load for load in loads if load.max_ride_s is not None]
    return tuple((load.leg_id, load.max_ride_s or 0) for load in bounded)


def _without(route: Route, gone: Mapping[int, int]) -> Route:
    """Take legs out of a route; `gone` gives their grams."""

    def kept(visits: tuple[PlannedVisit, ...]) -> tuple[PlannedVisit, ...]:
        less = (one._replace(leg_ids=tuple(leg for leg in one.leg_ids if leg not in gone)) for one in visits)
        return tuple(one for one in less if one.leg_ids)

    rides = tuple(ride for ride in route.rides if ride[0] not in gone)
    return Route(route.vehicle, kept(route.pickups), kept(route.drops), route.weight_g - sum(gone.values()), rides)


def _last(visits: tuple[PlannedVisit, ...], new: PlannedVisit) -> tuple[PlannedVisit, ...]:
    """Join the visit with the one at the same place and window, or put it at the end."""
    *_, last = _put(visits, new)
    return last
