"""What a hub gets back of its discount code when money of an order goes back: its part of it, and the customer the rest.

The hub paid a part of each line; of what goes back for a line it gets that part, of what goes back of the whole order
its part of the price. Deposits it never paid. The rule with worked examples is in docs/money.md.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from shortchain.ordering.discounts import part_of
from shortchain.ordering.models import Order, OrderLine
from shortchain.payments import deposit_refunds
from shortchain.payments import operations as payments
from shortchain.payments.tenders import DISCOUNT


def of_line(line: OrderLine, *, before_cents: int, cents: int) -> dict[str, int]:
    """Say what the hub gets of `cents` that go back for a line, of which `before_cents` went back; as `lost` takes it."""
    if not line.voucher_cents:
        return {}
    part = part_of(line.voucher_cents, total_cents=line.total_cents, before_cents=before_cents, cents=cents)
    return {DISCOUNT: part}


def of_all(session: Session, *, order: Order, cents: int) -> dict[str, int]:
    """Say what the hub gets of `cents` that go back of a whole order, as `lost` takes it; rounded down."""
    if order.code_id is None:
        return {}
    found = payments.counted_of(session, order_id=order.id)
    held = sum(one.out * one.each_cents for one in deposit_refunds.rows_of(session, order_id=order.id))
    left = sum(one.left_cents for one in found) - held
    paid = sum(one.left_cents for one in found if one.method == DISCOUNT)
    return {DISCOUNT: paid * min(cents, left) // left} if paid and left > 0 else {}
