"""Refunds that somebody made on the payment provider's own pages: taken over into our rows, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment, Refund, RefundState

REASON = "at_provider"
"""The reason of a refund that nobody asked for here."""


def known(session: Session, *, reference: str, key: str) -> list[Refund]:
    """List the refunds that one at the provider is: by its name there, or by the key that we gave with it."""
    mine = or_(Refund.reference == reference, Refund.public_id == key[:16]) if key else Refund.reference == reference
    return list(session.scalars(select(Refund).where(mine).order_by(Refund.id).with_for_update()))


def take_over(
    session: Session, *, payment: Payment, reference: str, cents: int, now: datetime
) -> tuple[list[Refund], int]:
    """Find or make the refunds that money which went back at the provider stands for; returns them, sent, and the cents
    for which there is no room.

    What waits to go back in just that amount is what somebody sent by hand. Else the money is a new refund as far as
    something is left of the payment, and beyond that it is what else waits, the oldest first; what is left of such a
    one waits on. There is no room for what went back twice, over the bank and at the provider. The caller holds the
    locks of order and payment, and books what it gets.
    """
    waiting = _waiting(session, payment)
    exact = next((one for one in waiting if one.amount_cents == cents), None)
    found: list[Refund] = [exact] if exact else []
    left = 0 if exact else cents
    fresh = min(left, payment.left_cents)
    if fresh:
        found.append(payments.request_refund(session, payment=payment, amount_cents=fresh, reason=REASON, now=now))
        left -= fresh
    for one in waiting:
        if not left:
            break
        part = one if one.amount_cents <= left else _cut(session, one, left)
        found.append(part)
        left -= part.amount_cents
    for one in found:
        one.move("submit")
        one.move("finish")
        one.reference, one.done_at, one.last_error = reference, now, ""
    session.flush()
    journal.record(
        session,
        "refund.at_provider",
        by=SYSTEM,
        now=now,
        order_id=payment.order_id,
        amount_cents=cents,
        reference=reference,
    )
    return found, left


def room_of(session: Session, *, charge: str) -> int | None:
    """Say how many cents of a charge for an order could go back at the provider: what is left, and what waits to go back.

    None when it is for no order.
    """
    payment = session.scalar(select(Payment).where(Payment.charge == charge))
    if payment is None:
        return None
    return payment.left_cents + sum(one.amount_cents for one in _waiting(session, payment))


def _waiting(session: Session, payment: Payment) -> Sequence[Refund]:
    """List what is to go back of a payment and was not sent; what is being sent now is left alone."""
    return session.scalars(
        select(Refund)
        .where(
            Refund.payment_id == payment.id,
            Refund.state.in_([RefundState.REQUESTED, RefundState.FAILED]),
            Refund.voided_at.is_(None),
            Refund.repaid_at.is_(None),
        )
        .order_by(Refund.id)
        .with_for_update()
    ).all()


def _cut(session: Session, whole: Refund, cents: int) -> Refund:
    """Cut a part off a refund that waits: for the same thing, so that what is owed for it stays the same."""
    whole.amount_cents -= cents
    part = Refund(
        payment_id=whole.payment_id,
        order_id=whole.order_id,
        order_line_id=whole.order_line_id,
        order_deposit_id=whole.order_deposit_id,
        amount_cents=cents,
        reason=whole.reason,
        state=RefundState.REQUESTED,
        after_settling=whole.after_settling,
        due_at=whole.due_at,
        created_at=whole.created_at,
    )
    session.add(part)
    session.flush()
    return part
