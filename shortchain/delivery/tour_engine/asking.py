"""Puts legs and couriers in the engine's words, and a plan in rounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from shortchain.delivery.tour_clock import Clock, service_kind
from shortchain.delivery.tour_engine.problem import DROP, PICK, Problem, Round, Task, Van, Visit
from shortchain.delivery.tour_plans import BREAK, DROPOFF, PICKUP, Load, Place, TourPlan, Vehicle
from shortchain.kernel.geo import Point

DAY_S = 7 * 86_400


def problem_of(loads: Sequence[Load], vehicles: Sequence[Vehicle], clock: Clock) -> Problem:
    """Put legs and couriers in the engine's words.

    What a visit takes whatever the number of crates is part of the way to it: the second order at the same
    door costs only its own seconds. Windows are for the arrival, so they move by as much. With vehicles of
    different speeds the slowest way counts; the planner's clock settles it afterwards. A leg that is fixed to a
    courier has places of its own, which are closed to the others; so has one that asks for rights.
    """
    spots = _Spots(vehicles, clock)
    tasks = tuple(spots.task(load) for load in loads)
    closed = [frozenset(spots.closed[one.courier_id]) for one in vehicles]
    vans = tuple(
        Van(
            one.courier_id,
            spots.side(one.base),
            spots.side(one.back),
            one.capacity(),
            spots.seconds(one.shift_start),
            spots.seconds(one.shift_end),
            DAY_S,
            forbidden=closed[n],
        )
        for n, one in enumerate(vehicles)
    )
    points, setups = spots.points, spots.setups
    metres = np.zeros((len(points), len(points)), dtype=np.int64)
    times = np.zeros_like(metres)
    for a, start in enumerate(points):
        for b, end in enumerate(points):
            if a != b:
                ways = [clock.way(one, start, end) for one in vehicles]
                metres[a, b] = max(way[0] for way in ways)
                times[a, b] = max(way[1] for way in ways) + setups[b]
    return Problem(metres, times, tasks, vans)


class _Spots:
    """Numbers the places, the bases of the vehicles first, and keeps what is closed to whom."""

    def __init__(self, vehicles: Sequence[Vehicle], clock: Clock) -> None:
        self.vehicles, self.clock = vehicles, clock
        self.zero = min(one.shift_start for one in vehicles)
        self.points: list[Point] = list(dict.fromkeys(point for one in vehicles for point in (one.base, one.back)))
        self.sides = {point: number for number, point in enumerate(self.points)}
        self.setups = [0] * len(self.points)
        self.numbers: dict[tuple[str, str, tuple[int, ...]], int] = {}
        self.closed: dict[int, set[int]] = {one.courier_id: set() for one in vehicles}

    def seconds(self, at: datetime) -> int:
        return max(0, int((at - self.zero).total_seconds()))

    def side(self, point: Point) -> int:
        return self.sides[point]

    def number(self, kind: str, place: Place, never: tuple[int, ...]) -> int:
        key = kind, place.key, never
        if key not in self.numbers:
            number = self.numbers[key] = len(self.points)
            self.points.append(place.point)
            base_s = max(self.clock.policy.base_s[service_kind(place, one)] for one in self.vehicles)
            self.setups.append(self._stretched(base_s))
            for courier in never:
                self.closed[courier].add(number)
        return self.numbers[key]

    def task(self, load: Load) -> Task:
        never = tuple(one.courier_id for one in self.vehicles if self.clock.why_never(one, load))
        pick, drop = self.number(PICKUP, load.origin, never), self.number(DROPOFF, load.destination, never)
        opens = self.seconds(load.starts_at) if load.starts_at else 0
        closes = self.seconds(load.ends_at) if load.ends_at else DAY_S
        ready = self.seconds(load.ready_at) + self.setups[pick] if load.ready_at else 0
        first = self.setups[drop]
        amounts = (load.weight_g, load.crates, load.chilled, load.frozen, load.volume_ml)
        return Task(
            load.leg_id,
            Visit(
                drop,
                opens + first,
                max(opens, closes) + first,
                self._each(load, load.destination, self.clock.policy.climb_s(load)),
            ),
            amounts,
            Visit(pick, ready, DAY_S, self._each(load, load.origin)),
        )

    def _each(self, load: Load, place: Place, climb_s: int = 0) -> int:
        return self._stretched(self.clock.policy.each_s[place.kind] * load.crates + climb_s)

    def _stretched(self, seconds: int) -> int:
        return -(-seconds * self.clock.policy.pace_pct // 100)


def rounds_of(plan: TourPlan) -> tuple[Round, ...]:
    """Give the rounds of a plan, without its breaks."""
    kinds = {PICKUP: PICK, DROPOFF: DROP}
    return tuple(
        Round(
            tour.courier_id,
            tuple((kinds[stop.kind], leg) for stop in tour.stops if stop.kind != BREAK for leg in stop.leg_ids),
        )
        for tour in plan.tours
    )
