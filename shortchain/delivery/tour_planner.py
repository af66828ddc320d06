"""Puts the legs of one carrier and one day in tours: which vehicle, in which order, at what time. Pure.

A tour loads first and drops after: every pick-up comes before the first drop-off. Orders are put in one
by one where they cost the fewest metres (cheapest insertion), then the order of the drop-offs is turned
around piece by piece as long as that helps (2-opt). The same question gives the same answer, whatever
the order of its parts. An optimising engine can take the place of `plan_tours`: it asks and answers in
these plain values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE, Distance, Ways

PICKUP, DROPOFF = "pickup", "dropoff"
REASONS = ("no_vehicle", "payload", "window", "shift")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stop is. Two loads with the same `key` share one stop."""

    key: str
    label: str
    point: Point


@dataclass(frozen=True, slots=True)
class Load:
    """One leg to drive: `weight_g` from one place to another, to hand over within a window if it has one."""

    leg_id: int
    origin: Place
    destination: Place
    weight_g: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A courier with a vehicle, from and back to `base`, between two times.

    Speeds are km/h with traffic; `detour_pct` turns straight lines into roads (130 = 1.3 times) where no road is
    known for its `profile`.
    """

    courier_id: int
    base: Point
    payload_g: int
    shift_start: datetime
    shift_end: datetime
    urban_kmh: int = 15
    rural_kmh: int = 17
    detour_pct: int = 125
    profile: str = BIKE


@dataclass(frozen=True, slots=True)
class TourPolicy:
    """How long things take, in seconds, and how late is too late (`domain.md` 5.2).

    `pace_pct` stretches the time at a stop for the team (130 = 1.3 times); it is never shown.
    """

    load_s: int = 600
    load_each_s: int = 30
    drop_s: int = 180
    drop_each_s: int = 30
    pace_pct: int = 130
    urban_below_m: int = 5_000
    late_most_s: int = 1_800


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit with its expected time; `metres` and `seconds` from the stop before, `late_s` after its window.

    `stay_s` is how long the visit takes.
    """

    kind: str
    place: Place
    starts_at: datetime | None
    ends_at: datetime | None
    eta: datetime
    metres: int
    late_s: int
    leg_ids: tuple[int, ...]
    seconds: int
    stay_s: int


