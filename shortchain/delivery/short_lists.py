"""Reads for a farm that has less than it sold: of what, who would go short, and what could come instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.delivery import pick_lists
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import shortages
from shortchain.ordering.models import IfMissing, Order, OrderLine
from shortchain.ordering.shortages import Sold
from shortchain.stock import availability


@dataclass(frozen=True, slots=True)
class Heap:
    """So much of a product in base units: still to be brought, or left to send instead. `product` is a public id."""

    product: str
    name: Mapping[str, Any]
    sell_unit: SellUnit
    amount: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An order that would go short, by how much, and whether something alike may come."""

    number: str
    missing: int
    may_replace: bool


def waiting(session: Session, *, farm_id: int, day: date) -> list[Heap]:
    """List the products of which a shortage can be told for a day."""
    found: dict[int, list[OrderLine]] = {}
    for line in pick_lists.waiting_lines(session, farm_id=farm_id, day=day):
        found.setdefault(line.product_id, []).append(line)
    ids = {
        row[0]: row[1] for row in session.execute(select(Product.id, Product.public_id).where(Product.id.in_(found)))
    }
    return [
        Heap(ids[number], lines[0].name, lines[0].sell_unit, sum(line.supplied for line in lines))
        for number, lines in found.items()
    ]


def spares(session: Session, *, farm_id: int, day: date) -> list[Heap]:
    """List what a farm has left until after a day; what is paid by weight replaces nothing."""
    products = session.scalars(
        select(Product)
        .where(Product.farm_id == farm_id, Product.is_active.is_(True), Product.is_weighed.is_(False))
        .order_by(Product.id)
    ).all()
    left = availability.left_of(session, product_ids=[one.id for one in products], on_day=day)
    return [Heap(one.public_id, one.name, one.sell_unit, left[one.id]) for one in products if left[one.id] > 0]


def hits(session: Session, *, farm_id: int, day: date, product: str, missing: int) -> list[Hit]:
    """Say whose orders would go short, the last order first; empty for an amount that can not be."""
    number = session.scalar(select(Product.id).where(Product.public_id == product, Product.farm_id == farm_id))
    if number is None:
        return []
    lines = pick_lists.waiting_lines(session, farm_id=farm_id, day=day, product_id=number)
    try:
        parts = shortages.share([Sold(line.id, line.supplied) for line in lines], missing)
    except ValueError:
        return []
    by_id = {line.id: line for line in lines}
    numbers = {
        row[0]: row[1]
        for row in session.execute(
            select(Order.id, Order.number).where(Order.id.in_([line.order_id for line in lines]))
        )
    }
    return [
        Hit(
            numbers[by_id[one].order_id],
            part,
            by_id[one].if_missing is IfMissing.REPLACE
            and not by_id[one].replacement
            and by_id[one].max_weight_g is None,
        )
        for one, part in parts.items()
    ]
