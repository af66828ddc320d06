"""Products, cycles, windows and offers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.catalogue import shop_items
from shortchain.catalogue.models import (
    CycleState,
    DeliveryWindow,
    Offer,
    OrderCycle,
    Product,
    WindowKind,
)
from shortchain.enterprises.models import Enterprise, PickupPoint
from shortchain.kernel.quantity import SellUnit
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import enterprises
from tests.support.factories.saving import commit, next_number, save

ALLERGENS = ("AC", "AE", "AF", "AM", "AN", "AP", "AS", "AU", "AW", "AY", "BC", "BM", "NL", "UM")
THURSDAY_AT_5 = datetime.fromisoformat("2026-11-26T16:00:00+00:00")
"""Thursday 26 November 2026, 17 o'clock in Brussels."""


def product(
    session: Session,
    farm: Enterprise,
    *,
    name: str = "Prei",
    sell_unit: SellUnit = SellUnit.PIECE,
    **values: Any,
) -> Product:
    """A vegetable sold by the piece, of 250 g, free of allergens."""
    values.setdefault("slug", f"product-{next_number()}")
    values.setdefault("category", "VEG.ALL")
    values.setdefault("weight_g", 250)
    values.setdefault("storage_class", "COOL")
    values.setdefault("allergens", dict.fromkeys(ALLERGENS, "free"))
    values.setdefault("created_at", MONDAY_MORNING)
    return save(
        session,
        Product(
            farm_id=farm.id,
            name={"nl": name, "fr": name, "en": name},
            sell_unit=sell_unit,
            **values,
        ),
    )


def cycle(session: Session, hub: Enterprise | None = None, **values: Any) -> OrderCycle:
    """An open cycle that closes on Wednesday at noon."""
    hub = hub or enterprises.hub(session)
    values.setdefault("name", "Week 48")
    values.setdefault("opens_at", MONDAY_MORNING - timedelta(days=3))
    values.setdefault("closes_at", MONDAY_MORNING + timedelta(days=2, hours=2))
    values.setdefault("state", CycleState.OPEN)
    values.setdefault("created_at", MONDAY_MORNING - timedelta(days=4))
    return save(session, OrderCycle(hub_id=hub.id, **values))


def window(
    session: Session,
    cycle: OrderCycle,
    *,
    point: PickupPoint | None = None,
    starts_at: datetime = THURSDAY_AT_5,
    hours: float = 2,
    places: int = 20,
    **values: Any,
) -> DeliveryWindow:
    """A window on Thursday from 17 to 19: at home, or at a pick-up point when one is given."""
    return save(
        session,
        DeliveryWindow(
            cycle_id=cycle.id,
            kind=WindowKind.PICKUP if point else WindowKind.HOME,
            pickup_point_id=point.id if point else None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            places=places,
            **values,
        ),
    )


def offer(
    session: Session,
    product: Product,
    cycle: OrderCycle,
    *,
    price_cents: int = 240,
    shelved: bool = True,
    **values: Any,
) -> Offer:
    """The product in the cycle at € 2,40, on the shelf of the shop too unless somebody puts several there at once."""
    values.setdefault("created_at", MONDAY_MORNING)
    made = save(
        session,
        Offer(
            product_id=product.id,
            farm_id=product.farm_id,
            cycle_id=cycle.id,
            price_cents=price_cents,
            **values,
        ),
    )
    if shelved:
        shop_items.refresh_offers(session, offer_ids=[made.id])
        commit(session)
    return made
