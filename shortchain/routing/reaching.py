"""Own areas on columns: which of a stage's candidates work at a place, tested once per address."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from shortchain.kernel.geo import Point
from shortchain.routing.plans import Candidate

Bools = npt.NDArray[np.bool_]
EVERYWHERE_M = 1 << 40
"""A radius that holds the Earth: of who chose an area, the distance says nothing."""
KEPT = 4_096
"""So many addresses are remembered per stage."""


class Reach:
    """Who of a stage chose an own area, and where that is."""

    def __init__(self, who: Sequence[Candidate]) -> None:
        self._chosen = [(row, one.area) for row, one in enumerate(who) if one.area is not None]
        self._count = len(who)
        self._known: dict[Point, Bools] = {}

    def at(self, places: Sequence[Point]) -> Bools:
        """Say of every row of the stage whether all places lie in its area; of who has none, yes."""
        found = [self._of(place) for place in places]
        return np.logical_and.reduce(found) if found else np.ones(self._count, dtype=np.bool_)

    def _of(self, place: Point) -> Bools:
        known = self._known.get(place)
        if known is None:
            known = np.ones(self._count, dtype=np.bool_)
            for row, area in self._chosen:
                known[row] = area.holds(place)
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[place] = known
        return known


def reach_of(who: Sequence[Candidate]) -> Reach | None:
    """Give the own areas of a stage; None when everybody works in a circle."""
    return Reach(who) if any(one.area is not None for one in who) else None
