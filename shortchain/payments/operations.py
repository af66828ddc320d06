"""Payments and refunds: rows first, calls later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import disputes, transfer_message
from shortchain.payments.models import (
    AT_PROVIDER,
    REST,
    TRANSFER,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from shortchain.payments.tenders import DISCOUNT

BACK_OFF = [timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 240)]

PAGE_LASTS = timedelta(hours=23)
"""Stripe refuses a Checkout page that lives longer than 24 hours; half an hour of them is what it outlives our hold by."""


def back_off(attempts: int) -> timedelta:
    """Say how long to wait before the next try."""
    return BACK_OFF[min(attempts, len(BACK_OFF) - 1)]


def open_payment(
    session: Session,
    *,
    order: Order,
    method: str,
    expires_at: datetime,
    now: datetime,
    attempt: int | None = None,
    slot: str = REST,
    amount_cents: int | None = None,
    gift_card_id: int | None = None,
    message: str | None = None,
) -> Payment:
    """Write a payment down before anybody is asked for money; its key is the idempotency key.

    A transfer names its order, or what `message` says instead.

    `attempt` counts an order's payments from one; who knows it saves a look. Without `amount_cents` it is for the
    whole order. A page at the provider lives a day at most (`PAGE_LASTS`), however long the order is held: who comes
    later gets a new payment. What a gift card pays is taken off it in the same transaction, and so is set aside from
    the start, as is what a hub pays for its code.
    """
    attempt = attempt or len(payments_of(session, order_id=order.id)) + 1
    payment = Payment(
        order_id=order.id,
        attempt=attempt,
        slot=slot,
        key=f"pay-{order.public_id}-{attempt}",
        method=method,
        amount_cents=order.total_cents if amount_cents is None else amount_cents,
        currency=order.currency,
        state=PaymentState.CREATED,
        structured_message=(message or transfer_message.message_of_order(order.number)) if method == TRANSFER else None,
        gift_card_id=gift_card_id,
        held_at=now if gift_card_id is not None or method == DISCOUNT else None,
        created_at=now,
        expires_at=min(expires_at, now + PAGE_LASTS) if method in AT_PROVIDER else expires_at,
    )
    session.add(payment)
    session.flush()
    return payment


def attach(session: Session, *, payment_id: int, reference: str, url: str | None) -> None:
    """Note the provider's reference of a payment that was opened there."""
    payment = session.get_one(Payment, payment_id)
    payment.reference = reference
    payment.url = url
    session.flush()


def payments_of(session: Session, *, order_id: int) -> Sequence[Payment]:
    """List an order's payments, oldest first, as they are now: who holds the order's lock decides by them."""
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id)
        .order_by(Payment.id)
        .execution_options(populate_existing=True)
    ).all()


def find_by_reference(session: Session, *, reference: str) -> Payment | None:
    """Find a payment by the provider's checkout or intent."""
    return session.scalar(select(Payment).where(or_(Payment.reference == reference, Payment.intent == reference)))


def find_by_key(session: Session, *, key: str) -> Payment | None:
    """Find a payment by the key that we gave the provider with it."""
    return session.scalar(select(Payment).where(Payment.key == key)) if key else None


def find_refund(session: Session, *, reference: str, key: str) -> Refund | None:
    """Find a refund by the provider's id, or by the key that we gave with it."""
    mine = select(Refund).where(or_(Refund.reference == reference, Refund.public_id == key[:16]))
    return session.scalar(mine.order_by(Refund.id).limit(1)) if reference else None


def lock(session: Session, *, payment_id: int) -> Payment:
    """Load a payment for changing it."""
    return session.scalars(
        select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def captured_of(session: Session, *, order_id: int) -> Sequence[Payment]:
    """List the payments that paid an order, oldest first; one for each way in which it was paid."""
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.CAPTURED)
        .order_by(Payment.id)
        .execution_options(populate_existing=True)
    ).all()


def counted_of(session: Session, *, order_id: int) -> Sequence[Payment]:
    """List the payments on which an order stands, oldest first: what came in, and debits that are on their way."""
    return [one for one in payments_of(session, order_id=order_id) if _counts(one)]


def _counts(payment: Payment) -> bool:
    return payment.state is PaymentState.CAPTURED or payment.is_promised


def silent(session: Session, *, before: datetime, limit: int = 50) -> Sequence[int]:
    """List opened payments of which nothing was heard since `before`, for asking the provider.

    Abandoned and failed ones are asked for a day longer: money may come late. Debits that are on their way are asked for
    once in some hours (`ask_at`).
    """
    return session.scalars(
        select(Payment.id)
        .where(
            Payment.method.in_(AT_PROVIDER),
            Payment.created_at <= before,
            or_(Payment.ask_at.is_(None), Payment.ask_at <= before),
            or_(
                Payment.state == PaymentState.CREATED,
                (Payment.state == PaymentState.ABANDONED) & (Payment.expires_at > before - timedelta(hours=1)),
            ),
        )
        .order_by(Payment.id)
        .limit(limit)
    ).all()


def request_refund(
    session: Session, *, payment: Payment, amount_cents: int, reason: str, now: datetime, line_id: int | None = None
) -> Refund:
    """Write down that money goes back; it is sent by the sweep with the row's public id as its key.

    With `line_id` it is for one order line, and only who sold that pays it (`payments.line_refunds`).

    What is asked before an order is divided lowers the shares then, however late it is sent; what is asked
    afterwards is taken back from them. Money that nobody owed never comes off a share.

    :raises ValueError: for more than is left of the payment, or nothing
    """
    if not 0 < amount_cents <= payment.left_cents:
        raise ValueError("a refund lies within what is left of the payment")
    payment.refunded_cents += amount_cents
    order = session.get_one(Order, payment.order_id)
    is_divided = order.state is OrderState.SETTLED and payment.state is PaymentState.CAPTURED
    refund = Refund(
        payment_id=payment.id,
        order_id=payment.order_id,
        order_line_id=line_id,
        amount_cents=amount_cents,
        reason=reason,
        state=RefundState.REQUESTED,
        after_settling=is_divided,
        due_at=now,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    journal.record(
        session,
        "refund.requested",
        by=SYSTEM,
        now=now,
        order_id=payment.order_id,
        amount_cents=amount_cents,
        reason=reason,
    )
    return refund


def due_refunds(session: Session, *, now: datetime, limit: int = 50) -> Sequence[int]:
    """List refunds to send: asked for, failed before, or submitted without an answer.

    What goes back of a debit waits until the debit has come, and of a disputed payment until the bank has decided.
    """
    return session.scalars(
        select(Refund.id)
        .where(
            Refund.state.in_([RefundState.REQUESTED, RefundState.FAILED, RefundState.SUBMITTED]),
            Refund.due_at <= now,
            Refund.repaid_at.is_(None),
            Refund.voided_at.is_(None),
            Refund.payment_id.not_in(
                select(Payment.id).where(Payment.state == PaymentState.CREATED, Payment.promised_at.is_not(None))
            ),
            Refund.payment_id.not_in(disputes.payments_in_dispute()),
        )
        .order_by(Refund.due_at, Refund.id)
        .limit(limit)
    ).all()
