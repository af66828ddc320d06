"""What a farm listed: the last harvest of each product, what is left and sold of each lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.kernel.errors import NotFound
from shortchain.stock.models import Allocation, AllocationState, Lot, StockMovement

UNDO_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot of a product; amounts in base units."""

    public_id: str
    code: str
    harvested_on: date
    best_before: date
    quantity: int
    allocated: int

    @property
    def left(self) -> int:
        return self.quantity - self.allocated


@dataclass(frozen=True, slots=True)
class Listed:
    """A quick list that was just put in the shop."""

    key: str
    count: int
    listed_at: datetime


def last_amounts(session: Session, *, farm_id: int, today: date) -> dict[int, tuple[date, int]]:
    """Give per product the last day of harvest until today and how much was listed of it, in base units.

    What was withdrawn since counts as it was listed, so that "as last week" is what came off the field.
    """
    latest = (
        select(Lot.product_id, func.max(Lot.harvested_on).label("day"))
        .where(Lot.farm_id == farm_id, Lot.quantity > 0, Lot.harvested_on <= today)
        .group_by(Lot.product_id)
        .subquery()
    )
    rows = session.execute(
        select(Lot.product_id, Lot.harvested_on, func.sum(StockMovement.amount))
        .join(latest, (latest.c.product_id == Lot.product_id) & (latest.c.day == Lot.harvested_on))
        .join(StockMovement, (StockMovement.lot_id == Lot.id) & (StockMovement.kind == "listed"))
        .where(Lot.quantity > 0)
        .group_by(Lot.product_id, Lot.harvested_on)
    )
    return {row[0]: (row[1], int(row[2])) for row in rows}


def lots_of(session: Session, *, product_id: int, today: date) -> list[LotLine]:
    """List the lots of a product that keep until today or later, the oldest first."""
    rows = session.execute(
        select(Lot.public_id, Lot.code, Lot.harvested_on, Lot.best_before, Lot.quantity, Lot.allocated)
        .where(Lot.product_id == product_id, Lot.best_before >= today, Lot.quantity > 0)
        .order_by(Lot.best_before, Lot.id)
    )
    return [LotLine(*row) for row in rows]


def batch(session: Session, *, farm_id: int, key: str) -> Listed | None:
    """Find what a quick list with this key put in the shop, if it did."""
    row = session.execute(
        select(func.count(Lot.id), func.min(Lot.listed_at)).where(
            Lot.farm_id == farm_id, Lot.public_id.startswith(f"{key}.", autoescape=True)
        )
    ).one()
    return Listed(key, row[0], row[1]) if row[0] else None


def lots_of_batch(session: Session, *, farm_id: int, key: str) -> Sequence[Lot]:
    """Load the lots of a quick list, locked.

    :raises NotFound: when this farm listed nothing with this key
    """
    lots = session.scalars(
        select(Lot)
        .where(Lot.farm_id == farm_id, Lot.public_id.startswith(f"{key}.", autoescape=True))
        .order_by(Lot.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not lots:
        raise NotFound()
    return lots


def claims_on(session: Session, *, lot_public_id: str, farm_id: int) -> list[tuple[str, int]]:
    """List the claims on a lot with their amounts, in base units: order lines that were served from it."""
    rows = session.execute(
        select(Allocation.claim, Allocation.amount)
        .join(Lot, Lot.id == Allocation.lot_id)
        .where(
            Lot.public_id == lot_public_id,
            Lot.farm_id == farm_id,
            Allocation.state != AllocationState.RELEASED,
        )
        .order_by(Allocation.id)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Ageing:
    """A lot of which something is left and that must be sold before tomorrow night."""

    product: str
    name: dict[str, str]
    sell_unit: str
    left: int
    best_before: date


def ageing(session: Session, *, farm_id: int, today: date) -> list[Ageing]:
    """List what is left of lots that are at their best until today or tomorrow."""
    rows = session.execute(
        select(
            Product.public_id,
            Product.name,
            Product.sell_unit,
            func.sum(Lot.quantity - Lot.allocated),
            Lot.best_before,
        )
        .join(Product, Product.id == Lot.product_id)
        .where(
            Lot.farm_id == farm_id,
            Lot.best_before.between(today, today + timedelta(days=1)),
            Lot.allocated < Lot.quantity,
        )
        .group_by(Product.id, Product.public_id, Product.sell_unit, Lot.best_before)
        .order_by(Lot.best_before, Product.id)
    )
    return [Ageing(row[0], row[1], row[2], int(row[3]), row[4]) for row in rows]
