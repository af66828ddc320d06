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
from shortchain.routing.models import BidPrice


@dataclass(frozen=True, slots=True)
class Bids:
    """The prices of one run, in millicents per gram, box or stop; `run` is empty when there are none."""

    run: str = ""
    by_day: Mapping[tuple[int, date], int] = field(default_factory=dict)
    by_weekday: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_day or self.by_weekday)

    def of(self, capability_id: int, day: date) -> int:
        """Give the price of one unit on a day: that of the day itself, else of its weekday, else nothing."""
        own = self.by_day.get((capability_id, day))
        return self.by_weekday.get((capability_id, day.weekday()), 0) if own is None else own


def store(session: Session, *, run: str, prices: Mapping[tuple[int, date | int], int]) -> int:
    """Keep a run's prices in place of what was kept of it before; say how many are above nothing.

    Keys are a capability's id and a day, or a weekday (Monday 0); values are millicents per unit.

    :raises ValueError: for a negative price
    """
    if any(millicents < 0 for millicents in prices.values()):
        raise ValueError("a bid price is negative")
    session.execute(delete(BidPrice).where(BidPrice.run == run))
    rows = [
        {
            "run": run,
            "capability_id": capability_id,
            "day": when if isinstance(when, date) else None,
            "weekday": None if isinstance(when, date) else when,
            "millicents": millicents,
        }
        for (capability_id, when), millicents in sorted(prices.items(), key=lambda entry: str(entry[0]))
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
    query = select(BidPrice.run, BidPrice.capability_id, BidPrice.day, BidPrice.weekday, BidPrice.millicents).where(
        BidPrice.run == run
    )
    if days is not None:
        query = query.where(or_(BidPrice.day.in_(days), BidPrice.weekday.in_({day.weekday() for day in days})))
    rows = session.execute(query).all()
    return Bids(
        run=rows[0].run if rows else "",
        by_day={(row.capability_id, row.day): row.millicents for row in rows if row.day is not None},
        by_weekday={(row.capability_id, row.weekday): row.millicents for row in rows if row.day is None},
    )
