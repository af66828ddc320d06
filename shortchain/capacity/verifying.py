"""Checks of `flask check --all` on capacity: buckets and their half days against reservations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import (
    CapacityBucket,
    Reservation,
    ReservationLine,
    ReservationState,
)
from shortchain.kernel.halves import AFTERNOON, MORNING

Check = Callable[[Session, datetime], list[str]]


def capacity_adds_up(session: Session, now: datetime) -> list[str]:
    """The counters of each bucket are the sums of its reservations, within its cap; so are those of its halves."""

    def of(state: ReservationState):  # type: ignore[no-untyped-def]
        return (
            select(func.coalesce(func.sum(ReservationLine.amount), 0))
            .join(Reservation, Reservation.id == ReservationLine.reservation_id)
            .where(ReservationLine.bucket_id == CapacityBucket.id, Reservation.state == state)
            .correlate(CapacityBucket)
            .scalar_subquery()
        )

    held, confirmed = of(ReservationState.HELD), of(ReservationState.CONFIRMED)
    rows = session.execute(
        select(
            CapacityBucket.id, CapacityBucket.cap, CapacityBucket.held, CapacityBucket.confirmed, held, confirmed
        ).where(
            or_(
                CapacityBucket.held != held,
                CapacityBucket.confirmed != confirmed,
                CapacityBucket.held + CapacityBucket.confirmed > CapacityBucket.cap,
            )
        )
    )
    return _halves_add_up(session) + [
        f"bucket {row[0]}: cap {row[1]}, counters {row[2]}+{row[3]}, reservations {row[4]}+{row[5]}" for row in rows
    ]


def _halves_add_up(session: Session) -> list[str]:
    """Compare what the half days say is taken of them with the reservations that are tied to them."""

    def of(half: str):  # type: ignore[no-untyped-def]
        return (
            select(func.coalesce(func.sum(ReservationLine.amount), 0))
            .join(Reservation, Reservation.id == ReservationLine.reservation_id)
            .where(
                ReservationLine.bucket_id == CapacityBucket.id,
                ReservationLine.half == half,
                Reservation.state != ReservationState.RELEASED,
            )
            .correlate(CapacityBucket)
            .scalar_subquery()
        )

    counters = (CapacityBucket.morning_taken, CapacityBucket.afternoon_taken)
    sums = (of(MORNING), of(AFTERNOON))
    rows = session.execute(
        select(CapacityBucket.id, *counters, *sums).where(or_(*(a != b for a, b in zip(counters, sums, strict=True))))
    )
    return [f"bucket {row[0]}: half days {row[1]}+{row[2]}, reservations {row[3]}+{row[4]}" for row in rows]


CHECKS: tuple[tuple[str, Check], ...] = (("P4 capacity adds up", capacity_adds_up),)
