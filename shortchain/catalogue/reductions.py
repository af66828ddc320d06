"""When a lower price may be called a reduction, and what it is compared with. Pure.

Directive 98/6/EC art. 6a and the Code of Economic Law art. VI.18: whoever announces a reduction shows
the lowest price of the thirty days before it. Goods that spoil or expire soon may be compared with their
last price; they are the goods that have no right of withdrawal either (art. VI.53, 4°). The worked
examples are in docs/money.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

COUNTED = timedelta(days=30)
SHOWN_DAYS = 30
"""So long a reduction is told; after that the lower price is simply the price."""


class ReferenceKind(StrEnum):
    """What a reduction is compared with: the lowest price of thirty days, or the last one."""

    LOWEST = "lowest"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Price:
    """What a sell unit cost from an instant on, in cents with VAT."""

    cents: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Reference:
    """The price, in cents per sell unit, with which a new one may be compared."""

    cents: int
    kind: ReferenceKind


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction as it is shown: from `was_cents` to `cents` per sell unit."""

    cents: int
    was_cents: int
    kind: ReferenceKind

    @property
    def percent(self) -> int:
        """How much lower in whole percents, rounded down: never more than it is."""
        return (self.was_cents - self.cents) * 100 // self.was_cents


def is_perishable(withdrawal: str) -> bool:
    """Say whether goods spoil or expire soon, from their right of withdrawal."""
    return withdrawal == "none_perishable"


def reference(prices: Sequence[Price], *, perishable: bool, now: datetime) -> Reference | None:
    """Find what a reduction at `now` is compared with; `prices` are those until now, the oldest first.

    A price counts until the next one, also while nobody could order: that can only make the reference
    lower. What is on sale for less than thirty days counts from its first price. None without a price.
    """
    if not prices:
        return None
    if perishable:
        return Reference(prices[-1].cents, ReferenceKind.LAST)
    begin = now - COUNTED
    at_begin = [price for price in prices if price.since <= begin][-1:]
    later = [price for price in prices if price.since > begin]
    return Reference(min(price.cents for price in (*at_begin, *later)), ReferenceKind.LOWEST)


def last_day(announced_on: date) -> date:
    """Give the last day on which a reduction of a day is told."""
    return announced_on + timedelta(days=SHOWN_DAYS - 1)


def standing(
    cents: int, *, was_cents: int | None, kind: ReferenceKind | None, until: date | None, today: date
) -> Reduction | None:
    """Make the reduction that is to be shown today, if there is one."""
    if was_cents is None or kind is None or until is None or today > until or was_cents <= cents:
        return None
    return Reduction(cents, was_cents, kind)
