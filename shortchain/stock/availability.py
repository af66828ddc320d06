"""Reads of what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.stock.models import Lot


def left_of(session: Session, *, product_ids: Sequence[int], on_day: date) -> dict[int, int]:
    """Say how much of each product is left that keeps until a day, in base units."""
    rows = session.execute(
        select(Lot.product_id, func.sum(Lot.quantity - Lot.allocated))
        .where(Lot.product_id.in_(product_ids), Lot.best_before >= on_day)
        .group_by(Lot.product_id)
    )
    found = {row[0]: int(row[1]) for row in rows}
    return {number: found.get(number, 0) for number in product_ids}
