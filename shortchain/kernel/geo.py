"""Points on the globe, boxes around them and distances in whole metres."""

from __future__ import annotations

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), in metres."""


@dataclass(frozen=True, slots=True)
class Point:
    """A WGS84 point in degrees, kept to six decimals (about 10 cm)."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError("not a point on the globe")


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A box of latitudes and longitudes, ends included."""

    south: float
    west: float
    north: float
    east: float


def distance_m(a: Point, b: Point) -> int:
    """Measure the great circle between two points, in whole metres (haversine formula)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = math.sin((lat_b - lat_a) / 2) ** 2
    half_lon = math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    root = math.sqrt(half_lat + math.cos(lat_a) * math.cos(lat_b) * half_lon)
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, root)))


def box_around(centre: Point, radius_m: int) -> BoundingBox:
    """Give the smallest box that holds every point within `radius_m` of `centre`.

    The half width in longitude is asin(sin r / cos lat), which is wider than r / cos lat: the
    point furthest east lies nearer to the pole than the centre. A circle that holds a pole, and every
    one of a quarter of the world or more, reaches all longitudes.
    """
    angle = radius_m / EARTH_RADIUS_M
    half_lat = math.degrees(angle)
    ratio = math.sin(angle) / max(math.cos(math.radians(centre.lat)), 1e-9)
    south, north = max(-90.0, centre.lat - half_lat), min(90.0, centre.lat + half_lat)
    if ratio >= 1 or angle >= math.pi / 2:
        return BoundingBox(south, -180.0, north, 180.0)
    half_lon = math.degrees(math.asin(ratio))
    return BoundingBox(south, max(-180.0, centre.lon - half_lon), north, min(180.0, centre.lon + half_lon))
