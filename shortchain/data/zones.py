"""Zones of a city that not every vehicle may enter, with their rules by date. Standing: `SOURCES.md`."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shortchain.data.shapes import LANGUAGES, Text
from shortchain.kernel import areas
from shortchain.kernel.areas import Area

FOLDER = Path(__file__).parent
LOW_EMISSION, PEDESTRIAN = "lez", "pedestrian"
"""Kinds: a zone that asks for a clean engine, and one where motor vehicles need a right of their own."""


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """From `valid_from` until before `valid_to` an engine on `fuel` needs this Euro class; None: none will do."""

    fuel: str
    euro_min: int | None
    valid_from: date
    valid_to: date | None

    def counts_on(self, day: date) -> bool:
        """Say whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone with its outline. A fuel that no rule names on a day may enter then.

    `day_passes` is how many days a calendar year the city sells a vehicle a pass for; None where that is not known.
    `shut` are the hours of the day between which it is closed, None for the whole day; `weekdays` (Monday is 0) the
    days on which it is; engines on one of `open_fuels` may enter a pedestrian zone all the same.
    """

    code: str
    kind: str
    name: Text
    area: Area
    rules: tuple[ZoneRule, ...]
    day_passes: int | None = None
    shut: tuple[time, time] | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    open_fuels: frozenset[str] = frozenset()


@cache
def zones() -> Mapping[str, Zone]:
    """Give the zones by code, in the order of their codes."""
    rules: dict[str, list[ZoneRule]] = {}
    with (FOLDER / "zone_rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rules.setdefault(row["zone"], []).append(
                ZoneRule(
                    row["fuel"],
                    int(row["euro_min"]) if row["euro_min"] else None,
                    date.fromisoformat(row["valid_from"]),
                    date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                )
            )
    with (FOLDER / "zone_passes.csv").open(encoding="utf-8", newline="") as file:
        passes = {row["zone"]: int(row["days_a_year"]) for row in csv.DictReader(file)}
    outlines = json.loads((FOLDER / "zones.geojson").read_text(encoding="utf-8"))
    found = [
        Zone(
            about["code"],
            about["kind"],
            Text(*(about[language] for language in LANGUAGES)),
            areas.from_geojson(feature["geometry"]),
            tuple(rules.get(about["code"], ())),
            passes.get(about["code"]),
        )
        for feature in outlines["features"]
        for about in (feature["properties"],)
    ]
    return MappingProxyType({zone.code: zone for zone in sorted(found, key=lambda zone: zone.code)})
