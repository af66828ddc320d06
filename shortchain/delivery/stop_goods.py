"""What is fetched at a place for who works on it next: goods, and not orders, since nothing is packed yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.delivery.leg_goods import lines_on
from shortchain.delivery.models import Leg, LegState
from shortchain.kernel.quantity import SellUnit


@dataclass(frozen=True, slots=True)
class FetchedGoods:
    """So much of a product, in base units and grams, that goes to one place; `cold` names its class if it must stay so."""

    name: Mapping[str, Any]
    sell_unit: SellUnit
    amount: int
    weight_g: int
    goes_to: str
    cold: tuple[str, ...]


def goods_on(session: Session, *, leg_ids: Collection[int]) -> list[FetchedGoods]:
    """Add up what travels on some legs to who works on it next, by destination and name; last legs count for nothing."""
    legs = session.scalars(
        select(Leg)
        .where(Leg.id.in_(leg_ids), Leg.to_enterprise_id.is_not(None), Leg.state != LegState.WITHDRAWN)
        .order_by(Leg.id)
    ).all()
    lines = lines_on(session, legs)
    sums: dict[tuple[str, int], FetchedGoods] = {}
    for leg in legs:
        for line in lines[leg.id]:
            if line.supplied:
                _add(sums, leg, line.product_id, line.name, line.supplied, line.supplied_weight_g, line)
            if line.replacement:
                instead = line.replacement
                _add(sums, leg, instead["product_id"], instead["name"], instead["amount"], instead["weight_g"], line)
    return sorted(sums.values(), key=lambda one: (one.goes_to, str(one.name.get("nl", ""))))


def _add(
    sums: dict[tuple[str, int], FetchedGoods],
    leg: Leg,
    product_id: int,
    name: Mapping[str, Any],
    amount: int,
    grams: int,
    line: Any,
) -> None:
    key = leg.to_label, product_id
    was = sums.get(key)
    more = (was.amount, was.weight_g) if was else (0, 0)
    cold = (line.storage_class,) if data.storage_classes()[line.storage_class].is_conditioned else ()
    sums[key] = FetchedGoods(name, line.sell_unit, amount + more[0], grams + more[1], leg.to_label, cold)
