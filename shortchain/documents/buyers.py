"""Notes for which enterprise an order was bought, as long as its documents are not made."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.documents.models import BusinessBuyer, Document
from shortchain.enterprises.founding import normal_kbo
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.ordering.models import Order, OrderState

STILL = (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED, OrderState.DELIVERED)
_POSTCODE = re.compile(r"[1-9][0-9]{3}")


class DocumentsMade(Conflict):
    """The documents speak of a buyer already."""

    message = N_("De documenten van deze bestelling zijn al gemaakt. Ze kunnen niet meer veranderen.")


class Incomplete(Invalid):
    """An invoice needs the name and the address of the buyer."""

    message = N_("Vul de naam en het adres van het bedrijf in.")


def of_order(session: Session, *, order_id: int) -> BusinessBuyer | None:
    """Give the enterprise for which an order was bought, if somebody named one."""
    return session.get(BusinessBuyer, order_id)


def can_name(session: Session, *, order_id: int) -> bool:
    """Say whether a buyer can still be named: the order lives and nothing is made of it."""
    state = session.scalar(select(Order.state).where(Order.id == order_id))
    return state in STILL and not _is_made(session, order_id)


def name(
    session: Session,
    *,
    order: Order,
    kbo: str,
    company: str,
    street: str,
    postcode: str,
    municipality: str,
    is_vat_liable: bool,
    now: datetime,
    by: Actor,
) -> BusinessBuyer:
    """Note the enterprise that buys; a second time changes it. The order must be locked.

    :raises BadKbo: when the number is not one of an enterprise
    :raises Incomplete: when a part of the name or the address is missing
    :raises DocumentsMade: when it is too late
    """
    if order.state not in STILL or _is_made(session, order.id):
        raise DocumentsMade()
    number = normal_kbo(kbo)
    texts = {
        "company": " ".join(company.split())[:120],
        "street": " ".join(street.split())[:160],
        "municipality": " ".join(municipality.split())[:80],
        "postcode": postcode.strip() if _POSTCODE.fullmatch(postcode.strip()) else "",
    }
    missing = tuple(field for field, text in texts.items() if not text)
    if missing:
        raise Incomplete(fields=missing)
    buyer = session.get(BusinessBuyer, order.id)
    if buyer is None:
        buyer = BusinessBuyer(order_id=order.id)
        session.add(buyer)
    buyer.kbo, buyer.name, buyer.street = number, texts["company"], texts["street"]
    buyer.postcode, buyer.municipality = texts["postcode"], texts["municipality"]
    buyer.email, buyer.is_vat_liable, buyer.named_at = order.email, is_vat_liable, now
    session.flush()
    journal.record(session, "order.buyer_named", by=by, now=now, order_id=order.id, kbo=number)
    return buyer


def _is_made(session: Session, order_id: int) -> bool:
    return session.scalar(select(Document.id).where(Document.order_id == order_id).limit(1)) is not None
