"""Zones that are shut for part of the day, in tours: who comes at the door comes outside their hours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from shortchain.delivery.tour_plans import Load
from shortchain.enterprises.zones import Hours, Zones
from shortchain.kernel.window import BRUSSELS, at_local


def barred(known: Zones, load: Load) -> dict[str, int]:
    """Give the zones that keep a vehicle from the two places of a load, by the key of the place.

    At the door the hours of its window count. Where goods are loaded no hour is fixed: only what is shut all day counts.
    """
    at_door = known.at(load.destination.point, _hours(load))
    return {load.origin.key: known.at(load.origin.point), load.destination.key: at_door}


def outside(known: Zones, loads: Iterable[Load], opened: Sequence[int], day: date) -> tuple[Load, ...]:
    """Narrow windows to the longest part in which every zone at the door is open.

    `opened` are the zones that each vehicle of the carrier may enter that day. A zone that all of them may enter
    narrows nothing. Where only some may, it does for all: who drives is not known yet.
    """
    return tuple(_outside(known, load, opened, day) for load in loads)


def _outside(known: Zones, load: Load, opened: Sequence[int], day: date) -> Load:
    if load.starts_at is None or load.ends_at is None:
        return load
    whole = load.starts_at, load.ends_at
    shut = [
        (at_local(day, zone.shut[0]), at_local(day, zone.shut[1]))
        for bit, zone in known.part_time_at(load.destination.point)
        if zone.shut is not None and any(not mask & bit for mask in opened)
    ]
    parts = [whole]
    for closes, opens in shut:
        parts = [piece for part in parts for piece in _less(part, closes, opens)]
    if not parts or parts == [whole]:  # shut all the time: `barred` says so
        return load
    starts, ends = max(parts, key=lambda part: part[1] - part[0])
    return replace(load, starts_at=starts, ends_at=ends, until=ends if ends < load.ends_at else None)


def _less(part: tuple[datetime, datetime], closes: datetime, opens: datetime) -> list[tuple[datetime, datetime]]:
    """Cut the shut hours out of a stretch of time."""
    start, end = part
    pieces = [(start, min(end, closes)), (max(start, opens), end)]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _hours(load: Load) -> Hours | None:
    if load.starts_at is None or load.ends_at is None:
        return None
    return load.starts_at.astimezone(BRUSSELS).time(), load.ends_at.astimezone(BRUSSELS).time()
