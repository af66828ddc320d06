"""What holds for the halves of a day, as columns: room and prices of mornings and afternoons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from shortchain.kernel.halves import HALVES
from shortchain.routing.places import Ints
from shortchain.routing.plans import Candidate

NO_LIMIT = 1 << 60
"""Room in a half of a day that is not planned by half days: the whole day is the limit."""


def halves_of(who: Sequence[Candidate], days: Sequence[date]) -> Ints | None:
    """Give what is left of mornings and of afternoons (the first axis), per candidate and day; None when nobody plans those."""
    return pairs_of([one.halves for one in who], days, missing=NO_LIMIT)


def pairs_of(given: Sequence[Mapping[date, tuple[int, int]]], days: Sequence[date], *, missing: int) -> Ints | None:
    """Lay out what holds for a morning and an afternoon; None when nobody has any."""
    if not any(given):
        return None
    made = np.full((len(HALVES), len(given), len(days)), missing, dtype=np.int64)
    for row, pairs in enumerate(given):
        for column, day in enumerate(days):
            if day in pairs:
                made[:, row, column] = pairs[day]
    return made
