"""Bid prices: what the last batch run learnt about scarce days, for the orders that come one by one.

A full provider costs nothing extra until it is full, so orders in the order of arrival take the room
that a later order needs more. Adding last run's shadow prices to the steering terms spreads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from shortchain.enterprises import directory
from shortchain.kernel.halves import HALVES
from shortchain.routing.models import BidPrice
from shortchain.routing.plans import Slot


@dataclass(frozen=True, slots=True)
class Bids:
    """The prices of one run, in millicents per gram, box or stop; `run` is empty when there are none."""

    run: str = ""
    by_slot: Mapping[Slot, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_slot)

    def of(self, capability_id: int, day: date, half: str = "") -> int:
        """Give the price of one unit on a day, or what it is more in a half of it: that of the day itself, else of its
        weekday, else nothing."""
        own = self.by_slot.get(Slot(capability_id, day, half))
        return self.by_slot.get(Slot(capability_id, day.weekday(), half), 0) if own is None else own

    def of_halves(self, capability_id: int, day: date) -> tuple[int, int]:
        """Give what one unit is more in the morning and in the afternoon of a day."""
        morning, afternoon = (self.of(capability_id, day, half) for half in HALVES)
        return morning, afternoon


def store(session: Session, *, run: str, prices: Mapping[Slot, int]) -> int:
    """Keep a run's prices, in millicents per unit, in place of what was kept of it before; say how many are above nothing.

    :raises ValueError: for a negative price
    """
    if any(millicents < 0 for millicents in prices.values()):
        raise ValueError("a bid price is negative")
    session.execute(delete(BidPrice).where(BidPrice.run == run))
    rows = [
        {
            "run": run,
            "capability_id": slot.capability,
            "day": slot.when if isinstance(slot.when, date) else None,
            "weekday": None if isinstance(slot.when, date) else slot.when,
            "half": slot.half,
            "millicents": millicents,
        }
        for slot, millicents in sorted(prices.items(), key=lambda entry: str(entry[0]))
        if millicents
    ]
    if rows:
        session.execute(insert(BidPrice), rows)
    directory.touch(session)
    session.flush()
    return len(rows)


def read(session: Session, *, days: Sequence[date] | None = None) -> Bids:
    """Read the prices of the newest run that has any; with `days` only what holds on those."""
    newest = select(func.max(BidPrice.id)).scalar_subquery()
    run = select(BidPrice.run).where(BidPrice.id == newest).scalar_subquery()
    query = select(BidPrice).where(BidPrice.run == run)
    if days is not None:
        query = query.where(or_(BidPrice.day.in_(days), BidPrice.weekday.in_({day.weekday() for day in days})))
    rows = session.scalars(query).all()
    prices: dict[Slot, int] = {}
    for row in rows:
        when = row.weekday if row.day is None else row.day
        assert when is not None, "a constraint says so"
        prices[Slot(row.capability_id, when, row.half)] = row.millicents
    return Bids(rows[0].run if rows else "", prices)
