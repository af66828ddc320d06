"""Meal and eco vouchers at their issuers: what became of a page, taking the money, letting go of it.

The money is taken last, when all else of the order is there, so that nobody's vouchers are spent on an order that falls.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.clearing import arrivals
from shortchain.journal import SYSTEM
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import operations as payments
from shortchain.payments.models import VOUCHERS, Payment, PaymentState
from shortchain.transaction import transaction


def look_up(session: Session, gateways: Gateways, *, payment_id: int, now: datetime) -> bool:
    """Ask the issuer what became of one payment and follow it; False when it can not say now."""
    reference = session.get_one(Payment, payment_id).reference
    session.rollback()
    if reference is None or gateways.vouchers is None:
        return False
    try:
        status = gateways.vouchers.status(reference=reference)
    except (GatewayDown, GatewayRefused):
        return False
    with transaction(session):
        payment = payments.lock(session, payment_id=payment_id)
        arrivals.voucher_stands(session, payment=payment, status=status, now=now)
        crash.point("voucher.before_commit")
    return True


def collect(session: Session, gateways: Gateways, *, order_id: int, now: datetime) -> bool:
    """Take the money of an order's vouchers when all else is there; the order stands with the last of it."""
    with transaction(session):
        ready = [(one.id, one.key, one.reference) for one in arrivals.ready_vouchers(session, order_id=order_id)]
    taken = False
    for payment_id, key, reference in ready:
        if gateways.vouchers is None or reference is None:
            continue
        try:
            status = gateways.vouchers.capture(key=f"{key}-take", reference=reference)
        except GatewayDown:
            continue  # unsure: the sweep asks again with the same key
        except GatewayRefused as refused:
            _fail(session, payment_id, refused.reason, now)
            continue
        crash.point("voucher.captured")
        with transaction(session):
            payment = payments.lock(session, payment_id=payment_id)
            if payment.state is PaymentState.CREATED or payment.state is PaymentState.ABANDONED:
                came = PaymentStatus(reference=reference, state="captured", amount=status.amount)
                arrivals.came_in(session, gateways.distance, payment=payment, status=came, by=SYSTEM, now=now)
        taken = True
    return taken


def _fail(session: Session, payment_id: int, reason: str, now: datetime) -> None:
    """The issuer does not pay after all: the customer pays this part in another way, or the order falls."""
    with transaction(session):
        payment = payments.lock(session, payment_id=payment_id)
        if payment.state is PaymentState.CREATED:
            payment.move("fail")
            payment.held_at, payment.reason = None, reason[:200]
            journal.record(session, "payment.failed", by=SYSTEM, now=now, order_id=payment.order_id, payment=payment.id)


def sweep(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Ask about pages, take what is ready, and let go of what is not needed; returns how many were dealt with."""
    if gateways.vouchers is None:
        return 0
    waiting = select(Payment.id, Payment.order_id).join(Order, Order.id == Payment.order_id)
    mine = waiting.where(
        Payment.method.in_(VOUCHERS),
        Payment.state == PaymentState.CREATED,
        Payment.reference.is_not(None),
        Order.state == OrderState.AWAITING_PAYMENT,
    ).order_by(Payment.id)
    asked = session.execute(mine.where(Payment.held_at.is_(None)).limit(50)).all()
    session.rollback()
    done = sum(look_up(session, gateways, payment_id=payment_id, now=now) for payment_id, _order in asked)
    held = session.execute(mine.where(Payment.held_at.is_not(None)).limit(50)).all()
    session.rollback()
    done += sum(collect(session, gateways, order_id=number, now=now) for number in sorted({row[1] for row in held}))
    return done + _release(session, gateways, now)


def _release(session: Session, gateways: Gateways, now: datetime) -> int:
    """Let go of what issuers set aside for payments that are off; a page that is open still is closed."""
    rows = session.execute(
        select(Payment.id, Payment.key, Payment.reference)
        .where(
            Payment.method.in_(VOUCHERS),
            Payment.state.in_([PaymentState.ABANDONED, PaymentState.FAILED]),
            Payment.reference.is_not(None),
            Payment.released_at.is_(None),
        )
        .order_by(Payment.id)
        .limit(50)
    ).all()
    session.rollback()
    done = 0
    for payment_id, key, reference in rows:
        assert gateways.vouchers is not None, "the sweep asked"
        try:
            gateways.vouchers.release(key=f"{key}-free", reference=reference or "")
        except (GatewayDown, GatewayRefused):
            continue
        with transaction(session):
            payments.lock(session, payment_id=payment_id).released_at = now
        done += 1
    return done
