"""Tables of routing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model


class BidPrice(Model):
    """What a unit of a provider's day was worth to a batch run: its shadow price.

    Exactly one of `day` and `weekday` (Monday 0) says when it holds; with a `half` it is what a unit of that half is worth on
    top of the day. The unit is that of the
    capability's capacity: gram, box or stop. A bid price steers the choice and is never billed.
    """

    __tablename__ = "bid_price"
    __table_args__ = (
        CheckConstraint("(day IS NULL) <> (weekday IS NULL)", name="one_time"),
        CheckConstraint("weekday IS NULL OR weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("millicents >= 0", name="positive"),
        CheckConstraint("half IN ('', 'morning', 'afternoon')", name="half"),
        Index("ix_bid_price_run", "run"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[str] = mapped_column(String(40))
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id"), index=True)
    day: Mapped[date | None]
    weekday: Mapped[int | None]
    half: Mapped[str] = mapped_column(String(9), server_default="")
    millicents: Mapped[int]


class BatchRun(Model):
    """What planning a cycle's orders together gave, and what is proven about it.

    Costs are cents: what is billed, plus what steers, plus a penalty for each order that nobody can do. No
    plan of these orders costs less than `bound`.
    """

    __tablename__ = "batch_run"
    __table_args__ = (
        CheckConstraint("orders >= 0 AND staying >= 0 AND moved >= 0 AND unserved >= 0", name="counts"),
        CheckConstraint("bound >= 0 AND bound <= cost + 1", name="bound"),
        CheckConstraint("floor_percent BETWEEN 0 AND 100", name="floor"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("order_cycle.id"), index=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    orders: Mapped[int]
    staying: Mapped[int]  # orders that could not move, because all of their work is promised
    moved: Mapped[int]
    unserved: Mapped[int]
    cost_before: Mapped[int]
    cost: Mapped[int]
    bound: Mapped[int]
    truncated: Mapped[bool]  # stopped before its rounds were done
    floor_percent: Mapped[int]  # of what each social enterprise offers; 0: no floor
    floor_price: Mapped[int]  # what the floor added to the cost
    steps: Mapped[list[Any]]  # phase, cost and bound after it

    @property
    def gap_bp(self) -> int:
        """Say how far the plan can be above the best there is, in hundredths of a per cent."""
        return round(10_000 * (self.cost - self.bound) / self.bound) if self.bound else 0


class RoutingFailure(Model):
    """How often nobody could do a step for a place and a day: no more is kept of who asked than the postcode.

    `stage` is the planner's key ('process:WASH', 'pack', 'deliver'), or 'chain' when every step has somebody
    but no days fit together. `classes` and `reasons` are codes, sorted and joined by commas. `quotes` counts
    baskets that were priced, `orders` counts orders that could not be placed or lost somebody afterwards.
    """

    __tablename__ = "unroutable"
    __table_args__ = (
        UniqueConstraint("hub_id", "postcode", "day", "stage", "classes", "reasons"),
        CheckConstraint("quotes >= 0 AND orders >= 0 AND quotes + orders > 0", name="counted"),
        Index("ix_unroutable_last_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    postcode: Mapped[str] = mapped_column(String(4))
    day: Mapped[date]
    stage: Mapped[str] = mapped_column(String(24))
    classes: Mapped[str] = mapped_column(String(80))
    reasons: Mapped[str] = mapped_column(String(120))
    quotes: Mapped[int] = mapped_column(default=0)
    orders: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class StopCost(Model):
    """What a stop costs a carrier in its tours, against a trip of its own; learnt from the tours of the last weeks.

    `metres` were driven for the `stops`, `alone_metres` would have been in trips apart, both as straight lines.
    """

    __tablename__ = "stop_cost"
    __table_args__ = (CheckConstraint("share_pct BETWEEN 1 AND 100", name="share"),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    tours: Mapped[int]
    stops: Mapped[int]
    metres: Mapped[int]
    alone_metres: Mapped[int]
    share_pct: Mapped[int]
    reckoned_at: Mapped[datetime]


class RoutingSwitch(Model):
    """Something in routing that coordinators may switch off, for all hubs; without a row it is on."""

    __tablename__ = "routing_switch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[datetime]
