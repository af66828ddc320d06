"""What somebody would like to order, looked at as if it lay in a basket. Reads only, keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Offer, OrderCycle, Product
from shortchain.containers.models import ContainerType
from shortchain.enterprises import buying
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.errors import Invalid, Kind
from shortchain.kernel.quantity import Unit, base_unit
from shortchain.ordering.basket_rows import IN_CONTAINER, OFFER_FACTS, BasketRow, BasketView, row_of
from shortchain.ordering.models import IfMissing

GONE, UNIT, AMOUNT, MOST, SOLD_OUT, CYCLE = (
    "not_for_sale",
    "wrong_unit",
    "wrong_amount",
    "too_much",
    "sold_out",
    "other_cycle",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An amount of an offer (by public id), in base units of `unit`."""

    offer: str
    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line can not be ordered like this. `row` says what is sold; None when it is not for sale."""

    line: int
    code: str
    row: BasketRow | None = None


class BadLines(Invalid):
    """One or more lines can not be ordered like this; `faults` names every one, not only the first.

    A conflict when all that is wrong is that somebody was first.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)
        if all(fault.code == SOLD_OUT for fault in faults):
            self.kind = Kind.CONFLICT


_WISHED = (
    select(*OFFER_FACTS)
    .select_from(Offer)
    .join(Product, Product.id == Offer.product_id)
    .join(Enterprise, Enterprise.id == Product.farm_id)
    .join(OrderCycle, OrderCycle.id == Offer.cycle_id)
    .outerjoin(ContainerType, IN_CONTAINER)
    .where(Offer.public_id.in_(bindparam("offers", expanding=True)))
)


def view_of(
    session: Session, *, wishes: Sequence[Wish], postcode: str, now: datetime, user_id: int | None = None
) -> BasketView:
    """Show wishes as the basket of somebody (or of a guest) would show them, at the prices of now.

    :raises BadLines: when a line is not for sale, or not in this amount, or they are of several cycles
    """
    asked = {"offers": [wish.offer for wish in wishes], "today": now.date()}
    found = {row.offer_public_id: row for row in session.execute(_WISHED, asked)}
    grants = buying.grants_of(session, user_id=user_id)
    rows: list[BasketRow] = []
    faults: list[Fault] = []
    for number, wish in enumerate(wishes):
        known = found.get(wish.offer)
        if known is None:
            faults.append(Fault(number, GONE))
            continue
        row = row_of(
            known,
            amount=wish.amount,
            shown_price_cents=None,
            if_missing=IfMissing.REFUND,
            now=now,
            grants=grants,
        )
        code = _fault(row, wish) or (CYCLE if rows and rows[0].cycle_id != row.cycle_id else "")
        if code:
            faults.append(Fault(number, code, row if code != GONE else None))
        rows.append(row)
    if faults:
        raise BadLines(faults)
    return BasketView("", postcode, tuple(sorted(rows, key=lambda row: row.farm_name)))


def _fault(row: BasketRow, wish: Wish) -> str:
    if not row.is_open:
        return GONE
    if wish.unit is not base_unit(row.sell_unit):
        return UNIT
    if row.amount < row.least or (row.amount - row.least) % row.step:
        return AMOUNT
    if row.most is not None and row.amount > row.most:
        return MOST
    return SOLD_OUT if row.is_short else ""
