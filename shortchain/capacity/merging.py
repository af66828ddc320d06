"""Joins what was reserved apart for one claim, so that it is freed together."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shortchain.capacity.models import Reservation


def merge(session: Session, *, key: str, into: str) -> None:
    """Make one confirmed reservation part of another of the same claim.

    What is promised per bucket stays as it is; the first one holds nothing any more.
    """
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.key.in_([key, into]))
        .order_by(Reservation.id)
        .options(selectinload(Reservation.lines))
        .with_for_update()
    ).all()
    extra, whole = (next(row for row in rows if row.key == name) for name in (key, into))
    own = {line.bucket_id: line for line in whole.lines}
    for line in list(extra.lines):
        if line.bucket_id in own:
            own[line.bucket_id].amount += line.amount
            session.delete(line)
        else:
            line.reservation_id = whole.id
    session.flush()
    session.expire(extra, ["lines"])
    extra.move("release")
    session.flush()
