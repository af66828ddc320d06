"""Checks of `flask check --all` on what customers paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from shortchain.ordering.models import Order, OrderState
from shortchain.payments import debits
from shortchain.payments.models import Payment, PaymentState, Refund

Check = Callable[[Session, datetime], list[str]]


def one_charge_a_part(session: Session, now: datetime) -> list[str]:
    """Each part of an order was paid once, an order that stands was paid whole, and one that is off kept nothing."""
    twice = session.execute(
        select(Order.number, func.count(Payment.id))
        .join(Payment, Payment.order_id == Order.id)
        .where(Payment.state == PaymentState.CAPTURED, Payment.refunded_cents < Payment.amount_cents)
        .group_by(Order.id, Payment.slot)
        .having(func.count(Payment.id) > 1)
    )
    promised = and_(Payment.state == PaymentState.CREATED, Payment.promised_at.is_not(None))
    voided = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.order_id == Order.id, Refund.voided_at.is_not(None))
        .correlate(Order)
        .scalar_subquery()
    )
    paid = func.coalesce(func.sum(Payment.amount_cents), 0) + voided
    unpaid = session.execute(
        select(Order.number, Order.total_cents, paid)
        .outerjoin(Payment, and_(Payment.order_id == Order.id, or_(Payment.state == PaymentState.CAPTURED, promised)))
        .where(
            Order.state.in_([OrderState.CONFIRMED, OrderState.DELIVERED, OrderState.SETTLED]),
            or_(Order.state == OrderState.SETTLED, Order.id.not_in(debits.orders_owed())),
        )
        .group_by(Order.id)
        .having(paid != Order.total_cents)
    )
    forgotten = session.scalars(
        select(Order.number)
        .join(Payment, and_(Payment.order_id == Order.id, Payment.state == PaymentState.CAPTURED))
        .where(Order.state == OrderState.AWAITING_PAYMENT)
        .group_by(Order.id)
        .having(func.sum(Payment.amount_cents - Payment.refunded_cents) >= Order.total_cents)
    )
    kept = session.scalars(
        select(Order.number)
        .join(Payment, Payment.order_id == Order.id)
        .where(
            Payment.state.in_([PaymentState.CAPTURED, PaymentState.RETURNED]),
            Payment.refunded_cents < Payment.amount_cents,
            or_(Order.state.in_([OrderState.CANCELLED, OrderState.EXPIRED]), Payment.state == PaymentState.RETURNED),
        )
    )
    return (
        [f"order {number} was charged {count} times for one part" for number, count in twice]
        + [f"order {number} of {total} cents stands and {cents} were paid" for number, total, cents in unpaid]
        + [f"order {number} is paid whole and does not stand" for number in forgotten]
        + [f"order {number} is off and its money is neither back nor on its way" for number in kept]
    )


CHECKS: tuple[tuple[str, Check], ...] = (("P2 one charge an order", one_charge_a_part),)
