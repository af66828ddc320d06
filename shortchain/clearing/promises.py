"""A direct debit is on its way: its order stands already, though banks take days and may still say no.

Why orders stand on a promise, and what keeps the risk small, is decision 0042.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue import windows
from shortchain.clearing import arrivals
from shortchain.delivery import chain
from shortchain.fulfilment import asks
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.kernel.ports import Distance
from shortchain.notifications import debit_news, telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import debits, giving_back
from shortchain.payments.models import Payment, PaymentState
from shortchain.payouts import ledger
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account
from shortchain.stock import allocations


def is_under_way(
    session: Session, distance: Distance, *, payment: Payment, status: PaymentStatus, by: Actor, now: datetime
) -> None:
    """Let an order stand on a debit that is on its way, once. The caller holds the payment's lock.

    What comes too late for its order promises nothing: the money goes back when it comes. The customer is told what
    is debited, when and under which mandate, in the same transaction.
    """
    payment.ask_at = now + debits.ASK_EVERY
    if payment.is_promised:
        return
    order = orders.lock(session, order_id=payment.order_id)
    if not arrivals.counts(session, distance, order=order, payment=payment, now=now):
        return
    if payment.state is not PaymentState.CREATED:
        payment.move("promise")
    payment.promised_at, payment.intent, payment.charge = now, status.intent, status.charge
    session.flush()
    journal.record(session, "payment.promised", by=by, now=now, order_id=order.id, payment=payment.id)
    if status.agreement is not None:
        if order.user_id is not None:
            debits.keep(session, user_id=order.user_id, agreement=status.agreement, by=by, now=now)
        debit_news.announced(session, order=order, payment=payment, agreement=status.agreement, now=now)
    arrivals.confirm_paid(session, order=order, by=by, now=now)


def never_came(session: Session, *, payment: Payment, reason: str, by: Actor, now: datetime) -> None:
    """Follow a debit that the bank refused after its order stood. The caller holds the payment's lock.

    While nobody has begun, the order is called off. Later it stands: the customer is asked to pay in another way, and
    nothing of it is divided until they do, or until the platform bears it.
    """
    order = orders.lock(session, order_id=payment.order_id)
    payment.move("fail")
    payment.reason, payment.ask_at = reason[:200], None
    debits.void_refunds(session, payment=payment, now=now)
    journal.record(session, "payment.never_came", by=by, now=now, order_id=order.id, payment=payment.id, reason=reason)
    if order.state is OrderState.CONFIRMED and not chain.has_started(session, order_id=order.id):
        _call_off(session, order, now)
    elif order.state in (OrderState.CONFIRMED, OrderState.DELIVERED) and payment.left_cents:
        asks.ask_once(
            session,
            hub_id=order.hub_id,
            kind="debit_failed",
            about=order.public_id,
            order_id=order.id,
            cents=payment.left_cents,
            now=now,
        )
        debit_news.failed(session, order=order, payment=payment, now=now)


def _call_off(session: Session, order: Order, now: datetime) -> None:
    orders.move(session, order=order, action="cancel", by=SYSTEM, now=now, why="debit_failed")
    lines = orders.lines_of(session, order_id=order.id)
    allocations.release(session, claims=[line.claim for line in lines], now=now)
    chain.clear(session, order=order, by=SYSTEM, now=now)
    windows.give_back(session, window_id=order.window_id)
    back = giving_back.everything(session, order=order, reason="debit_failed", now=now)
    telling.order_cancelled(session, order=order, refund_cents=back, now=now)


def bear(session: Session, *, order: Order, covering: Payment, by: Actor, now: datetime) -> None:
    """Book that the platform pays what a debit never brought, so that farms and providers get theirs.

    `covering` is the platform's own payment. No money moves at the provider: the platform owes it from what it keeps.
    """
    covering.move("capture")
    covering.captured_at = now
    ledger.post(
        session,
        transaction=f"capture:{covering.public_id}",
        order_id=order.id,
        entries=[
            Entry(Account.PLATFORM, "bad_debt", covering.amount_cents),
            Entry(Account.CUSTOMER, "bad_debt", -covering.amount_cents),
        ],
        now=now,
    )
    asks.settle_about(session, kind="debit_failed", about=order.public_id, answer="borne", now=now)
    journal.record(session, "payment.borne", by=by, now=now, order_id=order.id, amount_cents=covering.amount_cents)
