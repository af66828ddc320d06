"""Money that goes back for one line of an order: who sold the line pays it, nobody else.

Before the order is divided it lowers the goods of that line; afterwards it is taken back from the farm that sold
them, with the platform's fee on them (`payouts.shares.reverse_goods`). VAT follows the rate of the line.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.kernel.errors import N_, Conflict, Invalid
from shortchain.kernel.money import Money
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.payments import giving_back, shared_codes, vouchers
from shortchain.payments.models import Refund

SHORT, CHANGED = "short", "changed"
"""Reasons: the farm turned out not to have it; the customer took it off while that could be."""

NOT_SUPPLIED = (SHORT, CHANGED)
"""What went back for these was never supplied. Any other reason is about goods that came."""

STANDS = (OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED)

SOLD_CENTS = (
    OrderLine.total_cents
    - OrderLine.less_cents
    - func.coalesce(
        select(func.sum(Refund.amount_cents))
        .where(Refund.order_line_id == OrderLine.id, Refund.after_settling.is_(False))
        .correlate(OrderLine)
        .scalar_subquery(),
        0,
    )
)
"""What a line cost in the end, as the order was or will be divided: an expression for queries."""


class TooMuch(Invalid):
    """More was asked back for a line than is left of it, or of the payment."""

    message = N_("Voor deze regel kan hoogstens %(most)s terug.")


class WeighFirst(Conflict):
    """Goods that are paid by weight have no price until they lie on the scale."""

    message = N_("Dit wordt nog gewogen. Wacht tot het is ingepakt.")


class NotPaid(Conflict):
    """Nobody paid this order, or it was called off and all of it went back."""

    message = N_("Van deze bestelling kan niets terug: ze is niet betaald of ze is geannuleerd.")


def given(
    session: Session, *, order_id: int, before_settling: bool = False, reasons: tuple[str, ...] = ()
) -> dict[int, int]:
    """Add up what went back per line of an order, in cents by the id of the line.

    With `before_settling` only what lowered the goods before the order was divided; `reasons` names which of it.
    """
    query = (
        select(Refund.order_line_id, func.sum(Refund.amount_cents))
        .where(Refund.order_id == order_id, Refund.order_line_id.is_not(None))
        .group_by(Refund.order_line_id)
    )
    if before_settling:
        query = query.where(Refund.after_settling.is_(False))
    if reasons:
        query = query.where(Refund.reason.in_(reasons))
    return {line_id: int(cents) for line_id, cents in session.execute(query) if line_id is not None}


def given_by(session: Session, *, refund: str) -> dict[int, int]:
    """Say for which line of an order a refund is, in cents by the id of the line; nothing for one of all the order."""
    rows = session.execute(
        select(Refund.order_line_id, Refund.amount_cents).where(
            Refund.public_id == refund, Refund.order_line_id.is_not(None)
        )
    )
    return {line_id: cents for line_id, cents in rows if line_id is not None}


def given_of_all(session: Session) -> dict[int, int]:
    """Add up what went back per line, of every order: for checks."""
    rows = session.execute(
        select(Refund.order_line_id, func.sum(Refund.amount_cents))
        .where(Refund.order_line_id.is_not(None))
        .group_by(Refund.order_line_id)
    )
    return {line_id: int(cents) for line_id, cents in rows if line_id is not None}


def most(session: Session, *, order: Order, unweighed: bool = False) -> dict[int, int]:
    """Say how much may go back for each line of an order at most, in cents by the id of the line.

    That is what the line cost less what went back for it, and never more than is left of what was paid; nothing
    where nothing is paid, and for goods that are still to be weighed. For pieces that do not come (`unweighed`) the
    most that they may weigh was paid, so that is what counts of them.
    """
    left = giving_back.left_of(session, order_id=order.id) if order.state in STANDS else 0
    back = given(session, order_id=order.id)
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))
    return {
        line.id: 0
        if _must_be_weighed(line) and not unweighed
        else max(0, min(left, line.sold_cents - back.get(line.id, 0)))
        for line in lines
    }


def give_back(
    session: Session,
    *,
    order: Order,
    line: OrderLine,
    amount_cents: int,
    reason: str,
    now: datetime,
    as_card: bool = False,
) -> list[Refund]:
    """Owe the customer money for one line, each part to where it came from, or what was money `as_card`.

    The caller holds the lock of the order.

    :raises NotPaid: when the order is not paid, or called off
    :raises WeighFirst: for goods that are paid by weight and not weighed
    :raises TooMuch: for more than is left of the line or of the payment, or for nothing
    """
    if order.state not in STANDS:
        raise NotPaid()
    never_comes = reason in NOT_SUPPLIED
    if _must_be_weighed(line) and not never_comes:
        raise WeighFirst()
    before = given(session, order_id=order.id).get(line.id, 0) + line.less_cents
    at_most = most(session, order=order, unweighed=never_comes)[line.id]
    if not 0 < amount_cents <= at_most:
        raise TooMuch(most=Money(at_most))
    return giving_back.owe(
        session,
        order=order,
        amount_cents=amount_cents,
        reason=reason,
        line_id=line.id,
        lost=dict.fromkeys(vouchers.pays(line), amount_cents)
        | shared_codes.of_line(line, before_cents=before, cents=amount_cents),
        now=now,
        as_card=as_card,
    )


def _must_be_weighed(line: OrderLine) -> bool:
    return line.supplied_max_weight_g is not None and line.true_weight_g is None
