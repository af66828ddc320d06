"""Which vouchers may pay a product, where its farm or a hub says otherwise than the rule of its category.

The rule is by category (`data/voucher_goods.csv`). A farm knows that its spelt cake is not what an issuer takes, or that its
soap has a label; a hub has the last word, since it answers to the issuer. Who says otherwise says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, case, cast, exists, or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue import search
from shortchain.catalogue.models import Offer, OrderCycle, Product, ShopItem
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound

METHODS = ("meal_voucher", "eco_voucher")
FARM, HUB = "farm", "hub"
YES, NO = "yes", "no"
MOST_FOUND = 30


class BadChoice(Invalid):
    """Something else than yes, no or the rule, or no reason."""

    message = N_("Schrijf waarom. De klant leest het bij het afrekenen.")


class HubDecided(Conflict):
    """The hub said it, and it answers to the issuer."""

    message = N_("De hub heeft hierover beslist. Vraag het aan de hub.")


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A product with what was said of it; `said` as `Product.vouchers`."""

    public_id: str
    name: dict[str, Any]
    farm: str
    category: str
    is_organic: bool
    said: dict[str, Any]


def say(
    session: Session,
    *,
    product: Product,
    said: dict[str, str],
    why: str,
    by_hub: bool,
    enterprise_id: int,
    by: Actor,
    now: datetime,
) -> None:
    """Say which vouchers may pay a product from now on: by way of paying "yes", "no" or "" for the rule.

    Orders that were placed keep what they had. A hub that goes back to the rule lets the farm say again.

    :raises BadChoice: for another word, or without a reason
    :raises HubDecided: when a farm speaks after a hub
    """
    if not by_hub and product.vouchers.get("by") == HUB:
        raise HubDecided()
    kept = {method: said.get(method, "") for method in METHODS if said.get(method, "")}
    if not set(kept.values()) <= {YES, NO}:
        raise BadChoice(fields=("meal_voucher",))
    words = " ".join(why.split())[:160]
    if kept and not words:
        raise BadChoice(fields=("why",))
    product.vouchers = {**kept, "why": words, "by": HUB if by_hub else FARM} if kept else {}
    session.flush()
    journal.record(
        session,
        "product.vouchers",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        product=product.id,
        said=product.vouchers,
    )


def of_farm(session: Session, *, public_id: str, farm_id: int) -> Product:
    """Load a product of a farm for changing it.

    :raises NotFound: when it is another's
    """
    return _one(session, Product.farm_id == farm_id, public_id)


def of_hub(session: Session, *, public_id: str, hub_id: int) -> Product:
    """Load a product that is or was offered in a cycle of a hub, for changing it.

    :raises NotFound: when it never was
    """
    return _one(session, _offered(hub_id), public_id)


def _one(session: Session, whose: Any, public_id: str) -> Product:
    found = session.scalar(
        select(Product)
        .where(Product.public_id == public_id, whose)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def _offered(hub_id: int) -> Any:
    return exists().where(Offer.product_id == Product.id, Offer.cycle_id == OrderCycle.id, OrderCycle.hub_id == hub_id)


def one_of_farm(session: Session, *, public_id: str, farm_id: int) -> ChoiceView:
    """Read what was said of a product of a farm.

    :raises NotFound: when it is another's
    """
    found = _views(session, (Product.public_id == public_id) & (Product.farm_id == farm_id))
    if not found:
        raise NotFound()
    return found[0]


def said_of_hub(session: Session, *, hub_id: int) -> Sequence[ChoiceView]:
    """List the products that are or were offered in cycles of a hub of which something was said."""
    return _views(session, _offered(hub_id) & Product.is_active & (cast(Product.vouchers, String) != "{}"))


def found_of_hub(session: Session, *, hub_id: int, query: str = "", public_id: str = "") -> Sequence[ChoiceView]:
    """Find products of a hub by the words of its shop, the best first, at most `MOST_FOUND`; or the one that was chosen."""
    if public_id:
        return _views(session, _offered(hub_id) & (Product.public_id == public_id))
    found = search.find(session, query=query)
    if found.is_nothing:
        return []
    rows = session.execute(
        select(ShopItem.product_id, ShopItem.text_id, ShopItem.farm_id)
        .join(OrderCycle, OrderCycle.id == ShopItem.cycle_id)
        .where(
            OrderCycle.hub_id == hub_id, or_(ShopItem.text_id.in_(found.texts[0]), ShopItem.farm_id.in_(found.farms[0]))
        )
        .distinct()
    )
    scores = {product: found.score(text, farm) for product, text, farm in rows}
    best = sorted((one for one, score in scores.items() if score), key=lambda one: (-scores[one], one))[:MOST_FOUND]
    if not best:
        return []
    place = case({one: rank for rank, one in enumerate(best)}, value=Product.id)
    return _views(session, Product.id.in_(best) & Product.is_active, place)


def _views(session: Session, whose: Any, *order: Any) -> list[ChoiceView]:
    rows = session.execute(
        select(Product, Enterprise.name)
        .join(Enterprise, Enterprise.id == Product.farm_id)
        .where(whose)
        .order_by(*order, Enterprise.name, Product.id)
    )
    return [
        ChoiceView(one.public_id, one.name, farm, one.category, one.is_organic, dict(one.vouchers))
        for one, farm in rows
    ]
