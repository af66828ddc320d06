"""The prices of a product for kinds of customers and larger amounts: read, set, and laid on its offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue import list_pricing, shop_items
from shortchain.catalogue.list_pricing import Entry, Step
from shortchain.catalogue.models import ListPrice, Offer, OrderCycle, Product
from shortchain.enterprises import vat_charging
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import Grants, lists_for
from shortchain.journal import Actor
from shortchain.kernel.errors import N_


def entries_of(session: Session, *, product_id: int) -> list[Entry]:
    """List what a farm asks of a product by list and amount."""
    rows = session.scalars(
        select(ListPrice)
        .where(ListPrice.product_id == product_id)
        .order_by(ListPrice.price_list, ListPrice.from_amount)
    )
    return [Entry(row.price_list, row.from_amount, row.cents, row.less_bp) for row in rows]


def resolved(session: Session, *, product_id: int, price_cents: int) -> dict[str, list[list[int]]]:
    """Work out the prices of an offer of a product by list, see `list_pricing.resolve`."""
    return list_pricing.resolve(price_cents, entries_of(session, product_id=product_id))


def set_entries(
    session: Session, *, product: Product, entries: Sequence[Entry], price_cents: int | None, by: Actor, now: datetime
) -> None:
    """Ask these prices from now on, instead of all that were set, in every cycle in which one can still order.

    `price_cents` is what the product costs now, None when it never had a price. Orders that were placed keep theirs;
    who has it in a basket sees that it changed. Refreshes the shop.

    :raises BadListPrice: nothing was changed
    """
    if price_cents is None:
        raise list_pricing.BadListPrice(N_("Geef het product eerst een gewone prijs."))
    list_pricing.check(entries, price_cents=price_cents, least=product.least)
    session.execute(delete(ListPrice).where(ListPrice.product_id == product.id))
    session.add_all(
        ListPrice(
            product_id=product.id,
            price_list=one.price_list,
            from_amount=one.from_amount,
            cents=one.cents,
            less_bp=one.less_bp,
        )
        for one in entries
    )
    session.flush()
    offers = session.scalars(
        select(Offer)
        .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
        .where(Offer.product_id == product.id, OrderCycle.closes_at > now)
        .order_by(Offer.id)
    ).all()
    for offer in offers:
        offer.prices = list_pricing.resolve(offer.price_cents, entries)
    session.flush()
    shop_items.refresh_offers(session, offer_ids=[offer.id for offer in offers])
    journal.record(
        session,
        "product.list_priced",
        by=by,
        now=now,
        enterprise_id=product.farm_id,
        product=product.id,
        prices=list_pricing.resolve(price_cents, entries),
    )


@dataclass(frozen=True, slots=True)
class ForBuyer:
    """What an offer costs one buyer by amount, and whether its seller charges VAT."""

    steps: tuple[Step, ...]
    has_vat: bool


def for_buyer(session: Session, *, offer_ids: Sequence[int], grants: Grants, day: date) -> dict[int, ForBuyer]:
    """Read what offers cost somebody who may have prices of their own, by the offer's id; one query, none without."""
    if not grants or not offer_ids:
        return {}
    rows = session.execute(
        select(
            Offer.id,
            Offer.price_cents,
            Offer.prices,
            Offer.farm_id,
            OrderCycle.hub_id,
            vat_charging.charges(day).label("has_vat"),
        )
        .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
        .join(Enterprise, Enterprise.id == Offer.farm_id)
        .where(Offer.id.in_(offer_ids))
    )
    return {row.id: ForBuyer(steps_of(row, grants), row.has_vat) for row in rows}


def steps_of(row: Any, grants: Grants) -> tuple[Step, ...]:
    """Give the ladder of a row with price_cents, prices, farm_id and hub_id for a buyer."""
    lists = lists_for(grants, farm_id=row.farm_id, hub_id=row.hub_id) if grants else ()
    return list_pricing.ladder(row.price_cents, row.prices or {}, lists)
