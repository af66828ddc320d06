"""Reads of what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Row, String, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session

from shortchain.catalogue import browse, open_cycles
from shortchain.catalogue.models import Product, ShopItem
from shortchain.kernel.errors import NotFound
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


_ITEM, _LOT = ShopItem.__table__.c, Lot.__table__.c  # plain columns: a list needs no entities


def _kept() -> ColumnElement[bool]:
    return and_(_LOT.product_id == _ITEM.product_id, _LOT.best_before >= bindparam("day"))


_OF: BindParameter[Any] = bindparam("ids", expanding=True)
_STATE = (
    select(func.aggregate_strings(_LOT.public_id + ":" + cast(_LOT.quantity - _LOT.allocated, String), " "))
    .join_from(ShopItem.__table__, Lot.__table__, _kept())
    .where(_ITEM.offer_id.in_(_OF))
    .correlate(None)
    .scalar_subquery()
    .label("state")
)
"""The lots of some offers that keep until a day, each with what is left of it; a lot's harvest never changes."""
_STAMP: Any = select(_STATE, *open_cycles.MARKS)
_TICKETS: dict[str, Any] = {
    language: select(
        _ITEM.offer_id,
        _ITEM.public_id,
        _ITEM.slug,
        _ITEM[f"name_{language}"].label("name"),
        _ITEM.farm_id,
        _ITEM.farm_name,
        _ITEM.category,
        _ITEM.price_cents,
        _ITEM.unit_cents,
        _ITEM.unit_per,
        _ITEM.sell_unit,
        _ITEM.net_amount,
        _ITEM.net_unit,
        _ITEM.allergens,
        _ITEM.organic_until,
        _ITEM.photo,
        _ITEM.was_cents,
        _ITEM.was_kind,
        _ITEM.was_until,
        _ITEM.steps,
        select(func.sum(_LOT.quantity - _LOT.allocated)).where(_kept()).scalar_subquery().label("left"),
        select(func.min(_LOT.harvested_on))
        .where(_kept(), _LOT.allocated < _LOT.quantity)
        .scalar_subquery()
        .label("harvested_on"),
        _STATE,
        *open_cycles.MARKS,
    ).where(_ITEM.offer_id.in_(_OF))
    for language in ("nl", "fr", "en")
}


def tickets(session: Session, *, offer_ids: Sequence[int], language: str, day: date) -> list[Row[Any]]:
    """Read what the tickets of some offers show, in their order; one query.

    `left` counts base units that keep until `day` (None when nothing was ever listed), `harvested_on`
    is the first harvest of them. `state` is that of `stamp`; `shop_mark` and `cycles_mark` say whether a remembered cycle still holds.
    """
    if not offer_ids:
        return []
    rows = session.execute(_TICKETS[language], {"ids": list(offer_ids), "day": day})
    by_id = {row[0]: row for row in rows}
    return [by_id[number] for number in offer_ids if number in by_id]


def stamp(session: Session, *, offer_ids: Sequence[int], day: date) -> Row[Any]:
    """Read what tells whether the tickets of some offers are still as they were: (state, shop mark, cycles mark).

    What a ticket shows comes from the offer's row in the shop, which never changes under the same shop mark, and from
    the lots that keep until `day`, of which this names each with what is left. It is one row where `tickets` has
    twenty-four, so a page that was drawn before is found at a third of the cost.
    """
    return session.execute(_STAMP, {"ids": list(offer_ids), "day": day}).one()


_PRODUCT = Product.__table__.c
_LISTED: dict[str, Any] = {
    language: select(
        _ITEM.offer_id,
        _ITEM.public_id,
        _ITEM.slug,
        _ITEM[f"name_{language}"].label("name"),
        _ITEM.farm_id,
        _ITEM.farm_name,
        _ITEM.farm_slug,
        _ITEM.category,
        _ITEM.price_cents,
        _ITEM.unit_cents,
        _ITEM.unit_per,
        _ITEM.sell_unit,
        _ITEM.organic_until,
        _ITEM.steps,
        _ITEM.net_amount,
        _ITEM.net_unit,
        _PRODUCT.least,
        _PRODUCT.step,
        _PRODUCT.most,
        _PRODUCT.storage_class,
        _PRODUCT.allergens,
        select(func.sum(_LOT.quantity - _LOT.allocated)).where(_kept()).scalar_subquery().label("left"),
        select(func.min(_LOT.harvested_on))
        .where(_kept(), _LOT.allocated < _LOT.quantity)
        .scalar_subquery()
        .label("harvested_on"),
    )
    .join_from(ShopItem.__table__, Product.__table__, _PRODUCT.id == _ITEM.product_id)
    .where(_ITEM.offer_id.in_(bindparam("ids", expanding=True)))
    for language in ("nl", "fr", "en")
}


def listed(session: Session, *, offer_ids: Sequence[int], language: str, day: date) -> list[Row[Any]]:
    """Read what a program wants to know of some offers, in their order; one query.

    As `tickets`, and with the amounts in which a product is sold and its allergens one by one.
    """
    if not offer_ids:
        return []
    by_id = {row.offer_id: row for row in session.execute(_LISTED[language], {"ids": list(offer_ids), "day": day})}
    return [by_id[number] for number in offer_ids if number in by_id]


_STAMPED = len(browse.STAMP.selected_columns) + len(open_cycles.MARKS)
_FOR_SALE = (
    browse.STAMP.add_columns(
        *open_cycles.MARKS, _LOT.harvested_on, _LOT.best_before, (_LOT.quantity - _LOT.allocated).label("left")
    )
    .outerjoin(
        Lot.__table__,
        and_(
            _LOT.product_id == Product.__table__.c.id,
            _LOT.best_before >= bindparam("day"),
            _LOT.allocated < _LOT.quantity,
        ),
    )
    .order_by(_LOT.best_before, _LOT.id)
)


class LotForSale(NamedTuple):
    """What is left of a harvest, in base units."""

    harvested_on: date
    best_before: date
    left: int


def product_for_sale(
    session: Session, *, slug: str, cycle_id: int | None, today: date, day: date
) -> tuple[tuple[Any, ...], list[LotForSale]]:
    """Read what changes when the page of a product changes: its stamp, and its lots that keep until `day`.

    The last of the stamp are the marks that say whether a remembered cycle still holds.

    One query, because that page is asked most of all.

    :raises NotFound: when there is no such product
    """
    rows = session.execute(_FOR_SALE, {"slug": slug, "cycle": cycle_id or 0, "today": today, "day": day}).all()
    if not rows:
        raise NotFound
    lots = [LotForSale(*row[_STAMPED:]) for row in rows if row[_STAMPED] is not None]
    return tuple(rows[0][:_STAMPED]), lots
