"""Checks of `flask check --all` on prices: what offers ask of kinds of customers is what their farm said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Entry
from shortchain.catalogue.models import CycleState, ListPrice, Offer, OrderCycle, ShopItem

Check = Callable[[Session, datetime], list[str]]


def offers_ask_what_lists_say(session: Session, now: datetime) -> list[str]:
    """The prices of each offer that can still be ordered follow from its price and the lists of its product.

    What the shop's list shows of them is those of consumers.
    """
    entries: dict[int, list[Entry]] = {}
    for row in session.scalars(select(ListPrice)):
        entries.setdefault(row.product_id, []).append(Entry(row.price_list, row.from_amount, row.cents, row.less_bp))
    wrong = []
    offers = session.execute(
        select(Offer.public_id, Offer.product_id, Offer.price_cents, Offer.prices, ShopItem.steps)
        .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
        .outerjoin(ShopItem, ShopItem.offer_id == Offer.id)
        .where(
            Offer.is_active,
            OrderCycle.state.in_((CycleState.DRAFT, CycleState.OPEN)),
            OrderCycle.closes_at > now,
        )
        .order_by(Offer.id)
    )
    for public_id, product_id, price_cents, prices, steps in offers:
        expected = list_pricing.resolve(price_cents, entries.get(product_id, ()))
        if (prices or {}) != expected:
            wrong.append(f"offer {public_id} asks {prices}, its lists say {expected}")
        elif steps is not None and steps != list_pricing.as_text(expected):
            wrong.append(f"offer {public_id} shows the steps {steps!r}, its lists say {expected}")
    return wrong


CHECKS: tuple[tuple[str, Check], ...] = (("P1 offers ask what lists say", offers_ask_what_lists_say),)
