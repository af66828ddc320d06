"""Day passes of a low-emission zone: a city sells a vehicle only so many a calendar year. Pure.

How many is reference data (`data/zone_passes.csv`); where a zone is not in it no number is known and none counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shortchain.data.zones import Zone
from shortchain.enterprises.zones import Right


@dataclass(frozen=True, slots=True)
class Granted:
    """A right as it was written down; a day pass counts a day for each of its days."""

    zone: str
    first_day: date
    last_day: date
    is_day_pass: bool = False

    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]


def counting(granted: Iterable[Granted], known: Mapping[str, Zone]) -> tuple[Right, ...]:
    """Give the rights that count: of day passes the first days of each year, as many as the city sells."""
    given = list(granted)
    rights = [Right(one.zone, one.first_day, one.last_day) for one in given if not one.is_day_pass]
    for (code, _year), days in sorted(pass_days(given).items()):
        most = known[code].day_passes if code in known else None
        rights += [Right(code, day, day) for day in days[:most]]
    return tuple(rights)


def pass_days(granted: Iterable[Granted]) -> dict[tuple[str, int], list[date]]:
    """Give the days of passes by zone and calendar year, each day once, the first first."""
    found: dict[tuple[str, int], set[date]] = defaultdict(set)
    for one in granted:
        if one.is_day_pass:
            for day in one.days():
                found[one.zone, day.year].add(day)
    return {key: sorted(days) for key, days in found.items()}


def left(granted: Iterable[Granted], zone: Zone, year: int) -> int | None:
    """Say how many days of passes a vehicle has left in a year; None where no number is known."""
    if zone.day_passes is None:
        return None
    return max(0, zone.day_passes - len(pass_days(granted).get((zone.code, year), [])))


def overdrawn(granted: Iterable[Granted], zone: Zone) -> int | None:
    """Give the first year in which there are more days of passes than the city sells; None where all is well."""
    if zone.day_passes is None:
        return None
    years = {year: len(days) for (code, year), days in pass_days(granted).items() if code == zone.code}
    return min((year for year, count in years.items() if count > zone.day_passes), default=None)
