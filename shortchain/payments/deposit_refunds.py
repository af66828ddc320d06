"""Deposits that go back to a customer: for containers that never came, and for those that came back.

Who owns the containers gives them back, nobody else: before the order is divided their share is that much smaller,
afterwards it is taken back from them (`payouts.shares.reverse_deposit`). There is no VAT and no fee on either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.ordering import deposits
from shortchain.ordering.models import Order, OrderDeposit, OrderLine
from shortchain.payments import giving_back
from shortchain.payments.models import Refund

RETURNED = "empties"
"""The reason of a refund for containers that came back."""


@dataclass(frozen=True, slots=True)
class Held:
    """Deposits of one kind in an order: the row, whose the containers are, how many, and what is held for them."""

    id: int
    container_id: int
    owner_id: int
    count: int
    cents: int


def held_of(session: Session, *, order: Order, as_supplied: bool = False) -> list[Held]:
    """List what is held for the containers of an order, as it was or will be divided.

    What went back before is off; with `as_supplied` only what went back for containers that never came, as the
    documents of the sale want it.
    """
    if not order.deposit_cents:
        return []
    given = _given(session, order.id, before_settling=True)
    return [
        Held(
            row.id,
            row.container_id,
            row.owner_id,
            row.count - row.cut,
            (row.count - row.cut) * row.each_cents if as_supplied else row.paid_cents - given.get(row.id, 0),
        )
        for row in rows_of(session, order_id=order.id)
    ]


def rows_of(session: Session, *, order_id: int) -> list[OrderDeposit]:
    """Load the deposits of an order: those of its lines, then its crates."""
    query = select(OrderDeposit).where(OrderDeposit.order_id == order_id).order_by(OrderDeposit.id)
    return list(session.scalars(query).all())


def _given(session: Session, order_id: int, *, before_settling: bool = False) -> dict[int, int]:
    query = (
        select(Refund.order_deposit_id, func.sum(Refund.amount_cents))
        .where(Refund.order_id == order_id, Refund.order_deposit_id.is_not(None))
        .group_by(Refund.order_deposit_id)
    )
    if before_settling:
        query = query.where(Refund.after_settling.is_(False))
    return {number: int(cents) for number, cents in session.execute(query) if number is not None}


def cut(session: Session, *, order: Order, reason: str, now: datetime) -> list[Refund]:
    """Owe the customer the deposit of what does not come any more, since goods do not; returns what goes back, by payment.

    Looks at the lines as they stand: a line needs a container for each piece that comes, with what replaces it in
    the same one; crates are counted anew by weight. Doing it again does nothing. The caller holds the lock of the
    order.
    """
    asked: list[Refund] = []
    for row, less in _needless(session, order, {}):
        row.cut += less
        asked += _give(session, order, row, less, reason, now)
    session.flush()
    return asked


def of_cut(session: Session, *, order: Order, off: Mapping[int, int]) -> int:
    """Say what deposit goes back when so much comes off lines, in base units by the id of the line; writes nothing."""
    return sum(less * row.each_cents for row, less in _needless(session, order, off))


def _needless(session: Session, order: Order, off: Mapping[int, int]) -> list[tuple[OrderDeposit, int]]:
    if not order.deposit_cents:
        return []
    lines = {line.id: line for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))}
    comes = {number: line.supplied - off.get(number, 0) for number, line in lines.items()}
    crates = deposits.crates_for(sum(_grams(line, comes[line.id]) for line in lines.values()))
    found = []
    for row in rows_of(session, order_id=order.id):
        number = row.order_line_id
        needed = crates if number is None else _pieces(lines[number], comes[number], row)
        less = row.out - max(needed - row.returned, 0)
        if less > 0:
            found.append((row, less))
    return found


def _grams(line: OrderLine, comes: int) -> int:
    return line.weight_g * comes // line.amount + int(line.replacement.get("weight_g", 0))


def _pieces(line: OrderLine, comes: int, row: OrderDeposit) -> int:
    same = line.replacement.get("container_id") == row.container_id
    return comes + (int(line.replacement.get("amount", 0)) if same else 0)


def give_for_return(session: Session, *, order: Order, row: OrderDeposit, count: int, now: datetime) -> list[Refund]:
    """Owe the customer the deposit of containers that came back; returns what goes back, by payment.

    While the order is owed itself, nothing is sent: so much less is owed. The caller holds the lock of the order, and
    books where the containers went.

    :raises ValueError: for more than are out, or none
    """
    if not 0 < count <= row.out:
        raise ValueError("only what is out comes back")
    row.returned += count
    asked = _give(session, order, row, count, RETURNED, now)
    session.flush()
    return asked


def _give(session: Session, order: Order, row: OrderDeposit, count: int, reason: str, now: datetime) -> list[Refund]:
    """Ask for the refund; where nearly everything went back before, the deposit went with it and less is left."""
    cents = min(count * row.each_cents, giving_back.left_of(session, order_id=order.id))
    if cents <= 0:
        return []
    asked = giving_back.owe(session, order=order, amount_cents=cents, reason=reason, now=now)
    for refund in asked:
        refund.order_deposit_id = row.id
    return asked
