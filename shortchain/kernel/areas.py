"""Areas on the map: polygons with holes, from and to GeoJSON, and whether a point lies in one.

Corners are joined by straight lines in degrees. Over the few kilometres of a side here that differs
from the great circle by less than the metre to which places are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.geo import BoundingBox, Point

Ring = tuple[Point, ...]
MOST_CORNERS = 5_000
DEEPEST = 4
"""So many levels of nested features and collections are looked into."""


class BadArea(Invalid):
    """A text or value is no polygon that can be used; the message says why."""


@dataclass(frozen=True)
class Area:
    """One or more polygons. The first ring of each is its outline, the others are holes in it."""

    polygons: tuple[tuple[Ring, ...], ...]

    @cached_property
    def box(self) -> BoundingBox:
        """The smallest box that holds the area."""
        corners = [corner for rings in self.polygons for corner in rings[0]]
        lats, lons = [corner.lat for corner in corners], [corner.lon for corner in corners]
        return BoundingBox(min(lats), min(lons), max(lats), max(lons))

    def holds(self, point: Point) -> bool:
        """Say whether a point lies inside; of a point on a border either may be said, always the same."""
        box = self.box
        if not (box.south <= point.lat <= box.north and box.west <= point.lon <= box.east):
            return False
        return any(
            _inside(rings[0], point) and not any(_inside(hole, point) for hole in rings[1:]) for rings in self.polygons
        )


def _inside(ring: Ring, point: Point) -> bool:
    """Count how often a line to the east crosses the ring: an odd number of times from inside."""
    crossed = False
    before = ring[-1]
    for corner in ring:
        if (corner.lat > point.lat) != (before.lat > point.lat):
            low, high = (
                (corner, before) if corner.lat < before.lat else (before, corner)
            )  # both neighbours reckon alike
            part = (point.lat - low.lat) / (high.lat - low.lat)
            if point.lon < low.lon + part * (high.lon - low.lon):
                crossed = not crossed
        before = corner
    return crossed


def from_geojson(value: object) -> Area:
    """Read a Polygon or MultiPolygon, or every one in a Feature, FeatureCollection or GeometryCollection (RFC 7946).

    :raises BadArea: when there is none, or one of them cannot be right
    """
    polygons = tuple(_polygons(value, 0))
    if not polygons:
        raise BadArea(N_("In dit bestand staat geen vlak. Teken een polygoon en bewaar die als GeoJSON."))
    if sum(len(ring) for rings in polygons for ring in rings) > MOST_CORNERS:
        raise BadArea(N_("Dit gebied heeft te veel hoekpunten. Neem een eenvoudiger omtrek."))
    return Area(polygons)


def to_geojson(area: Area) -> dict[str, Any]:
    """Write an area as a MultiPolygon; reading it again gives the same area."""
    return {
        "type": "MultiPolygon",
        "coordinates": [
            [[[corner.lon, corner.lat] for corner in (*ring, ring[0])] for ring in rings] for rings in area.polygons
        ],
    }


def _polygons(value: object, depth: int) -> Iterator[tuple[Ring, ...]]:
    if not isinstance(value, Mapping) or depth > DEEPEST:
        return
    kind, coordinates = value.get("type"), value.get("coordinates")
    if kind == "Polygon":
        yield _rings(coordinates)
    elif kind == "MultiPolygon":
        for polygon in _list(coordinates):
            yield _rings(polygon)
    elif kind == "Feature":
        yield from _polygons(value.get("geometry"), depth + 1)
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for part in _list(value.get("features" if kind == "FeatureCollection" else "geometries")):
            yield from _polygons(part, depth + 1)


def _rings(value: object) -> tuple[Ring, ...]:
    rings = tuple(_ring(ring) for ring in _list(value))
    if not rings:
        raise BadArea(N_("Een vlak in dit bestand heeft geen omtrek."))
    return rings


def _ring(value: object) -> Ring:
    corners = [_corner(pair) for pair in _list(value)]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(set(corners)) < 3:
        raise BadArea(N_("Een omtrek heeft minstens drie hoekpunten."))
    return tuple(corners)


def _corner(value: object) -> Point:
    pair = _list(value)
    try:
        lon, lat = float(pair[0]), float(pair[1])
        return Point(round(lat, 6), round(lon, 6))
    except (IndexError, TypeError, ValueError) as error:
        raise BadArea(N_("Een hoekpunt is geen lengte en breedte in graden.")) from error


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise BadArea(N_("Dit is geen GeoJSON."))
    return value
