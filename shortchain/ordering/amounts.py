"""How much − and + change, and what one offer looks like on a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import Step
from shortchain.catalogue.models import CycleState, Offer, OrderCycle, Product
from shortchain.catalogue.reductions import Reduction, standing
from shortchain.enterprises import buying, vat_charging
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import lists_for
from shortchain.kernel.errors import N_, NotFound
from shortchain.kernel.quantity import SellUnit, Unit
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Basket
from shortchain.stock.models import Lot


@dataclass(frozen=True, slots=True)
class Offered:
    """What a ticket shows of an offer; amounts in base units."""

    public_id: str
    slug: str
    name: dict[str, Any]
    farm_name: str
    price_cents: int
    reduction: Reduction | None
    sell_unit: SellUnit
    net_amount: int | None
    net_unit: Unit | None
    step: int
    least: int
    most: int | None
    left: int
    is_open: bool
    steps: tuple[Step, ...]
    has_vat: bool
    category: str


def offered(session: Session, *, public_id: str, now: datetime, user_id: int | None = None) -> Offered:
    """Read one offer at the prices of somebody, or of a guest; `price_cents` is that of a single sell unit.

    :raises NotFound: when there is no such offer
    """
    row = session.execute(
        select(Offer, Product, OrderCycle, Enterprise.name, vat_charging.charges(local_day(now)))
        .join(Product, Product.id == Offer.product_id)
        .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
        .join(Enterprise, Enterprise.id == Product.farm_id)
        .where(Offer.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Dit product is niet meer te koop."))
    offer, product, cycle, farm_name, has_vat = row
    lists = lists_for(buying.grants_of(session, user_id=user_id), farm_id=offer.farm_id, hub_id=cycle.hub_id)
    steps = list_pricing.ladder(offer.price_cents, offer.prices or {}, lists)
    left = session.scalar(
        select(func.coalesce(func.sum(Lot.quantity - Lot.allocated), 0)).where(
            Lot.product_id == product.id, Lot.best_before >= now.date()
        )
    )
    is_open = (
        offer.is_active
        and product.is_active
        and cycle.state is CycleState.OPEN
        and cycle.opens_at <= now < cycle.closes_at
    )
    return Offered(
        offer.public_id,
        product.slug,
        product.name,
        farm_name,
        steps[0].cents,
        standing(
            offer.price_cents,
            was_cents=offer.was_cents,
            kind=offer.was_kind,
            until=offer.was_until,
            today=local_day(now),
        )
        if steps[0].cents == offer.price_cents
        else None,
        product.sell_unit,
        product.net_amount,
        product.net_unit,
        product.step,
        product.least,
        product.most,
        int(left or 0),
        is_open,
        steps,
        has_vat,
        product.category,
    )


def amount_in(basket: Basket, *, offer_id: int) -> int:
    """Say how much of an offer lies in a loaded basket, in base units."""
    return next((line.amount for line in basket.lines if line.offer_id == offer_id), 0)


def stepped(session: Session, *, basket: Basket, offer_public_id: str, up: bool) -> int:
    """Say which amount comes after a press on + or −: the least first, then step by step; zero is out.

    :raises NotFound: when there is no such offer
    """
    row = session.execute(
        select(Offer.id, Product.step, Product.least)
        .join(Product, Product.id == Offer.product_id)
        .where(Offer.public_id == offer_public_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("Dit product is niet meer te koop."))
    now_in = amount_in(basket, offer_id=row.id)
    if up:
        return int(now_in + row.step if now_in else row.least)
    fewer: int = now_in - row.step
    return fewer if fewer >= int(row.least) else 0
