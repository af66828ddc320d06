"""Chooses the lots that serve a line: those that keep long enough, soonest best before first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Shelf:
    """A lot as the choice sees it; `left` in base units."""

    lot_id: int
    left: int
    best_before: date


@dataclass(frozen=True, slots=True)
class Take:
    """An amount to take from one lot."""

    lot_id: int
    amount: int


def choose(shelves: Sequence[Shelf], *, amount: int, on_day: date) -> list[Take] | None:
    """Serve `amount` from lots that keep until `on_day`; None when they hold too little.

    One lot is better than two, because a line of one lot is traced in one step: when the soonest lot
    that can serve everything alone keeps no longer than it must, it is taken. Otherwise the soonest
    best before goes first, ties by id.
    """
    good = sorted(
        (shelf for shelf in shelves if shelf.left > 0 and shelf.best_before >= on_day),
        key=lambda shelf: (shelf.best_before, shelf.lot_id),
    )
    if sum(shelf.left for shelf in good) < amount:
        return None
    soonest = good[0].best_before if good else on_day
    alone = next((s for s in good if s.left >= amount and s.best_before == soonest), None)
    if alone is not None:
        return [Take(alone.lot_id, amount)]
    takes, missing = [], amount
    for shelf in good:
        part = min(shelf.left, missing)
        takes.append(Take(shelf.lot_id, part))
        missing -= part
        if not missing:
            break
    return takes
