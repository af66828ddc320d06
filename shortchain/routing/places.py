"""Points as numpy columns, and the ways between them in whole metres, the same as `kernel.geo.distance_m`."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Places:
    """Points as columns: in degrees as they were given, and as vectors on a ball of radius a half (3 × points)."""

    lat: Floats
    lon: Floats
    ball: Floats

    @classmethod
    def of(cls, points: Sequence[Point]) -> Places:
        """Turn points into columns."""
        degrees = np.array([(point.lat, point.lon) for point in points], dtype=np.float64).reshape(-1, 2)
        lat, lon = np.radians(degrees.T)
        flat = np.cos(lat)
        ball = np.stack((flat * np.cos(lon), flat * np.sin(lon), np.sin(lat))) * 0.5
        return cls(degrees[:, 0], degrees[:, 1], ball)

    def __getitem__(self, rows: Ints) -> Places:
        return Places(self.lat.take(rows), self.lon.take(rows), self.ball.take(rows, axis=1))


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
    if these.lat.size > those.lat.size:  # numpy is fastest along a long last axis
        turned: Ints = np.transpose(metres(those, these))
        return turned
    apart = these.ball[:, :, None] - those.ball[:, None, :]
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
        for row, column in np.argwhere(low != whole):
            whole[row, column] = distance_m(_point(these, row), _point(those, column))
    return whole


def _point(places: Places, row: int) -> Point:
    return Point(float(places.lat[row]), float(places.lon[row]))
