"""Checks of `flask check --all` on stock: lots against movements and allocations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shortchain.stock.models import Allocation, AllocationState, Lot, StockMovement

Check = Callable[[Session, datetime], list[str]]


def stock_adds_up(session: Session, now: datetime) -> list[str]:
    """Each lot holds what its movements say, and has set aside what its allocations say."""
    counted = (
        select(Allocation.lot_id, func.sum(Allocation.amount).label("amount"))
        .where(Allocation.state != AllocationState.RELEASED)
        .group_by(Allocation.lot_id)
        .subquery()
    )
    moved = (
        select(StockMovement.lot_id, func.sum(StockMovement.amount).label("amount"))
        .group_by(StockMovement.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Lot.code, Lot.quantity, Lot.allocated, func.coalesce(counted.c.amount, 0), func.coalesce(moved.c.amount, 0)
        )
        .outerjoin(counted, counted.c.lot_id == Lot.id)
        .outerjoin(moved, moved.c.lot_id == Lot.id)
        .where(
            or_(
                Lot.allocated != func.coalesce(counted.c.amount, 0),
                Lot.quantity != func.coalesce(moved.c.amount, 0),
                Lot.allocated > Lot.quantity,
            )
        )
    )
    return [
        f"lot {code}: holds {quantity} (movements {movements}), set aside {allocated} (allocations {claims})"
        for code, quantity, allocated, claims, movements in rows
    ]


CHECKS: tuple[tuple[str, Check], ...] = (("P3 stock adds up", stock_adds_up),)
