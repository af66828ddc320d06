"""The area that an enterprise chose to work in instead of a circle: postcodes, or a drawn outline. Pure.

It is stored with the service as a JSON value: `{}` for the circle, `{"postcodes": [...]}`, or `{"outline": GeoJSON}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shortchain import data
from shortchain.kernel import areas
from shortchain.kernel.areas import Area, BadArea
from shortchain.kernel.errors import N_
from shortchain.kernel.geo import Point, distance_m

ADDRESSES = 65_536
MOST_POSTCODES = 600
LONGEST_TEXT = 400_000
LARGEST_DEGREES = 4.0
"""An outline wider or higher than this holds all of Flanders, and is a mistake."""


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """An area that was read; compared by identity, so that what was tested can be remembered with it."""

    postcodes: frozenset[str] = frozenset()
    outline: Area | None = None

    def holds(self, point: Point) -> bool:
        """Say whether a place lies in it. A place is of the postcode of which the middle is nearest."""
        if self.outline is not None:
            return self.outline.holds(point)
        return postcode_at(point) in self.postcodes


@lru_cache(maxsize=ADDRESSES)
def postcode_at(point: Point) -> str:
    """Give the postcode of which the middle is nearest to a point, the lowest of equals; worked out once per address."""
    near = data.postcodes().values()
    wide = 0.05
    while True:  # look around first: measuring to all of Belgium is fifty times the work
        close = [one for one in near if abs(one.lat - point.lat) < wide and abs(one.lon - point.lon) < 1.5 * wide]
        found = min(((distance_m(point, Point(one.lat, one.lon)), one.code) for one in close), default=None)
        if (
            found is not None and found[0] < wide * 100_000
        ):  # less than half a side of the box, so none outside is nearer
            return found[1]
        if len(close) == len(near):
            return found[1] if found else ""
        wide *= 4


def read(value: Mapping[str, Any]) -> ServiceArea | None:
    """Read what is stored; None for the circle."""
    if value.get("postcodes"):
        return ServiceArea(postcodes=frozenset(value["postcodes"]))
    if value.get("outline"):
        return ServiceArea(outline=areas.from_geojson(value["outline"]))
    return None


def of_postcodes(codes: Iterable[str]) -> dict[str, Any]:
    """Make the value for some postcodes.

    :raises BadArea: when there is none among them, too many, or one that does not exist
    """
    chosen = sorted(set(codes))
    unknown = [code for code in chosen if code not in data.postcodes()]
    if unknown:
        raise BadArea(N_("Deze postcodes kennen we niet: %(codes)s."), fields=("more",), codes=", ".join(unknown[:5]))
    if not 1 <= len(chosen) <= MOST_POSTCODES:
        raise BadArea(N_("Kies minstens één postcode, en hoogstens %(most)d."), fields=("more",), most=MOST_POSTCODES)
    return {"postcodes": chosen}


def of_geojson(text: str) -> dict[str, Any]:
    """Make the value for an outline in GeoJSON.

    :raises BadArea: when the text is none, or its outline cannot be an area of work
    """
    if len(text) > LONGEST_TEXT:
        raise BadArea(N_("Dit gebied heeft te veel hoekpunten. Neem een eenvoudiger omtrek."), fields=("outline",))
    try:
        area = areas.from_geojson(json.loads(text))
    except BadArea as error:
        raise BadArea(error.message, fields=("outline",)) from error
    except (ValueError, RecursionError) as error:
        raise BadArea(N_("Dit is geen GeoJSON."), fields=("outline",)) from error
    box = area.box
    if max(box.north - box.south, box.east - box.west) > LARGEST_DEGREES:
        raise BadArea(N_("Dit gebied is groter dan België. Kijk de lengte en breedte na."), fields=("outline",))
    return {"outline": areas.to_geojson(area)}
