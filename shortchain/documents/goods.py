"""The goods on a document: what was supplied of every order line, and what came instead.

A document is made after the goods were handed over, so it names what was supplied (Royal Decree no. 1 of the VAT Code,
art. 5: what was supplied and its price), not what was once ordered. What never came is no line and needs no
credit; what went back for goods that did come is a credit.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents import building
from shortchain.documents.values import Item
from shortchain.kernel.money import divide_rounded
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import line_refunds


def of_order(session: Session, *, order: Order) -> dict[int, list[Item]]:
    """Read what each farm supplied in an order; what cost nothing needs no line."""
    never_came = line_refunds.given(session, order_id=order.id, before_settling=True, reasons=line_refunds.NOT_SUPPLIED)
    found: dict[int, list[Item]] = {}
    for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)):
        found.setdefault(line.farm_id, []).extend(
            items_of(line, cents=line.sold_cents - never_came.get(line.id, 0), language=order.language)
        )
    return {farm: items for farm, items in found.items() if items}


def given_back(session: Session, *, order: Order, refund: str = "") -> dict[tuple[int, str, int], list[Item]]:
    """Name the goods for which money went back though they came, by farm, kind of share and rate.

    Before the order was divided; with the public id of a `refund` that one alone.
    """
    if refund:
        back = line_refunds.given_by(session, refund=refund)
    else:
        never_came = line_refunds.NOT_SUPPLIED
        all_of_it = line_refunds.given(session, order_id=order.id, before_settling=True)
        missing = line_refunds.given(session, order_id=order.id, before_settling=True, reasons=never_came)
        back = {line_id: cents - missing.get(line_id, 0) for line_id, cents in all_of_it.items()}
    found: dict[tuple[int, str, int], list[Item]] = {}
    for line in session.scalars(select(OrderLine).where(OrderLine.id.in_(back)).order_by(OrderLine.id)):
        if cents := back[line.id]:
            name = str(line.name.get(order.language) or line.name["nl"])
            item = building.refund_item(name, gross_cents=cents, rate_bp=line.vat_rate_bp, language=order.language)
            found.setdefault((line.farm_id, "goods", line.vat_rate_bp), []).append(item)
    return found


def items_of(line: OrderLine, *, cents: int, language: str) -> list[Item]:
    """Say what stands on paper for a line of which `cents` were kept: goods, and what came instead, if it did.

    Weighed goods stand by their true weight. A replacement is worth what is left of the price once the rest of the
    line is paid, so that the two add up to what was kept.
    """
    if not cents:
        return []
    if not line.replacement:
        return [_item(line, line.name, language, line.supplied or line.amount, cents)]
    rest = line.cost.left(missing=line.missing, dropped=line.dropped)
    parts = [
        (line.name, line.supplied, min(rest, cents) if line.supplied else 0),
        (line.replacement["name"], int(line.replacement["amount"]), cents - (min(rest, cents) if line.supplied else 0)),
    ]
    return [_item(line, name, language, amount, part) for name, amount, part in parts if part]


def _item(line: OrderLine, name: dict[str, str], language: str, amount: int, cents: int) -> Item:
    return building.item_of(
        str(name.get(language) or name["nl"]),
        sell_unit=SellUnit.KG if line.true_weight_g else line.sell_unit,
        amount=line.true_weight_g or amount,
        gross_cents=cents,
        rate_bp=line.vat_rate_bp,
        discount_cents=divide_rounded(line.discount_cents * cents, line.total_cents) if line.total_cents else 0,
    )
