"""The invented region of the demo, read from the files beside this module."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality or part of one, with its postcode and a point in it."""

    postcode: str
    name: str
    nis: str
    lat: float
    lon: float


def _toml(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _places(name: str) -> list[Place]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            Place(row["postcode"], row["name"], row["nis"], float(row["lat"]), float(row["lon"]))
            for row in csv.DictReader(file)
        ]


@cache
def places() -> dict[str, Place]:
    """Give the places around Gent by postcode."""
    return {place.postcode: place for place in _places("places")}


@cache
def places_of_flanders() -> list[Place]:
    """Give municipalities in every corner of Flanders."""
    return _places("places_flanders")


@cache
def farms() -> list[dict[str, Any]]:
    """Give the growers of the region."""
    return [farm for name in ("vegetables", "fruit", "animals", "mixed") for farm in _toml(f"farms_{name}")["farm"]]


@cache
def providers() -> list[dict[str, Any]]:
    """Give who packs, processes and delivers in the region."""
    return list(_toml("providers")["provider"])


@cache
def hubs() -> list[dict[str, Any]]:
    """Give the hubs with their pick-up points."""
    return list(_toml("hubs")["hub"])


@cache
def assortments() -> dict[str, list[str]]:
    """Give what growers of one sort may have, as slugs of the reference data."""
    return dict(_toml("assortments"))


@cache
def names() -> dict[str, Any]:
    """Give the parts that names and stories of the large demo are made of."""
    return _toml("names")


@cache
def descriptions() -> dict[str, dict[str, list[str]]]:
    """Give what farms write under a product, by category."""
    return dict(_toml("descriptions"))
