"""Flanders on a flat drawing: from degrees to the units of the map that the server draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

WEST, NORTH = 2.52, 51.52
UNITS_PER_DEGREE = 400.0
COS_51 = math.cos(math.radians(51.0))


class MapView(NamedTuple):
    """What part of the outline is shown, in the units of the drawing."""

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> str:
        """The value of `viewBox`."""
        return f"{self.left:.0f} {self.top:.0f} {self.width:.0f} {self.height:.0f}"


WHOLE = MapView(0, 0, 880, 340)


def on_map(lat: float, lon: float) -> tuple[float, float]:
    """Project a point to the units of the map: plate carrée, true to scale at 51° north."""
    x = (lon - WEST) * UNITS_PER_DEGREE * COS_51
    return round(x, 1), round((NORTH - lat) * UNITS_PER_DEGREE, 1)


def map_view(points: Sequence[tuple[float, float]], *, margin: float = 14.0, least: float = 90.0) -> MapView:
    """Choose the part of the map that shows all (lat, lon) points, three wide and two high.

    It is at least `least` units wide; 10 units are 2.8 km.
    """
    if not points:
        return WHOLE
    places = [on_map(lat, lon) for lat, lon in points]
    xs, ys = [x for x, _ in places], [y for _, y in places]
    wide = max(max(xs) - min(xs) + 2 * margin, least)
    high = max(max(ys) - min(ys) + 2 * margin, wide / 1.5)
    wide = max(wide, high * 1.5)
    return MapView((min(xs) + max(xs) - wide) / 2, (min(ys) + max(ys) - high) / 2, wide, high)
