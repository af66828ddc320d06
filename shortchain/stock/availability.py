"""Reads of what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import ShopItem
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


def _left() -> ScalarSelect[int]:
    return (
        select(func.sum(Lot.quantity - Lot.allocated))
        .where(Lot.product_id == ShopItem.product_id, Lot.best_before >= bindparam("day"))
        .scalar_subquery()
    )


def _harvested_on() -> ScalarSelect[date]:
    return (
        select(func.min(Lot.harvested_on))
        .where(Lot.product_id == ShopItem.product_id, Lot.best_before >= bindparam("day"), Lot.allocated < Lot.quantity)
        .scalar_subquery()
    )


_TICKETS: dict[str, Any] = {
    language: select(
        ShopItem.offer_id, ShopItem.public_id, ShopItem.slug, name.label("name"), ShopItem.farm_id,
        ShopItem.farm_name, ShopItem.category, ShopItem.price_cents, ShopItem.unit_cents, ShopItem.unit_per,
        ShopItem.sell_unit, ShopItem.net_amount, ShopItem.net_unit, ShopItem.allergens, ShopItem.organic_until,
        ShopItem.photo, _left().label("left"), _harvested_on().label("harvested_on"),
    ).where(ShopItem.offer_id.in_(bindparam("ids", expanding=True)))
    for language, name in (("nl", ShopItem.name_nl), ("fr", ShopItem.name_fr), ("en", ShopItem.name_en))
}


def tickets(session: Session, *, offer_ids: Sequence[int], language: str, day: date) -> list[Row[Any]]:
    """Read what the tickets of some offers show, in their order; one query.

    `left` counts base units that keep until `day` (None when nothing was ever listed), `harvested_on`
    is the first harvest of them.
    """
    if not offer_ids:
        return []
    rows = session.execute(_TICKETS[language], {"ids": list(offer_ids), "day": day})
    by_id = {row[0]: row for row in rows}
    return [by_id[number] for number in offer_ids if number in by_id]


def lots_for_sale(session: Session, *, product_id: int, day: date) -> Sequence[Row[Any]]:
    """List the lots of a product that keep until `day`: harvested_on, best_before, left."""
    return session.execute(
        select(Lot.harvested_on, Lot.best_before, (Lot.quantity - Lot.allocated).label("left"))
        .where(Lot.product_id == product_id, Lot.best_before >= day, Lot.allocated < Lot.quantity)
        .order_by(Lot.best_before, Lot.id)
    ).all()
