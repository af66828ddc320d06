"""Which vehicle may enter which zone on which day. Pure; the zones are reference data.

A set of zones is a whole number with one bit per zone, in the order of their codes, so that routing can
compare thousands of carriers at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

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


@lru_cache(maxsize=ADDRESSES)
def inside(point: Point) -> int:
    """Give the zones in which a point lies, tested once per address."""
    return inside_of(zones(), point)


def inside_of(known: Mapping[str, Zone], point: Point) -> int:
    """Give the zones among `known` in which a point lies."""
    return sum(1 << bit for bit, zone in enumerate(known.values()) if zone.area.holds(point))


def open_to(engine: Engine, day: date, *, known: Mapping[str, Zone] | None = None) -> int:
    """Give the zones that a vehicle may enter on a day; every bit when it is kept out of none."""
    asked = zones() if known is None else known
    shut = sum(1 << bit for bit, zone in enumerate(asked.values()) if not may_enter(engine, zone, day))
    return EVERYWHERE & ~shut


def may_enter(engine: Engine, zone: Zone, day: date) -> bool:
    """Say whether a vehicle may enter a zone on a day.

    Of an engine whose Euro class nobody told we do not know it, and do not keep it out: its owner does know.
    In a pedestrian zone every motor vehicle needs a right, bikes do not.
    """
    if engine.is_bike or any(
        right.zone == zone.code and right.first_day <= day <= right.last_day for right in engine.rights
    ):
        return True
    if zone.kind == PEDESTRIAN:
        return False
    rule = next((rule for rule in zone.rules if rule.fuel == engine.fuel and rule.counts_on(day)), None)
    if rule is None:
        return True
    return rule.euro_min is not None and (engine.euro is None or engine.euro >= rule.euro_min)


def any_may(vehicles: Iterable[int], needed: int) -> bool:
    """Say whether one of the vehicles, each given by the zones that it may enter, may enter all that are needed."""
    return any(needed & ~opened == 0 for opened in vehicles)


def names(bits: int, language: str) -> list[str]:
    """Name the zones of a set, in the order of their codes."""
    return [zone.name[language] for bit, zone in enumerate(zones().values()) if bits >> bit & 1]
