"""Puts the legs of one carrier and one day in tours: which vehicle, in which order, at what time. Pure.

A tour loads first and drops after: every pick-up comes before the first drop-off. Orders are put in one
by one where they cost the fewest metres (cheapest insertion), then the order of the drop-offs is turned
around piece by piece as long as that helps (2-opt). The same question gives the same answer, whatever
the order of its parts. `tour_engine` asks and answers in the same plain values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from shortchain.kernel.geo import Point
from shortchain.kernel.ports import BIKE, Distance, Ways

PICKUP, DROPOFF, BREAK = "pickup", "dropoff", "break"
REASONS = ("no_vehicle", "payload", "window", "cold", "shift")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stop is. Two loads with the same `key` share one stop."""

    key: str
    label: str
    point: Point


@dataclass(frozen=True, slots=True)
class Load:
    """One leg to drive: `weight_g` from one place to another, to hand over within a window if it has one.

    `max_ride_s` bounds the time between loading and handing over in a vehicle that does not cool.
    """

    leg_id: int
    origin: Place
    destination: Place
    weight_g: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_ride_s: int | None = None


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
    is_cooled: bool = False


@dataclass(frozen=True, slots=True)
class TourPolicy:
    """How long things take, in seconds, and how late is too late (`domain.md` 5.2).

    `pace_pct` stretches the time at a stop for the team (130 = 1.3 times); it is never shown. After
    `break_after_s` of work without as much rest as `break_s`, a break of that long comes before driving on.
    """

    load_s: int = 600
    load_each_s: int = 30
    drop_s: int = 180
    drop_each_s: int = 30
    pace_pct: int = 130
    urban_below_m: int = 5_000
    late_most_s: int = 1_800
    break_after_s: int = 9_000
    break_s: int = 900


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
    rides: tuple[tuple[int, int], ...] = ()  # leg and the longest it may be on the road, where that is bounded

    @property
    def visits(self) -> tuple[Visit, ...]:
        return self.pickups + self.drops


class Step(NamedTuple):
    """A visit with the way to it, the time at which it begins and how long it takes."""

    visit: Visit
    metres: int
    seconds: int
    at: datetime
    stay_s: int


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

    def walk(self, route: Route, leave: datetime) -> tuple[list[Step], datetime, int]:
        """Drive the route: its visits and breaks in order, when it is back, and the metres of the way back."""
        vehicle, rest = route.vehicle, self.policy.break_s
        at, worked_from, where = leave, leave, vehicle.base
        steps: list[Step] = []
        for visit in route.visits:
            metres, seconds = self.way(vehicle, where, visit.place.point)
            stay = self.stay(visit)
            if steps and (at - worked_from).total_seconds() + seconds + stay > self.policy.break_after_s:
                pause = Visit(BREAK, steps[-1].visit.place, None, None, ())
                steps.append(Step(pause, 0, 0, at, rest))
                at = worked_from = at + timedelta(seconds=rest)
            there = at + timedelta(seconds=seconds)
            begin = max(there, visit.starts_at) if visit.starts_at is not None else there
            if (begin - there).total_seconds() >= rest:
                worked_from = begin  # who waits, rests
            steps.append(Step(visit, metres, seconds, begin, stay))
            at, where = begin + timedelta(seconds=stay), visit.place.point
        metres, seconds = self.way(vehicle, where, vehicle.base)
        return steps, at + timedelta(seconds=seconds), metres

    def cost(self, route: Route) -> Cost | str:
        """Add up lateness and metres, or give the reason why the route can not be driven."""
        steps, back, metres = self.walk(route, route.vehicle.shift_start)
        late = [_late_s(step) for step in steps]
        if max(late, default=0) > self.policy.late_most_s:
            return "window"
        if back > route.vehicle.shift_end:
            return "shift"
        if route.rides and not self._stays_cold(route):
            return "cold"
        return Cost(sum(late), metres + sum(step.metres for step in steps))

    def _stays_cold(self, route: Route) -> bool:
        """Say whether everything that must stay cold is handed over in time, with the tour leaving as late as it will."""
        steps, _, _ = self.walk(route, self.leave(route))
        bounds = dict(route.rides)
        loaded: dict[int, datetime] = {}
        for step in steps:
            for leg in bounds.keys() & set(step.visit.leg_ids):
                if step.visit.kind == PICKUP:
                    loaded[leg] = step.at + timedelta(seconds=step.stay_s)
                elif (step.at - loaded[leg]).total_seconds() > bounds[leg]:
                    return False
        return True

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
        leave = self.leave(route)
        steps, back, last = self.walk(route, leave)
        stops = tuple(
            PlannedStop(
                *step.visit[:4],
                eta=step.at,
                metres=step.metres,
                late_s=_late_s(step),
                leg_ids=tuple(sorted(step.visit.leg_ids)),
                seconds=step.seconds,
                stay_s=step.stay_s,
            )
            for step in steps
        )
        return PlannedTour(route.vehicle.courier_id, stops, leave, back, last + sum(step.metres for step in steps))

    def leave(self, route: Route) -> datetime:
        """Say when the tour leaves: with all its waiting saved up, but nobody served later for it.

        Waiting that was rest may be missed later on: then less of it is saved.
        """
        start, end = route.vehicle.shift_start, route.vehicle.shift_end
        steps, _, _ = self.walk(route, start)
        late, slack = sum(map(_late_s, steps)), self._slack(steps, start, end)
        for part in (1, 2, 4):
            later = start + slack // part
            steps, back, _ = self.walk(route, later)
            if sum(map(_late_s, steps)) <= late and back <= end:
                return later
        return start

    def _slack(self, steps: Sequence[Step], start: datetime, end: datetime) -> timedelta:
        """Say how much later a tour that left at `start` could have: all its waiting, but nobody served later."""
        at, waited, slack = start, timedelta(0), end - start
        for step in steps:
            waited += step.at - at - timedelta(seconds=step.seconds)
            if step.visit.ends_at is not None:
                slack = min(slack, waited + max(timedelta(0), step.visit.ends_at - step.at))
            at = step.at + timedelta(seconds=step.stay_s)
        return min(slack, waited)


def _late_s(step: Step) -> int:
    """Seconds after the end of the window at which a visit begins."""
    return max(0, int((step.at - step.visit.ends_at).total_seconds())) if step.visit.ends_at else 0


def _with(route: Route, load: Load) -> Iterator[Route]:
    """List the routes that come of putting a load in, wherever it can go."""
    weight = route.weight_g + load.weight_g
    bounded = load.max_ride_s is not None and not route.vehicle.is_cooled
    rides = (*route.rides, (load.leg_id, load.max_ride_s or 0)) if bounded else route.rides
    pick = Visit(PICKUP, load.origin, None, None, (load.leg_id,))
    drop = Visit(DROPOFF, load.destination, load.starts_at, load.ends_at, (load.leg_id,))
    for pickups in _put(route.pickups, pick):
        for drops in _put(route.drops, drop):
            yield Route(route.vehicle, pickups, drops, weight, rides)


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
        yield route._replace(drops=drops)
    for pickups in _reversals(route.pickups):
        yield route._replace(pickups=pickups)


def _reversals(visits: tuple[Visit, ...]) -> Iterator[tuple[Visit, ...]]:
    for first in range(len(visits) - 1):
        for last in range(first + 2, len(visits) + 1):
            yield visits[:first] + visits[first:last][::-1] + visits[last:]
