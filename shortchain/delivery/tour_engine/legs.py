"""Answers the question of `delivery.tour_planner` with the engine, and never worse than without it.

The engine divides the legs and orders the stops; the planner's own clock then times every tour and says
whether it can be driven. Both plans are made, and the better one is kept. The plan of before is where the engine
starts, and what it moves must be worth moving.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from shortchain.delivery.tour_clock import Clock, Route, Visit, visits_of
from shortchain.delivery.tour_engine.asking import problem_of, rounds_of
from shortchain.delivery.tour_engine.problem import PICK, Answer, Budget
from shortchain.delivery.tour_engine.solving import BadAnswer, available, solve
from shortchain.delivery.tour_planner import fill, improved, plan_tours
from shortchain.delivery.tour_plans import (
    DROPOFF,
    EarlierPlan,
    EarlierStop,
    Load,
    Lock,
    TourPlan,
    TourPolicy,
    Vehicle,
)
from shortchain.kernel.ports import Distance, Ways

FEWEST = 4
"""Below this many legs the built-in planner is as good, and quicker."""

STEADY_S = 900
"""An order that comes this much earlier or later than planned counts as moved."""


def plan(
    loads: Sequence[Load],
    vehicles: Sequence[Vehicle],
    *,
    distance: Distance,
    policy: TourPolicy | None = None,
    roads: Mapping[str, Ways] | None = None,
    earlier: EarlierPlan | None = None,
    locks: Sequence[Lock] = (),
    budget: Budget | None = None,
) -> TourPlan:
    """Divide loads over vehicles and put the stops in order, as `tour_planner.plan_tours` does, but better.

    Fewest legs left over first, then least lateness, then fewest metres, in which each order that an earlier plan
    had at another courier or hour counts for `TourPolicy.calm_m`. An earlier plan that still does all it did, with
    nothing new to drive, stays as it is. Without the engine, with no vehicle or with few legs, this is the built-in
    planner's plan.
    """
    policy = policy or TourPolicy()
    asked = {"distance": distance, "policy": policy, "roads": roads, "locks": locks}
    plans = [plan_tours(loads, vehicles, earlier=earlier, **asked)]  # type: ignore[arg-type]
    if earlier is not None:
        if _is_unchanged(plans[0], earlier, {load.leg_id for load in loads}):
            return plans[0]
        plans.append(plan_tours(loads, vehicles, **asked))  # type: ignore[arg-type]
    if vehicles and len(loads) >= FEWEST and available():
        clock = Clock(loads, distance, policy, roads, locks)
        start = min(plans, key=lambda one: _worth(one, earlier, policy))
        found = _with_engine(clock, loads, vehicles, start, budget or Budget(iterations=1_000, seconds=5.0))
        plans += [found] if found is not None else []
    return min(plans, key=lambda one: _worth(one, earlier, policy))


def _is_unchanged(plan: TourPlan, earlier: EarlierPlan, asked: Collection[int]) -> bool:
    """Say whether every tour is as it was but for orders that are gone, and whoever is left over was so before."""

    def steps(tours: Mapping[int, Sequence[EarlierStop]]) -> dict[int, list[tuple[str, int]]]:
        found = {
            courier: [(stop.kind, leg) for stop in stops for leg in sorted(stop.leg_ids) if leg in asked]
            for courier, stops in tours.items()
        }
        return {courier: some for courier, some in found.items() if some}

    now = plan.as_earlier()
    return steps(now.tours) == steps(earlier.tours) and now.left <= earlier.left


def _worth(plan: TourPlan, earlier: EarlierPlan | None, policy: TourPolicy) -> tuple[int, int, int, int]:
    """Legs left over, seconds too late, metres with what moving costs, legs moved: fewer is better, in this order."""
    late = sum(stop.late_s for tour in plan.tours for stop in tour.stops)
    moved = len(moved_legs(plan, earlier)) if earlier is not None else 0
    metres = sum(tour.metres for tour in plan.tours)
    return len(plan.unplanned), late, metres + policy.calm_m * moved, moved


def moved_legs(plan: TourPlan, earlier: EarlierPlan) -> set[int]:
    """Give the legs that an earlier plan had and that now come with somebody else, or at another time."""
    now, before = plan.as_earlier().hours(), earlier.hours()
    return {
        leg
        for leg, (courier, eta) in before.items()
        if leg in now and (now[leg][0] != courier or abs((now[leg][1] - eta).total_seconds()) > STEADY_S)
    }


def _with_engine(
    clock: Clock, loads: Sequence[Load], vehicles: Sequence[Vehicle], start: TourPlan, budget: Budget
) -> TourPlan | None:
    """Ask the engine from a plan on; None when its answer can not be driven."""
    vehicles = sorted(vehicles, key=lambda one: one.courier_id)
    problem = problem_of(sorted(loads, key=lambda load: load.leg_id), vehicles, clock)
    try:
        answer = solve(problem, budget, start=rounds_of(start))
    except BadAnswer:  # the checker refused it: a carrier's day goes on with the plan that is there
        return None
    return _timed(answer, vehicles, clock)


def _timed(answer: Answer, vehicles: Sequence[Vehicle], clock: Clock) -> TourPlan | None:
    """Time the engine's rounds, put in what it left over where that fits; None when a round can not be driven.

    The engine knows neither breaks nor rides nor places that a person fixed: legs with such a bound go in anew where
    a round breaks it.
    """
    rounds = {one.van_id: one.steps for one in answer.rounds}
    routes = []
    for vehicle in vehicles:
        route = Route(vehicle, _visits(rounds.get(vehicle.courier_id, ()), clock))
        why = clock.cost(route) if route.visits else ""
        if why == "cold":
            route = route.without(leg for leg in route.legs if clock.loads[leg].max_ride_s is not None)
        elif why == "locked":
            route = route.without(clock.fixed_to)
        elif why == "stops":
            route = _cut(route)
        if route.visits and isinstance(clock.cost(route), str):
            return None
        routes.append(route)
    unplanned = fill(clock, routes, set(clock.loads) - set().union(*(route.legs for route in routes)))
    tours = [clock.timed(improved(clock, route)) for route in routes if route.visits]
    return TourPlan(tuple(tours), unplanned)


def _cut(route: Route) -> Route:
    """Take the latest legs out until there are no more stops than the vehicle may make."""
    legs = [leg for visit in route.visits if visit.kind == DROPOFF for leg in visit.leg_ids]
    while len(route.visits) > (route.vehicle.max_stops or 0) and legs:
        route = route.without([legs.pop()])
    return route


def _visits(steps: Sequence[tuple[str, int]], clock: Clock) -> tuple[Visit, ...]:
    """Put the steps of a round in visits; steps at the same place one after another are one visit."""
    visits: list[Visit] = []
    for kind, leg in steps:
        new = visits_of(clock.loads[leg])[kind != PICK]
        if visits and visits[-1].is_with(new):
            visits[-1] = visits[-1]._replace(leg_ids=(*visits[-1].leg_ids, leg))
        else:
            visits.append(new)
    return tuple(visits)
