"""What one tour saves against bringing every order in a trip of its own. Pure.

The comparison is only as good as what it compares with, so that is fixed here and told beside every figure:
each order apart, from where it is packed to the door and back, by the same vehicle and with the same detour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance


@dataclass(frozen=True, slots=True)
class Savings:
    """Metres of a tour and of the separate trips, and grams of CO₂e per kilometre of its vehicle."""

    metres: int
    apart_metres: int
    co2_g_km: int

    @property
    def co2_g(self) -> int:
        """Grams of CO₂e of the tour."""
        return self.metres * self.co2_g_km // 1000

    @property
    def apart_co2_g(self) -> int:
        """Grams of CO₂e of the separate trips."""
        return self.apart_metres * self.co2_g_km // 1000

    @property
    def percent(self) -> int:
        """How much shorter the tour is, in per cent; negative when it is longer than the trips apart."""
        return round(100 * (self.apart_metres - self.metres) / self.apart_metres) if self.apart_metres else 0


def compare(
    metres: int, trips: Iterable[tuple[Point, Point]], *, detour_pct: int, co2_g_km: int, distance: Distance
) -> Savings:
    """Compare a tour of `metres` with one trip there and back per order, each from a packer to a door.

    `detour_pct` turns straight lines into roads (130 = 1.3 times), as it did for the tour.
    """
    apart = sum(2 * (distance(start, end) * detour_pct // 100) for start, end in trips)
    return Savings(metres, apart, co2_g_km)
