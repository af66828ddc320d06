"""Lots."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.kernel.quantity import base_unit
from shortchain.stock.models import Lot, StockMovement
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.saving import next_number, save


def lot(session: Session, product: Product, *, quantity: int = 100, **values: Any) -> Lot:
    """A harvest of today that keeps ten days; `quantity` in base units of the product."""
    values.setdefault("code", f"LOT{next_number():06}")
    values.setdefault("harvested_on", date(2026, 11, 23))
    values.setdefault("best_before", date(2026, 12, 3))
    values.setdefault("listed_at", MONDAY_MORNING)
    made = save(
        session,
        Lot(
            product_id=product.id,
            farm_id=product.farm_id,
            unit=base_unit(product.sell_unit),
            quantity=quantity,
            **values,
        ),
    )
    save(session, StockMovement(lot_id=made.id, kind="listed", amount=quantity, at=made.listed_at))
    return made
