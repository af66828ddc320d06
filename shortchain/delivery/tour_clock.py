"""Drives a route on paper: what it can carry, when it is where, what it costs, or why it can not be driven. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from shortchain.delivery.tour_plans import (
    BREAK,
    DROPOFF,
    PICKUP,
    Load,
    Lock,
    Place,
    PlannedStop,
    PlannedTour,
    TourPolicy,
    Vehicle,
)
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import CAR, Distance, Ways


class Visit(NamedTuple):
    """A stop that is being planned."""

    kind: str
    place: Place
    starts_at: datetime | None
    ends_at: datetime | None
    leg_ids: tuple[int, ...]

    def is_with(self, other: Visit) -> bool:
        """Say whether two visits can be one stop."""
        return self[:1] + self[2:4] == other[:1] + other[2:4] and self.place.key == other.place.key


class Route(NamedTuple):
    """A tour that is being planned: its visits in order, every leg loaded before it is dropped."""

    vehicle: Vehicle
    visits: tuple[Visit, ...] = ()

    @property
    def legs(self) -> set[int]:
        return {leg for visit in self.visits for leg in visit.leg_ids}

    def without(self, gone: Iterable[int]) -> Route:
        """Take legs out."""
        out = set(gone)
        less = (one._replace(leg_ids=tuple(leg for leg in one.leg_ids if leg not in out)) for one in self.visits)
        return Route(self.vehicle, tuple(one for one in less if one.leg_ids))

    def joined(self) -> Route:
        """Make one visit of those that follow one another at the same place for the same thing."""
        visits: list[Visit] = []
        for one in self.visits:
            if visits and visits[-1].is_with(one):
                visits[-1] = visits[-1]._replace(leg_ids=visits[-1].leg_ids + one.leg_ids)
            else:
                visits.append(one)
        return Route(self.vehicle, tuple(visits))


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


def visits_of(load: Load) -> tuple[Visit, Visit]:
    """Give the two visits that a load asks for."""
    pick = Visit(PICKUP, load.origin, load.ready_at, None, (load.leg_id,))
    return pick, Visit(DROPOFF, load.destination, load.starts_at, load.ends_at, (load.leg_id,))


def is_in_order(visits: Sequence[Visit]) -> bool:
    """Say whether every leg is loaded before it is dropped."""
    on: set[int] = set()
    for visit in visits:
        if visit.kind == PICKUP:
            on.update(visit.leg_ids)
        elif not on.issuperset(visit.leg_ids):
            return False
    return True


class Clock:
    """Times and judges routes, for one question."""

    def __init__(
        self,
        loads: Iterable[Load],
        distance: Distance,
        policy: TourPolicy,
        roads: Mapping[str, Ways] | None = None,
        locks: Sequence[Lock] = (),
    ) -> None:
        self.loads = {load.leg_id: load for load in loads}
        self.policy = policy
        self.roads = roads or {}
        self.straight = lru_cache(maxsize=None)(distance)
        self.ways: dict[tuple[Point, Point, int, int, int, str], tuple[int, int]] = {}
        self.locks = tuple(lock for lock in locks if any(leg in self.loads for leg in lock.leg_ids))
        self.loaded_from = {
            load.leg_id: load.starts_at - timedelta(seconds=load.max_ride_s)
            for load in self.loads.values()
            if load.max_ride_s is not None and load.starts_at is not None
        }
        self.until = {load.leg_id: load.until for load in self.loads.values() if load.until is not None}
        self.fixed_to = {leg: lock.courier_id for lock in self.locks for leg in lock.leg_ids}

    def way(self, vehicle: Vehicle, start: Point, end: Point) -> tuple[int, int]:
        """Give the metres and seconds from one point to another by this vehicle."""
        key = start, end, vehicle.urban_kmh, vehicle.rural_kmh, vehicle.detour_pct, vehicle.profile
        found = self.ways.get(key)
        if found is None:
            found = self.ways[key] = self._way(vehicle, start, end)
        return found

    def _way(self, vehicle: Vehicle, start: Point, end: Point) -> tuple[int, int]:
        straight = self.straight(start, end)
        known = self.roads.get(vehicle.profile, {}).get((start, end))
        metres = known[0] if known else straight * vehicle.detour_pct // 100
        kmh = vehicle.urban_kmh if straight < self.policy.urban_below_m else vehicle.rural_kmh
        ours = -(-metres * 3600 // (kmh * 1000))
        # A road service knows the roads, and neither the traffic nor the load: the slower of the two counts.
        return metres, max(ours, known[1]) if known else ours

    def stay(self, visit: Visit, vehicle: Vehicle) -> int:
        """Give the seconds that a visit takes."""
        crates = sum(self.loads[leg].crates for leg in visit.leg_ids)
        kind = service_kind(visit.place, vehicle)
        seconds = self.policy.base_s[kind] + self.policy.each_s[kind] * crates
        if visit.kind == DROPOFF:
            seconds += sum(self.policy.climb_s(self.loads[leg]) for leg in visit.leg_ids)
        return seconds * self.policy.pace_pct // 100

    def why_never(self, vehicle: Vehicle, load: Load) -> str:
        """Give the reason why a vehicle can not take a load even when it drives nothing else; empty when it may."""
        most = vehicle.capacity()
        if not load.needs <= vehicle.rights or load.heaviest_g > vehicle.lift_g:
            return "driver"
        if load.origin.key in vehicle.closed or load.destination.key in vehicle.closed:
            return "zone"
        if load.frozen > most[3]:
            return "frozen"
        if load.weight_g > most[0]:
            return "payload"
        if load.crates > most[1] or load.chilled > most[2]:
            return "crates"
        if load.volume_ml > most[4]:
            return "volume"
        if self.fixed_to.get(load.leg_id, vehicle.courier_id) != vehicle.courier_id:
            return "locked"
        return ""

    def metres(self, route: Route) -> int:
        """Give the metres of a route, with the way out and back."""
        points = [route.vehicle.base, *(visit.place.point for visit in route.visits), route.vehicle.back]
        return sum(self.way(route.vehicle, a, b)[0] for a, b in itertools.pairwise(points))

    def cost(self, route: Route) -> Cost | str:
        """Add up lateness and metres, or give the reason why the route can not be driven."""
        vehicle = route.vehicle
        if reason := self._overfull(route):
            return reason
        if vehicle.max_stops is not None and len(route.visits) > vehicle.max_stops:
            return "stops"
        if not self.keeps_locks(route):
            return "locked"
        waits = bool(self.loaded_from) and self._waits_with_cold(route)
        # Who comes too late anywhere can not drive it: unless something cold might be fetched sooner, no hour after that matters.
        most = None if waits else self.policy.late_most_s
        steps, back, metres = self.walk(route, vehicle.shift_start, late_most_s=most)
        late = [late_s(step) for step in steps]
        if max(late, default=0) > self.policy.late_most_s:
            if not waits:
                return "window"
            steps, _, _ = self.walk(route, vehicle.shift_start, hold=False)
            return "window" if max(map(late_s, steps)) > self.policy.late_most_s else "cold"
        if any(self._zone_closed(step) for step in steps if self.until):
            return "zone"
        if back > vehicle.shift_end:
            return "shift"
        if not self._stays_cold(route):
            return "cold"
        return Cost(sum(late), metres + sum(step.metres for step in steps))

    def _zone_closed(self, step: Step) -> bool:
        """Say whether somebody would come to a door when its zone has closed."""
        until = (self.until[leg] for leg in step.visit.leg_ids if leg in self.until)
        return step.visit.kind == DROPOFF and any(step.at > closes for closes in until)

    def _overfull(self, route: Route) -> str:
        """Say what is too much at some moment of the route; empty when everything fits all the way."""
        grams = crates = chilled = frozen = volume = 0
        most = route.vehicle.capacity()
        for visit in route.visits:
            sign = 1 if visit.kind == PICKUP else -1
            for leg in visit.leg_ids:
                load = self.loads[leg]
                grams += sign * load.weight_g
                crates += sign * load.crates
                chilled += sign * load.chilled
                frozen += sign * load.frozen
                volume += sign * load.volume_ml
            if grams > most[0]:
                return "payload"
            if crates > most[1] or chilled > most[2]:
                return "crates"
            if frozen > most[3]:
                return "frozen"
            if volume > most[4]:
                return "volume"
        return ""

    def keeps_locks(self, route: Route) -> bool:
        """Say whether what a person fixed in this tour is where it was fixed."""
        mine = [lock for lock in self.locks if lock.courier_id == route.vehicle.courier_id and lock.rank is not None]
        for kind in {lock.kind for lock in mine}:
            places = [set(visit.leg_ids) for visit in route.visits if visit.kind == kind]
            here = [lock for lock in mine if lock.kind == kind and any(not p.isdisjoint(lock.leg_ids) for p in places)]
            here.sort(key=lambda lock: (lock.rank, lock.leg_ids))
            for number, lock in enumerate(here):
                rank = min(lock.rank or 0, len(places) - len(here) + number)
                if places[rank].isdisjoint(lock.leg_ids):
                    return False
        return True

    def walk(
        self, route: Route, leave: datetime, *, hold: bool = True, late_most_s: int | None = None
    ) -> tuple[list[Step], datetime, int]:
        """Drive the route: its visits and breaks in order, when it is back, and the metres of the way back.

        Without `hold` cold goods are loaded as soon as the driver is there. With `late_most_s` it turns back after the first
        visit that is later than that.
        """
        vehicle, rest = route.vehicle, self.policy.break_s
        at, worked_from, where = leave, leave, vehicle.base
        steps: list[Step] = []
        for visit in route.visits:
            metres, seconds = self.way(vehicle, where, visit.place.point)
            stay = self.stay(visit, vehicle)
            if steps and (at - worked_from).total_seconds() + seconds + stay > self.policy.break_after_s:
                pause = Visit(BREAK, steps[-1].visit.place, None, None, ())
                steps.append(Step(pause, 0, 0, at, rest))
                at = worked_from = at + timedelta(seconds=rest)
            there = at + timedelta(seconds=seconds)
            begin = max(there, visit.starts_at) if visit.starts_at is not None else there
            if hold and self.loaded_from and visit.kind == PICKUP:
                begin = self._not_too_early(visit, begin, stay, vehicle)
            if (begin - there).total_seconds() >= rest:
                worked_from = begin  # who waits, rests
            steps.append(Step(visit, metres, seconds, begin, stay))
            at, where = begin + timedelta(seconds=stay), visit.place.point
            if late_most_s is not None and late_s(steps[-1]) > late_most_s:
                break
        metres, seconds = self.way(vehicle, where, vehicle.back)
        return steps, at + timedelta(seconds=seconds), metres

    def _waits_with_cold(self, route: Route) -> bool:
        """Say whether something of the route may be loaded later for being cold; without it holding changes no hour."""
        legs = (leg for visit in route.visits if visit.kind == PICKUP for leg in visit.leg_ids)
        return any(leg in self.loaded_from and not route.vehicle.keeps(self.loads[leg]) for leg in legs)

    def _not_too_early(self, visit: Visit, begin: datetime, stay: int, vehicle: Vehicle) -> datetime:
        """Wait with loading what may not be on the road from now until its door opens."""
        legs = (leg for leg in visit.leg_ids if leg in self.loaded_from and not vehicle.keeps(self.loads[leg]))
        done = [self.loaded_from[leg] for leg in legs]
        return max([begin, *(at - timedelta(seconds=stay) for at in done)])

    def _stays_cold(self, route: Route) -> bool:
        """Say whether everything that must stay cold is handed over in time, with the tour leaving as late as it will."""
        rides = ((leg, self.loads[leg].max_ride_s) for leg in route.legs if not route.vehicle.keeps(self.loads[leg]))
        bounded = {leg: most for leg, most in rides if most is not None}
        if not bounded:
            return True
        steps, _, _ = self.walk(route, self.leave(route))
        loaded: dict[int, datetime] = {}
        for step in steps:
            for leg in bounded.keys() & set(step.visit.leg_ids):
                if step.visit.kind == PICKUP:
                    loaded[leg] = step.at + timedelta(seconds=step.stay_s)
                elif (step.at - loaded[leg]).total_seconds() > bounded[leg]:
                    return False
        return True

    def timed(self, route: Route) -> PlannedTour:
        """Give each stop its time. The tour leaves as late as it can without being later anywhere."""
        leave = self.leave(route)
        steps, back, last = self.walk(route, leave)
        stops = tuple(
            PlannedStop(
                step.visit.kind,
                self._named(step.visit),
                step.visit.starts_at,
                step.visit.ends_at,
                eta=step.at,
                metres=step.metres,
                late_s=late_s(step),
                leg_ids=tuple(sorted(step.visit.leg_ids)),
                seconds=step.seconds,
                stay_s=step.stay_s,
            )
            for step in steps
        )
        return PlannedTour(route.vehicle.courier_id, stops, leave, back, last + sum(step.metres for step in steps))

    def _named(self, visit: Visit) -> Place:
        """Give the place as the first order of a stop calls it: two at one place may name it differently.

        What was planned first must not show, or asking again would give another answer.
        """
        if not visit.leg_ids:
            return visit.place
        load = self.loads[min(visit.leg_ids)]
        return load.origin if visit.kind == PICKUP else load.destination

    def leave(self, route: Route) -> datetime:
        """Say when the tour leaves: with all its waiting saved up, but nobody served later for it.

        Waiting that was rest may be missed later on: then less of it is saved.
        """
        start, end = route.vehicle.shift_start, route.vehicle.shift_end
        steps, _, _ = self.walk(route, start)
        late, slack = sum(map(late_s, steps)), _slack(steps, start, end)
        for part in (1, 2, 4):
            later = start + slack // part
            steps, back, _ = self.walk(route, later)
            if sum(map(late_s, steps)) <= late and back <= end:
                return later
        return start


def service_kind(place: Place, vehicle: Vehicle) -> str:
    """Give the kind of stop that a visit is for the time it takes: a van needs longer at a door than a bike."""
    return "home_van" if place.kind == "home" and vehicle.profile == CAR else place.kind


def late_s(step: Step) -> int:
    """Seconds after the end of the window at which a visit begins."""
    return max(0, int((step.at - step.visit.ends_at).total_seconds())) if step.visit.ends_at else 0


def _slack(steps: Sequence[Step], start: datetime, end: datetime) -> timedelta:
    """Say how much later a tour that left at `start` could have: all its waiting, but nobody served later."""
    at, waited, slack = start, timedelta(0), end - start
    for step in steps:
        waited += step.at - at - timedelta(seconds=step.seconds)
        if step.visit.ends_at is not None:
            slack = min(slack, waited + max(timedelta(0), step.visit.ends_at - step.at))
        at = step.at + timedelta(seconds=step.stay_s)
    return min(slack, waited)
