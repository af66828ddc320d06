"""Points as numpy columns, and the ways between them in whole metres, the same as `kernel.geo.distance_m`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from shortchain.kernel.geo import EARTH_RADIUS_M, Point, distance_m

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DOUBT_M = 1e-6
"""So close to half a metre rounding is left to the scalar formula."""


FEW = 8
"""Up to so many points are turned into columns one by one: for the farms of an order that is half the time."""


@dataclass(frozen=True, slots=True)
class Places:
    """Points as columns: as vectors on a ball of radius a half, and in degrees as they were given (5 × points)."""

    data: Floats

    @classmethod
    def of(cls, points: Sequence[Point]) -> Places:
        """Turn points into columns."""
        if len(points) <= FEW:
            return cls(np.array([_row(point) for point in points], dtype=np.float64).reshape(-1, 5).T)
        degrees = np.array([(point.lat, point.lon) for point in points], dtype=np.float64).T
        lat, lon = np.radians(degrees)
        flat = np.cos(lat)
        ball = np.stack((flat * np.cos(lon), flat * np.sin(lon), np.sin(lat))) * 0.5
        return cls(np.concatenate((ball, degrees)))

    def __len__(self) -> int:
        return int(self.data.shape[1])

    def __getitem__(self, rows: Ints) -> Places:
        return Places(self.data.take(rows, axis=1))

    def point(self, at: int) -> Point:
        """Give one of the points back."""
        return Point(float(self.data[3, at]), float(self.data[4, at]))


def _row(point: Point) -> tuple[float, float, float, float, float]:
    lat, lon = math.radians(point.lat), math.radians(point.lon)
    flat = 0.5 * math.cos(lat)
    return flat * math.cos(lon), flat * math.sin(lon), 0.5 * math.sin(lat), point.lat, point.lon


@lru_cache(maxsize=2048)
def places_of(points: tuple[Point, ...]) -> Places:
    """Turn the few points of a question into columns; each is asked for by several stages and days."""
    return Places.of(points)


def metres(these: Places, those: Places) -> Ints:
    """Measure every pair in whole metres: rows are `these`, columns `those`; agrees with `distance_m`.

    The way follows from the chord between two points on the ball, which needs half the steps of the
    haversine formula. The two may differ in the last bits before rounding; where that could change the
    metre, the scalar formula decides. (Across half the globe the last bits are more than that: no
    chain is so long.)
    """
    if len(these) > len(those):  # numpy is fastest along a long last axis
        return metres(those, these).T
    apart = these.data[:3, :, None] - those.data[:3, None, :]
    apart *= apart
    half = apart[0]
    half += apart[1]
    half += apart[2]
    np.minimum(np.sqrt(half, out=half), 1.0, out=half)
    exact = np.arcsin(half, out=half)
    exact *= 2 * EARTH_RADIUS_M
    exact += 0.5 - DOUBT_M
    low = exact.astype(np.int64)
    exact += 2 * DOUBT_M
    whole: Ints = exact.astype(np.int64)
    if low.tobytes() != whole.tobytes():
        for row, column in np.argwhere(low != whole).tolist():
            whole[row, column] = distance_m(these.point(row), those.point(column))
    return whole
