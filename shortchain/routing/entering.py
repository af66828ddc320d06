"""Vehicles and zones on columns: who may come to a door, and to a packer on the way there.

The same rule as `plans.Candidate.may_enter`, asked of all carriers at once. A carrier needs one vehicle that
may enter the zones of both places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from shortchain.enterprises.zones import EVERYWHERE, Zones
from shortchain.kernel.geo import Point
from shortchain.routing.plans import Candidate

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def entry_of(who: Sequence[Candidate], days: Sequence[date]) -> Ints:
    """Give per candidate, day and vehicle the zones that it may enter; who is kept out nowhere has all of them."""
    wide = max((len(opened) for one in who for opened in one.entry.values()), default=1)
    made = np.full((len(who), len(days), wide), EVERYWHERE, dtype=np.int64)
    for row, one in enumerate(who):
        if one.entry:
            made[row] = 0
            for column, day in enumerate(days):
                opened = one.entry.get(day, (0,))
                made[row, column] = (*opened, *[opened[-1]] * (wide - len(opened)))
    return made


def may_enter(entry: Ints, zones: int) -> Bools:
    """Say of vehicles, the last axis, whether one may enter all these zones."""
    return np.asarray(np.any((zones & ~entry) == 0, axis=-1), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Shut:
    """Which carriers may not come to which packers: `groups` are packers in the same zones, `no` is groups × carriers."""

    groups: Ints
    no: Bools

    def of(self, carriers: Ints, packers: Ints) -> Bools:
        """Say of carriers × packers who may not come."""
        return np.asarray(self.no[self.groups[packers]][:, carriers].T, dtype=np.bool_)


def shut(entry: Ints, packers: Sequence[Point], known: Zones, door: int) -> Shut | None:
    """Find which carriers, by the zones that their vehicles may enter, cannot serve which packers; None when all can.

    `door` are the zones of the customer's door.
    """
    if np.all(entry == EVERYWHERE):
        return None
    zones, groups = np.unique(
        np.array([known.at(point) | door for point in packers], dtype=np.int64), return_inverse=True
    )
    no = np.array([~may_enter(entry, int(one)) for one in zones], dtype=np.bool_).reshape(len(zones), len(entry))
    return Shut(groups.astype(np.int64), no) if no.any() else None
