"""Tells a customer of a direct debit: before it happens, and when it did not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.kernel.payment_port import Agreement
from shortchain.kernel.window import local_day
from shortchain.notifications import notices
from shortchain.ordering.models import Order
from shortchain.payments import debits
from shortchain.payments.models import Payment


def announced(session: Session, *, order: Order, payment: Payment, agreement: Agreement, now: datetime) -> None:
    """Owe the customer the notice before a debit: amount, day, creditor, mandate and account (SEPA Core rulebook)."""
    notices.owe_customer(
        session,
        order=order,
        key=f"debit-announced-{payment.public_id}",
        template="debit_announced",
        now=now,
        cents=payment.amount_cents,
        day=local_day(now + debits.NOTICE).isoformat(),
        mandate=agreement.reference,
        account_end=agreement.account_end,
    )


def failed(session: Session, *, order: Order, payment: Payment, now: datetime) -> None:
    """Owe the customer word that the bank refused a debit, and where to pay in another way."""
    notices.owe_customer(
        session,
        order=order,
        key=f"debit-failed-{payment.public_id}",
        template="debit_failed",
        now=now,
        cents=payment.left_cents,
    )
