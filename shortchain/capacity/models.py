"""Buckets of capacity and the reservations on them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column
from shortchain.kernel.states import StateTable


class ReservationState(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"


RESERVATION = StateTable(
    {
        (ReservationState.HELD, "confirm"): ReservationState.CONFIRMED,
        (ReservationState.HELD, "release"): ReservationState.RELEASED,
        (ReservationState.CONFIRMED, "release"): ReservationState.RELEASED,
    }
)


class CapacityBucket(Model):
    """What one capability can do on one day, and how much of it is promised.

    Units follow the service: grams to process, boxes to pack, stops to deliver. A bucket is made
    from the calendar when it is first needed. Of what is promised, the `…_taken` is tied to a half day; a half has a cap
    where the day is planned by half days. As long as each half and the whole day are kept, all of it can be done.
    """

    __tablename__ = "capacity_bucket"
    __table_args__ = (
        UniqueConstraint("capability_id", "day"),
        CheckConstraint("held >= 0 AND confirmed >= 0 AND held + confirmed <= cap", name="within_cap"),
        CheckConstraint("morning_taken >= 0 AND (morning_cap IS NULL OR morning_taken <= morning_cap)", name="morning"),
        CheckConstraint(
            "afternoon_taken >= 0 AND (afternoon_cap IS NULL OR afternoon_taken <= afternoon_cap)", name="afternoon"
        ),
        Index("ix_capacity_bucket_day", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id"))
    day: Mapped[date]
    cap: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    morning_cap: Mapped[int | None]
    morning_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    afternoon_cap: Mapped[int | None]
    afternoon_taken: Mapped[int] = mapped_column(default=0, server_default="0")


class Reservation(Model):
    """Capacity of one or more buckets for one claim, all of it or nothing. `key` makes it idempotent."""

    __tablename__ = "reservation"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True, insert_sentinel=True)
    claim: Mapped[str] = mapped_column(String(36), index=True)
    state: Mapped[ReservationState] = mapped_column(enum_column(ReservationState), index=True)
    held_until: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]

    lines: Mapped[list[ReservationLine]] = relationship(lazy="raise", cascade="all")

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = RESERVATION.after(self.state, action)


class ReservationLine(Model):
    __tablename__ = "reservation_line"
    __table_args__ = (
        UniqueConstraint("reservation_id", "bucket_id"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    bucket_id: Mapped[int] = mapped_column(ForeignKey("capacity_bucket.id"), index=True)
    amount: Mapped[int]
    half: Mapped[str] = mapped_column(String(9), default="", server_default="")  # one of kernel.halves; '' for either
