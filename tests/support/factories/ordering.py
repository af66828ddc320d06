"""Orders as rows, for tests that are not about placing them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow, Offer, OrderCycle, Product, WindowKind
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine, OrderState
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.saving import next_number, save


def order(
    session: Session,
    cycle: OrderCycle,
    window: DeliveryWindow,
    *,
    email: str = "nele@post.example",
    goods_cents: int = 1000,
    services_cents: int = 0,
    **values: Any,
) -> Order:
    """A confirmed order of € 10,00 without lines, in Gent."""
    number, key = next_number(), uuid.uuid4().hex
    values.setdefault("name", "Nele")
    values.setdefault("state", OrderState.CONFIRMED)
    values.setdefault("postcode", "9000")
    values.setdefault("municipality", "Gent")
    values.setdefault("street", "Kouter 1" if window.kind is WindowKind.HOME else "")
    values.setdefault("placed_at", MONDAY_MORNING)
    values.setdefault("hold_until", MONDAY_MORNING + timedelta(minutes=15))
    return save(
        session,
        Order(
            number=f"SC-26-{number:05}",
            key=key,
            claim=str(uuid.uuid4()),
            tracking_hash=orders.hash_token(orders.tracking_token(key)),
            cycle_id=cycle.id,
            hub_id=cycle.hub_id,
            window_id=window.id,
            kind=window.kind,
            pickup_point_id=window.pickup_point_id,
            email=email,
            lat=51.05,
            lon=3.72,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            goods_cents=goods_cents,
            services_cents=services_cents,
            total_cents=goods_cents + services_cents,
            **values,
        ),
    )


def order_line(
    session: Session,
    order: Order,
    offer: Offer,
    product: Product,
    *,
    amount: int = 1,
    **values: Any,
) -> OrderLine:
    """One line of an order, at the price of its offer. The order's sums stay as they are."""
    values.setdefault("total_cents", offer.price_cents * amount)
    return save(
        session,
        OrderLine(
            order_id=order.id,
            claim=str(uuid.uuid4()),
            offer_id=offer.id,
            product_id=product.id,
            farm_id=product.farm_id,
            name=product.name,
            sell_unit=product.sell_unit,
            amount=amount,
            weight_g=product.weight_g * amount,
            price_cents=offer.price_cents,
            vat_rate_bp=600,
            storage_class=product.storage_class,
            is_organic=product.is_organic,
            allergens=product.allergens,
            **values,
        ),
    )
