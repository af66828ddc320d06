"""Puts the legs of one carrier and one day in tours: which vehicle, in which order, at what time. Pure.

What a plan before has in a tour stays there in its order. The rest is put in one by one where it costs the fewest
metres (cheapest insertion); tours that are new are then turned around and shifted piece by piece as long as that
helps. The same question gives the same answer, whatever the order of its parts. `tour_engine` asks and answers in
the same plain values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shortchain.delivery.tour_clock import Clock, Cost, Route, Visit, is_in_order, visits_of
from shortchain.delivery.tour_plans import (
    DROPOFF,
    REASONS,
    EarlierPlan,
    EarlierStop,
    Load,
    Lock,
    TourPlan,
    TourPolicy,
    Unplanned,
    Vehicle,
)
from shortchain.kernel.ports import Distance, Ways


def plan_tours(
    loads: Sequence[Load],
    vehicles: Sequence[Vehicle],
    *,
    distance: Distance,
    policy: TourPolicy | None = None,
    roads: Mapping[str, Ways] | None = None,
    earlier: EarlierPlan | None = None,
    locks: Sequence[Lock] = (),
) -> TourPlan:
    """Divide loads over vehicles and put the stops in order. `roads` are the known ways by profile.

    With an `earlier` plan its tours keep their order, and what is new is put in between.
    """
    clock = Clock(loads, distance, policy or TourPolicy(), roads, locks)
    routes = [Route(vehicle) for vehicle in sorted(vehicles, key=lambda v: v.courier_id)]
    if earlier is not None:
        routes = [taken_over(clock, route.vehicle, earlier.tours.get(route.vehicle.courier_id, ())) for route in routes]
    had = [bool(route.visits) for route in routes]
    unplanned = fill(clock, routes, set(clock.loads) - set().union(*(route.legs for route in routes)))
    routes = [route if kept else improved(clock, route) for route, kept in zip(routes, had, strict=True)]
    return TourPlan(tuple(clock.timed(route) for route in routes if route.visits), unplanned)


def fill(clock: Clock, routes: list[Route], leg_ids: set[int]) -> tuple[Unplanned, ...]:
    """Put legs in routes, in place, each where it costs least; give those that fit nowhere."""
    unplanned = []
    for load in sorted((clock.loads[leg] for leg in leg_ids), key=lambda load: _urgency(clock, load)):
        found = cheapest(clock, routes, load)
        if isinstance(found, str):
            unplanned.append(Unplanned(load.leg_id, found))
        else:
            number, route = found
            routes[number] = route
    return tuple(sorted(unplanned, key=lambda row: row.leg_id))


def _urgency(clock: Clock, load: Load) -> tuple[bool, bool, float, int]:
    """What is fixed first, then the earliest deadline; what has none comes last. Ids settle ties."""
    free = load.leg_id not in clock.fixed_to
    return free, load.ends_at is None, load.ends_at.timestamp() if load.ends_at else 0.0, load.leg_id


def taken_over(clock: Clock, vehicle: Vehicle, stops: Sequence[EarlierStop]) -> Route:
    """Take the stops of the plan before that can still be driven, in their order.

    What does not fit any more is left out, the latest stops first to go.
    """
    wanted: list[Visit] = []
    fits = {leg for stop in stops for leg in stop.leg_ids if leg in clock.loads}
    fits = {leg for leg in fits if not clock.why_never(vehicle, clock.loads[leg])}
    for stop in stops:
        for leg in stop.leg_ids:
            if leg in fits:
                new = visits_of(clock.loads[leg])[stop.kind == DROPOFF]
                if wanted and wanted[-1].is_with(new):
                    wanted[-1] = wanted[-1]._replace(leg_ids=wanted[-1].leg_ids + new.leg_ids)
                else:
                    wanted.append(new)
    whole = Route(vehicle, tuple(wanted))
    if not isinstance(clock.cost(whole), str):
        return whole
    drops = [leg for visit in wanted if visit.kind == DROPOFF for leg in visit.leg_ids]
    kept: set[int] = set()
    for leg in drops:
        if not isinstance(clock.cost(whole.without(set(drops) - kept - {leg})), str):
            kept.add(leg)
    return whole.without(set(drops) - kept)


def cheapest(clock: Clock, routes: Sequence[Route], load: Load) -> tuple[int, Route] | str:
    """Find the route and the places in it where the load costs least, or the reason why not."""
    if not routes:
        return "no_vehicle"
    best: tuple[Cost, int, Route] | None = None
    reason = 0
    for number, route in enumerate(routes):
        if never := clock.why_never(route.vehicle, load):
            reason = max(reason, REASONS.index(never))
            continue
        before = clock.cost(route) if route.visits else Cost(0, 0)
        assert not isinstance(before, str), "a route that was taken up is feasible"
        found = _into(clock, route, load, before)
        if isinstance(found, str):
            reason = max(reason, REASONS.index(found))
        elif best is None or found[0] < best[0]:
            best = (found[0], number, found[1])
    return (best[1], best[2]) if best else REASONS[reason]


def _into(clock: Clock, route: Route, load: Load, before: Cost) -> tuple[Cost, Route] | str:
    """Put a load in a route where it adds least lateness, then fewest metres; or say what stands in the way most."""
    reason = 0
    for options in (_joining, _anywhere):  # a second visit to where one loads already only when it must be
        best: tuple[Cost, Route] | None = None
        for _, visits in sorted(options(clock, route, load), key=lambda option: option[0]):
            after = clock.cost(Route(route.vehicle, visits))
            if isinstance(after, str):
                reason = max(reason, REASONS.index(after))
                continue
            extra = Cost(after.late_s - before.late_s, after.metres - before.metres)
            if best is None or extra < best[0]:
                best = (extra, Route(route.vehicle, visits))
            if best[0].late_s <= 0:
                break  # in order of metres, so none of the rest is better
        if best is not None:
            return best
    return REASONS[reason]


Option = tuple[tuple[int, int, int], tuple[Visit, ...]]
"""Extra metres and the positions of the two visits, and the visits with both in them."""


def _joining(clock: Clock, route: Route, load: Load) -> Iterator[Option]:
    """List the ways to load it where the tour loads anyway."""
    pick, drop = visits_of(load)
    for number, visit in enumerate(route.visits):
        if visit.is_with(pick):
            joined = visit._replace(leg_ids=visit.leg_ids + pick.leg_ids)
            visits = (*route.visits[:number], joined, *route.visits[number + 1 :])
            yield from _dropping(clock, route.vehicle, visits, number + 1, drop, (0, number))


def _anywhere(clock: Clock, route: Route, load: Load) -> Iterator[Option]:
    """List the ways to load it in a visit of its own."""
    pick, drop = visits_of(load)
    for number in range(len(route.visits) + 1):
        extra = _detour(clock, route.vehicle, route.visits, number, pick)
        visits = (*route.visits[:number], pick, *route.visits[number:])
        yield from _dropping(clock, route.vehicle, visits, number + 1, drop, (extra, number))


def _dropping(
    clock: Clock, vehicle: Vehicle, visits: tuple[Visit, ...], first: int, drop: Visit, so_far: tuple[int, int]
) -> Iterator[Option]:
    """Drop at a visit of the same place and hour from position `first` on; without one, try every position."""
    for number in range(first, len(visits)):
        if visits[number].is_with(drop):
            joined = visits[number]._replace(leg_ids=visits[number].leg_ids + drop.leg_ids)
            yield (so_far[0], so_far[1], number), (*visits[:number], joined, *visits[number + 1 :])
            return
    for number in range(first, len(visits) + 1):
        extra = so_far[0] + _detour(clock, vehicle, visits, number, drop)
        yield (extra, so_far[1], number), (*visits[:number], drop, *visits[number:])


def _detour(clock: Clock, vehicle: Vehicle, visits: Sequence[Visit], number: int, new: Visit) -> int:
    """Give the metres that a visit before position `number` adds."""
    before = visits[number - 1].place.point if number else vehicle.base
    after = visits[number].place.point if number < len(visits) else vehicle.back
    between = new.place.point
    ways = clock.way(vehicle, before, between)[0] + clock.way(vehicle, between, after)[0]
    return ways - (clock.way(vehicle, before, after)[0] if visits else 0)


def improved(clock: Clock, route: Route) -> Route:
    """Turn around or shift pieces of the order as long as that makes the route cheaper."""
    best, cost = route, clock.cost(route)
    assert not isinstance(cost, str)
    better = True
    while better:
        better = False
        for visits in _changed(best.visits):
            other = Route(route.vehicle, visits)
            if not cost.late_s and clock.metres(other) >= cost.metres:
                continue
            found = clock.cost(other) if is_in_order(visits) else "order"
            if not isinstance(found, str) and found < cost:
                best, cost, better = other, found, True
                break
    whole = best.joined()
    return best if isinstance(clock.cost(whole), str) else whole


def _changed(visits: tuple[Visit, ...]) -> Iterator[tuple[Visit, ...]]:
    """List the orders with one piece turned around, then those with one visit elsewhere."""
    for first in range(len(visits) - 1):
        for last in range(first + 2, len(visits) + 1):
            yield visits[:first] + visits[first:last][::-1] + visits[last:]
    for number, visit in enumerate(visits):
        rest = visits[:number] + visits[number + 1 :]
        for place in range(len(visits)):
            if abs(place - number) > 1:
                yield (*rest[:place], visit, *rest[place:])
