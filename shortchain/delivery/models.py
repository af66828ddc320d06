"""Legs, tours and stops."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.collection_models import Collection as Collection
from shortchain.enterprises.collection_models import CollectionSkip as CollectionSkip
from shortchain.enterprises.collection_models import CollectionState as CollectionState
from shortchain.enterprises.models import Courier, Driver
from shortchain.fulfilment.models import Job
from shortchain.kernel.states import StateTable
from shortchain.ordering.models import Order


class LegState(StrEnum):
    PLANNED = "planned"
    SCHEDULED = "scheduled"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


LEG = StateTable(
    {
        (LegState.PLANNED, "schedule"): LegState.SCHEDULED,
        (LegState.PLANNED, "collect"): LegState.COLLECTED,
        (LegState.PLANNED, "withdraw"): LegState.WITHDRAWN,
        (LegState.SCHEDULED, "unschedule"): LegState.PLANNED,
        (LegState.SCHEDULED, "collect"): LegState.COLLECTED,
        (LegState.SCHEDULED, "withdraw"): LegState.WITHDRAWN,
        (LegState.COLLECTED, "deliver"): LegState.DELIVERED,
        (LegState.COLLECTED, "fail"): LegState.FAILED,
        (LegState.COLLECTED, "undo_collect"): LegState.SCHEDULED,
        (LegState.DELIVERED, "undo_deliver"): LegState.COLLECTED,
        (LegState.FAILED, "undo_fail"): LegState.COLLECTED,
        (LegState.FAILED, "reschedule"): LegState.PLANNED,
    }
)


class Leg(Model):
    """One movement of goods from one place to the next.

    `job_id` is the job whose doer moves the goods when it is a provider (the deliver job for the last
    leg, the process job for the leg to the packer); legs from a farm have none: the farm brings. Who brings may let a
    carrier fetch (`collecting`): then `carrier_id` is that carrier, and not who hands over.
    """

    __tablename__ = "leg"
    __table_args__ = (
        CheckConstraint("cost_cents >= 0 AND weight_g >= 0 AND metres >= 0", name="amounts"),
        Index("ix_leg_carrier_day_state", "carrier_id", "day", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    position: Mapped[int]  # order of movement within the order
    from_enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    to_enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_point.id"), index=True)
    to_label: Mapped[str] = mapped_column(String(200))
    from_lat: Mapped[float]
    from_lon: Mapped[float]
    to_lat: Mapped[float]
    to_lon: Mapped[float]
    day: Mapped[date]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    metres: Mapped[int]
    weight_g: Mapped[int]
    cost_cents: Mapped[int]  # VAT included; zero for the last leg, which the deliver job is paid for
    vat_rate_bp: Mapped[int] = mapped_column(default=2100)
    state: Mapped[LegState] = mapped_column(enum_column(LegState))
    decision_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    order: Mapped[Order] = relationship(lazy="raise")
    job: Mapped[Job | None] = relationship(lazy="raise")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = LEG.after(self.state, action)


class TourState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"


TOUR = StateTable(
    {
        (TourState.DRAFT, "publish"): TourState.PUBLISHED,
        (TourState.DRAFT, "drop"): TourState.DROPPED,
        (TourState.PUBLISHED, "start"): TourState.UNDER_WAY,
        (TourState.PUBLISHED, "drop"): TourState.DROPPED,
        (TourState.UNDER_WAY, "finish"): TourState.DONE,
        (TourState.DONE, "reopen"): TourState.UNDER_WAY,
    }
)


class Tour(Model):
    """The ordered stops of one courier on one day, and who drives it."""

    __tablename__ = "tour"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    courier_id: Mapped[int] = mapped_column(ForeignKey("courier.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("driver.id"), index=True)  # None: told of none
    day: Mapped[date] = mapped_column(index=True)
    state: Mapped[TourState] = mapped_column(enum_column(TourState))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    metres: Mapped[int]
    made_at: Mapped[datetime]
    is_kept: Mapped[bool] = mapped_column(default=False)  # a draft that planning again leaves as it is
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    courier: Mapped[Courier] = relationship(lazy="raise")
    driver: Mapped[Driver | None] = relationship(lazy="raise")
    stops: Mapped[list[Stop]] = relationship(lazy="raise", order_by="Stop.position")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = TOUR.after(self.state, action)


class StopOutcome(StrEnum):
    DELIVERED = "delivered"
    COLLECTED = "collected"
    NOT_HOME = "not_home"
    PROBLEM = "problem"


class StopLock(StrEnum):
    """What a person fixed of a stop in a draft: which tour, or also its place in it."""

    TOUR = "tour"
    PLACE = "place"


class Stop(Model):
    """A visit on a tour: pickup or dropoff, with a window; or a break, which nobody records."""

    __tablename__ = "stop"
    __table_args__ = (UniqueConstraint("tour_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))  # pickup, dropoff or break
    label: Mapped[str] = mapped_column(String(200))
    lat: Mapped[float]
    lon: Mapped[float]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    eta: Mapped[datetime]
    metres: Mapped[int]  # from the stop before
    seconds: Mapped[int] = mapped_column(default=0)  # of driving from there
    stay_s: Mapped[int] = mapped_column(default=0)
    lock: Mapped[StopLock | None] = mapped_column(enum_column(StopLock))
    outcome: Mapped[StopOutcome | None] = mapped_column(enum_column(StopOutcome))
    note: Mapped[str] = mapped_column(String(300), default="")
    tapped_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the tap, sent once

    tour: Mapped[Tour] = relationship(lazy="raise", viewonly=True)
    stop_legs: Mapped[list[StopLeg]] = relationship(lazy="raise")


class StopLeg(Model):
    """Which legs a stop serves."""

    __tablename__ = "stop_leg"
    __table_args__ = (UniqueConstraint("stop_id", "leg_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stop_id: Mapped[int] = mapped_column(ForeignKey("stop.id", ondelete="CASCADE"))
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"), index=True)

    leg: Mapped[Leg] = relationship(lazy="raise")


class TeamPace(Model):
    """How long the team of a carrier takes at a stop, in seconds by its kind, and how much that is stretched for it.

    `pace_pct` is never shown as a score (`domain.md` 5.2). Without a row the defaults of `TourPolicy` hold.
    """

    __tablename__ = "team_pace"
    __table_args__ = (CheckConstraint("pace_pct BETWEEN 100 AND 250", name="pace"),)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    pace_pct: Mapped[int]
    each_s: Mapped[int]
    floor_s: Mapped[int] = mapped_column(server_default="30")
    home_s: Mapped[int]
    home_van_s: Mapped[int]
    point_s: Mapped[int]
    farm_s: Mapped[int]
    packer_s: Mapped[int]
