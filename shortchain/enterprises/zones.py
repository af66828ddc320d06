"""Which vehicle may enter which zone on which day. Pure; zones are reference data, and those that hubs drew.

A set of zones is a whole number with one bit per zone, in their order in `Zones`, so that routing can compare
thousands of carriers at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache

from shortchain.data.zones import PEDESTRIAN, Zone, zones
from shortchain.kernel.geo import Point

NONE, ELECTRIC, DIESEL, PETROL, GAS = "none", "electric", "diesel", "petrol", "gas"
FUELS = (NONE, ELECTRIC, DIESEL, PETROL, GAS)
BURNING = frozenset({DIESEL, PETROL, GAS})
EURO_CLASSES = range(7)
EVERYWHERE = -1
"""All bits: a vehicle that is kept out of no zone."""
ADDRESSES = 65_536


@dataclass(frozen=True, slots=True)
class Right:
    """That a vehicle may be in a zone on these days, ends included: a permit, an exemption or a day pass."""

    zone: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Engine:
    """What decides where a vehicle may go. `euro` is None when nobody told it; bikes have no engine that counts."""

    fuel: str
    euro: int | None = None
    is_bike: bool = False
    rights: tuple[Right, ...] = ()


Hours = tuple[time, time]
"""From when until when somebody comes, by the clock on the wall."""


@dataclass(frozen=True, eq=False)
class Zones:
    """The zones that count, in the order of their bits; compared by identity, so that places can be remembered with it."""

    by_code: Mapping[str, Zone]

    def at(self, point: Point, hours: Hours | None = None) -> int:
        """Give the zones that keep somebody from a place who comes within these hours; None: at an hour not known yet.

        A zone that is shut for part of the day counts only where that is all of the hours: else there is a moment to come.
        """
        return _around(self, point) & _shut_all(self, hours)

    def open_to(self, engine: Engine, day: date) -> int:
        """Give the zones that a vehicle may enter on a day; every bit when it is kept out of none."""
        shut = sum(1 << bit for bit, zone in enumerate(self.by_code.values()) if not may_enter(engine, zone, day))
        return EVERYWHERE & ~shut

    def part_time_at(self, point: Point) -> list[tuple[int, Zone]]:
        """List the zones around a place that are shut for part of the day, each with its bit."""
        around = _around(self, point)
        return [(1 << n, zone) for n, zone in enumerate(self.by_code.values()) if zone.shut and around >> n & 1]


@cache
def reference() -> Zones:
    """Give the zones of the reference data alone."""
    return Zones(zones())


@lru_cache(maxsize=ADDRESSES)
def _around(known: Zones, point: Point) -> int:
    return sum(1 << bit for bit, zone in enumerate(known.by_code.values()) if zone.area.holds(point))


@lru_cache(maxsize=1024)
def _shut_all(known: Zones, hours: Hours | None) -> int:
    return sum(1 << bit for bit, zone in enumerate(known.by_code.values()) if _is_shut(zone, hours))


def _is_shut(zone: Zone, hours: Hours | None) -> bool:
    if zone.shut is None:
        return True
    return hours is not None and zone.shut[0] <= hours[0] and hours[1] <= zone.shut[1]


def may_enter(engine: Engine, zone: Zone, day: date) -> bool:
    """Say whether a vehicle may enter a zone on a day.

    Of an engine whose Euro class nobody told we do not know it, and do not keep it out: its owner does know.
    In a pedestrian zone a motor vehicle needs a right, but for the fuels that may come; bikes need none.
    """
    if day.weekday() not in zone.weekdays:
        return True
    if engine.is_bike or any(
        right.zone == zone.code and right.first_day <= day <= right.last_day for right in engine.rights
    ):
        return True
    if zone.kind == PEDESTRIAN:
        return engine.fuel in zone.open_fuels
    rule = next((rule for rule in zone.rules if rule.fuel == engine.fuel and rule.counts_on(day)), None)
    if rule is None:
        return True
    return rule.euro_min is not None and (engine.euro is None or engine.euro >= rule.euro_min)


def any_may(vehicles: Iterable[int], needed: int) -> bool:
    """Say whether one of the vehicles, each given by the zones that it may enter, may enter all that are needed."""
    return any(needed & ~opened == 0 for opened in vehicles)
