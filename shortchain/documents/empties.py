"""The containers on a document: what came along with an order and is to come back, per owner and kind."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shortchain.containers.models import ContainerType
from shortchain.documents import building
from shortchain.documents.values import Item
from shortchain.ordering.models import Order
from shortchain.payments import deposit_refunds


def of_order(session: Session, *, order: Order) -> dict[int, list[Item]]:
    """Read whose containers came with an order, as they were delivered; what never came needs no line."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for held in deposit_refunds.held_of(session, order=order, as_supplied=True):
        kind = session.get_one(ContainerType, held.container_id).kind.value
        count, cents = sums.get((held.owner_id, kind), (0, 0))
        sums[held.owner_id, kind] = (count + held.count, cents + held.cents)
    found: dict[int, list[Item]] = {}
    for (owner, kind), (count, cents) in sums.items():
        if count:
            item = building.deposit_item(kind, count=count, gross_cents=cents, language=order.language)
            found.setdefault(owner, []).append(item)
    return found