@dataclass(frozen=True, slots=True)
class PlannedTour:
    """The stops of one courier in order; `metres` and `ends_at` include the way back."""

    courier_id: int
    stops: tuple[PlannedStop, ...]
    starts_at: datetime
    ends_at: datetime
    metres: int


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A leg that fits in no tour, and why: one of `REASONS`."""

    leg_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class TourPlan:
    """The tours by courier id, and what is left over by leg id."""

    tours: tuple[PlannedTour, ...]
    unplanned: tuple[Unplanned, ...]


class Visit(NamedTuple):
    """A stop that is being planned."""

    kind: str
    place: Place
    starts_at: datetime | None
    ends_at: datetime | None
    leg_ids: tuple[int, ...]


class Route(NamedTuple):
    """A tour that is being planned: what is loaded where, what is dropped where, in order."""

    vehicle: Vehicle
    pickups: tuple[Visit, ...]
    drops: tuple[Visit, ...]
    weight_g: int

    @property
    def visits(self) -> tuple[Visit, ...]:
        return self.pickups + self.drops


class Cost(NamedTuple):
    """What a route costs, worst first: seconds too late, then metres."""

    late_s: int
    metres: int


def plan_tours(
    loads: Sequence[Load],
    vehicles: Sequence[Vehicle],
    *,
    distance: Distance,
    policy: TourPolicy | None = None,
    roads: Mapping[str, Ways] | None = None,
) -> TourPlan:
    """Divide loads over vehicles and put the stops in order. `roads` are the known ways by profile."""
    planner = _Planner(distance, policy or TourPolicy(), roads)
    routes = [Route(vehicle, (), (), 0) for vehicle in sorted(vehicles, key=lambda v: v.courier_id)]
    unplanned = []
    for load in sorted(loads, key=_urgency):
        found = planner.cheapest(routes, load)
        if isinstance(found, str):
            unplanned.append(Unplanned(load.leg_id, found))
        else:
            number, route = found
            routes[number] = route
    tours = [planner.timed(planner.improved(route)) for route in routes if route.drops]
    return TourPlan(tuple(tours), tuple(sorted(unplanned, key=lambda row: row.leg_id)))


def _urgency(load: Load) -> tuple[bool, float, int]:
    """Earliest deadline first; what has none comes last. Ids settle ties."""
    return load.ends_at is None, load.ends_at.timestamp() if load.ends_at else 0.0, load.leg_id


class _Planner:
    """Insertion, improvement and the clock, for one distance and one policy."""

    def __init__(self, distance: Distance, policy: TourPolicy, roads: Mapping[str, Ways] | None = None) -> None:
        self.policy = policy
        self.roads = roads or {}
        self.straight = lru_cache(maxsize=None)(distance)

    def way(self, vehicle: Vehicle, start: Point, end: Point) -> tuple[int, int]:
        """Give the metres and seconds from one point to another by this vehicle."""
        straight = self.straight(start, end)
        known = self.roads.get(vehicle.profile, {}).get((start, end))
        metres = known[0] if known else straight * vehicle.detour_pct // 100
        kmh = vehicle.urban_kmh if straight < self.policy.urban_below_m else vehicle.rural_kmh
        ours = -(-metres * 3600 // (kmh * 1000))
        # A road service knows the roads, and neither the traffic nor the load: the slower of the two counts.
        return metres, max(ours, known[1]) if known else ours

    def stay(self, visit: Visit) -> int:
        """Give the seconds that a visit takes."""
        policy, orders = self.policy, len(visit.leg_ids)
        if visit.kind == PICKUP:
            seconds = policy.load_s + policy.load_each_s * orders
        else:
            seconds = policy.drop_s + policy.drop_each_s * orders
        return seconds * policy.pace_pct // 100

    def cheapest(self, routes: Sequence[Route], load: Load) -> tuple[int, Route] | str:
        """Find the route and the places in it where the load costs least, or the reason why not."""
        if not routes:
            return "no_vehicle"
        best: tuple[Cost, int, Route] | None = None
        reason = "payload"
        for number, route in enumerate(routes):
            if route.weight_g + load.weight_g > route.vehicle.payload_g:
                continue
            before = self.cost(route) if route.drops else Cost(0, 0)
            assert not isinstance(before, str), "a route that was taken up is feasible"
            for other in _with(route, load):
                after = self.cost(other)
                if isinstance(after, str):
                    reason = after
                    continue
                extra = Cost(after.late_s - before.late_s, after.metres - before.metres)
                if best is None or extra < best[0]:
                    best = (extra, number, other)
        return (best[1], best[2]) if best else reason

    def cost(self, route: Route) -> Cost | str:
        """Add up lateness and metres, or give the reason why the route can not be driven."""
        vehicle = route.vehicle
        at, where = vehicle.shift_start, vehicle.base
        late, metres = 0, 0
        for visit in route.visits:
            far, seconds = self.way(vehicle, where, visit.place.point)
            at += timedelta(seconds=seconds)
            if visit.starts_at is not None and at < visit.starts_at:
                at = visit.starts_at
            if visit.ends_at is not None and at > visit.ends_at:
                over = int((at - visit.ends_at).total_seconds())
                if over > self.policy.late_most_s:
                    return "window"
                late += over
            at += timedelta(seconds=self.stay(visit))
            metres, where = metres + far, visit.place.point
        far, seconds = self.way(vehicle, where, vehicle.base)
        if at + timedelta(seconds=seconds) > vehicle.shift_end:
            return "shift"
        return Cost(late, metres + far)

    def improved(self, route: Route) -> Route:
        """Turn pieces of the order around as long as that makes the route cheaper."""
        best, cost = route, self.cost(route)
        assert not isinstance(cost, str)
        better = True
        while better:
            better = False
            for other in _turned(best):
                found = self.cost(other)
                if not isinstance(found, str) and found < cost:
                    best, cost, better = other, found, True
                    break
        return best

    def timed(self, route: Route) -> PlannedTour:
        """Give each stop its time. The tour leaves as late as it can without being later anywhere."""
        vehicle = route.vehicle
        leave = vehicle.shift_start + self._slack(route)
        at, where, total = leave, vehicle.base, 0
        stops = []
        for visit in route.visits:
            far, seconds = self.way(vehicle, where, visit.place.point)
            at += timedelta(seconds=seconds)
            if visit.starts_at is not None and at < visit.starts_at:
                at = visit.starts_at
            late = max(0, int((at - visit.ends_at).total_seconds())) if visit.ends_at else 0
            stops.append(
                PlannedStop(
                    visit.kind,
                    visit.place,
                    visit.starts_at,
                    visit.ends_at,
                    at,
                    far,
                    late,
                    tuple(sorted(visit.leg_ids)),
                    seconds,
                    self.stay(visit),
                )
            )
            at += timedelta(seconds=self.stay(visit))
            total, where = total + far, visit.place.point
        far, seconds = self.way(vehicle, where, vehicle.base)
        return PlannedTour(vehicle.courier_id, tuple(stops), leave, at + timedelta(seconds=seconds), total + far)

    def _slack(self, route: Route) -> timedelta:
        """Say how much later the tour can leave: all its waiting, but nobody served later for it."""
        vehicle = route.vehicle
        at, where = vehicle.shift_start, vehicle.base
        waited, slack = timedelta(0), vehicle.shift_end - vehicle.shift_start
        for visit in route.visits:
            at += timedelta(seconds=self.way(vehicle, where, visit.place.point)[1])
            if visit.starts_at is not None and at < visit.starts_at:
                waited += visit.starts_at - at
                at = visit.starts_at
            if visit.ends_at is not None:
                slack = min(slack, waited + max(timedelta(0), visit.ends_at - at))
            at += timedelta(seconds=self.stay(visit))
            where = visit.place.point
        return min(slack, waited)


def _with(route: Route, load: Load) -> Iterator[Route]:
    """List the routes that come of putting a load in, at every place where it can go."""
    weight = route.weight_g + load.weight_g
    pick = Visit(PICKUP, load.origin, None, None, (load.leg_id,))
    drop = Visit(DROPOFF, load.destination, load.starts_at, load.ends_at, (load.leg_id,))
    for pickups in _put(route.pickups, pick):
        for drops in _put(route.drops, drop):
            yield _changed(route, pickups, drops, weight)


def _changed(route: Route, pickups: tuple[Visit, ...], drops: tuple[Visit, ...], weight_g: int) -> Route:
    """Give the same vehicle other visits."""
    return Route(route.vehicle, pickups, drops, weight_g)


def _put(visits: tuple[Visit, ...], new: Visit) -> Iterator[tuple[Visit, ...]]:
    """Join the visit with the one at the same place and window; without one, try every position."""
    for number, visit in enumerate(visits):
        if (visit.place.key, visit.starts_at, visit.ends_at) == (
            new.place.key,
            new.starts_at,
            new.ends_at,
        ):
            joined = visit._replace(leg_ids=visit.leg_ids + new.leg_ids)
            yield (*visits[:number], joined, *visits[number + 1 :])
            return
    for number in range(len(visits) + 1):
        yield (*visits[:number], new, *visits[number:])


def _turned(route: Route) -> Iterator[Route]:
    """List the routes with one piece of the pick-ups or of the drop-offs turned around."""
    for drops in _reversals(route.drops):
        yield _changed(route, route.pickups, drops, route.weight_g)
    for pickups in _reversals(route.pickups):
        yield _changed(route, pickups, route.drops, route.weight_g)


def _reversals(visits: tuple[Visit, ...]) -> Iterator[tuple[Visit, ...]]:
    for first in range(len(visits) - 1):
        for last in range(first + 2, len(visits) + 1):
            yield visits[:first] + visits[first:last][::-1] + visits[last:]
