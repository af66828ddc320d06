"""Tables of routing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model


class BidPrice(Model):
    """What a unit of a provider's day was worth to a batch run: its shadow price.

    Exactly one of `day` and `weekday` (Monday 0) says when it holds. The unit is that of the
    capability's capacity: gram, box or stop. A bid price steers the choice and is never billed.
    """

    __tablename__ = "bid_price"
    __table_args__ = (
        CheckConstraint("(day IS NULL) <> (weekday IS NULL)", name="one_time"),
        CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("millicents >= 0", name="positive"),
        Index("ix_bid_price_run", "run"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[str] = mapped_column(String(40))
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id"), index=True)
    day: Mapped[date | None]
    weekday: Mapped[int | None]
    millicents: Mapped[int]
