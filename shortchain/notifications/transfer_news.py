"""Tells a customer what became of a bank transfer that was not what the order costs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.notifications import notices
from shortchain.ordering.models import Order
from shortchain.payments.models import ADDED, Payment


def asked_for_added(session: Session, *, order: Order, payment: Payment, now: datetime) -> None:
    """Owe the customer the facts of the bank transfer that pays what they add to an order."""
    notices.owe_customer(
        session,
        order=order,
        key=f"transfer-asked-{payment.public_id}",
        template="transfer_asked",
        now=now,
        total_cents=payment.amount_cents,
        message=payment.structured_message,
        hold_until=payment.expires_at.isoformat(),
        is_addition=True,
    )


def short(
    session: Session, *, order: Order, payment: Payment, got_cents: int, missing_cents: int, now: datetime
) -> None:
    """Owe the customer word of what came, what is missing, until when, and how to pay it."""
    notices.owe_customer(
        session,
        order=order,
        key=f"transfer-short-{payment.public_id}-{missing_cents}",
        template="transfer_short",
        now=now,
        got_cents=got_cents,
        missing_cents=missing_cents,
        message=payment.structured_message,
        hold_until=payment.expires_at.isoformat(),
        is_addition=payment.slot.startswith(ADDED),
    )


def surplus(session: Session, *, order: Order, payment: Payment, cents: int, now: datetime) -> None:
    """Owe the customer word that the order is paid, and that what was too much comes back."""
    notices.owe_customer(
        session,
        order=order,
        key=f"transfer-surplus-{payment.public_id}-{cents}",
        template="transfer_surplus",
        now=now,
        cents=cents,
    )
