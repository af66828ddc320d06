"""Direct debits: who agreed to them, which are on their way, which never came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from shortchain import journal
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.payment_port import Agreement
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import debit_limits
from shortchain.payments.debit_limits import History
from shortchain.payments.models import (
    DEBIT,
    Dispute,
    DisputeState,
    Mandate,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)

NOTICE = timedelta(days=2)
"""How long before the debit the customer is told its amount and day. The rulebook says 14 days unless another time was
agreed (SEPA Core Direct Debit); this is agreed at the checkout."""

ASK_EVERY = timedelta(hours=6)
"""How often the provider is asked about a debit of which nothing is heard: banks take days."""


def history_of(session: Session, *, user_id: int | None) -> History:
    """Gather what is known of a customer, for `debit_limits.refusal`."""
    if user_id is None:
        return History(is_known=False)
    own = select(Order.id).where(Order.user_id == user_id)
    mine = Payment.order_id.in_(own)
    paid = session.scalar(
        select(func.count(Payment.order_id.distinct())).where(mine, Payment.state == PaymentState.CAPTURED)
    )
    under_way = session.scalar(
        select(func.sum(Payment.amount_cents - Payment.refunded_cents)).where(
            mine, Payment.state == PaymentState.CREATED, Payment.promised_at.is_not(None)
        )
    )
    unpaid = session.scalar(select(func.count(Payment.id)).where(mine, Payment.id.in_(_never_came())))
    taken_back = session.scalar(
        select(func.count(Dispute.id))
        .join(Payment, Payment.id == Dispute.payment_id)
        .where(mine, Payment.method == DEBIT, Dispute.state != DisputeState.WON)
    )
    return History(True, int(paid or 0), int(under_way or 0), int(unpaid or 0), int(taken_back or 0))


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether somebody may pay an amount by direct debit: `why_not` as `debit_limits.refusal` says it, '' when they
    may; and the end of the account that is debited without a page, '' when they have to agree first."""

    why_not: str
    account_end: str


def offer(session: Session, *, user_id: int | None, amount_cents: int) -> Offer:
    """Say how a person may pay an amount by direct debit."""
    mandate = mandate_of(session, user_id=user_id)
    why_not = debit_limits.refusal(history_of(session, user_id=user_id), amount_cents=amount_cents)
    return Offer(why_not, mandate.account_end if mandate else "")


@cache
def _never_came() -> Select[int]:
    """Select debits that failed after their order stood, and that nothing else paid since.

    Built once: every step of a payment asks for it, and building cost more than the answer.
    """
    other = aliased(Payment)
    paid = exists().where(
        other.order_id == Payment.order_id, other.slot == Payment.slot, other.state == PaymentState.CAPTURED
    )
    stands = select(Order.id).where(Order.state.in_([OrderState.CONFIRMED, OrderState.DELIVERED]))
    return select(Payment.id).where(
        Payment.order_id.in_(stands),
        Payment.state == PaymentState.FAILED,
        Payment.promised_at.is_not(None),
        Payment.refunded_cents < Payment.amount_cents,
        ~paid,
    )


def orders_waiting() -> Select[int]:
    """Select the orders that stand while their money is not in: under way, or it never came and nobody paid since."""
    under_way = (Payment.state == PaymentState.CREATED) & Payment.promised_at.is_not(None)
    return select(Payment.order_id).where(under_way | Payment.id.in_(_never_came()))


def orders_owed() -> Select[int]:
    """Select the orders whose debit never came and that nobody paid since."""
    return select(Payment.order_id).where(Payment.id.in_(_never_came()))


def owed(session: Session, *, order_id: int) -> Payment | None:
    """Give the debit of an order that never came and that its customer still owes; None when there is none."""
    return session.scalar(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.id.in_(_never_came()))
        .order_by(Payment.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def void_refunds(session: Session, *, payment: Payment, now: datetime) -> int:
    """Let what was to go back of a debit that never came lower what is owed instead; returns the cents."""
    found = session.scalars(
        select(Refund).where(
            Refund.payment_id == payment.id, Refund.state == RefundState.REQUESTED, Refund.voided_at.is_(None)
        )
    ).all()
    for refund in found:
        refund.voided_at = now
    session.flush()
    return sum(refund.amount_cents for refund in found)


def lowered_since(session: Session, *, owed: Payment, payment: Payment) -> list[Refund]:
    """List what lowered a debit that never came after a payment in its stead was opened for more."""
    return list(
        session.scalars(
            select(Refund)
            .where(
                Refund.payment_id == owed.id,
                Refund.voided_at.is_not(None),
                Refund.created_at >= payment.created_at,
            )
            .order_by(Refund.id)
        ).all()
    )


def give_back_after_all(session: Session, *, owed: Payment, payment: Payment) -> None:
    """Let what lowered a debit go back of the payment that came in its stead, as far as that brought it in."""
    if payment.amount_cents == owed.left_cents:
        return
    for refund in lowered_since(session, owed=owed, payment=payment):
        owed.refunded_cents -= refund.amount_cents
        payment.refunded_cents += refund.amount_cents
        refund.payment_id, refund.voided_at = payment.id, None
    session.flush()


def mandate_of(session: Session, *, user_id: int | None) -> Mandate | None:
    """Give the newest mandate that a customer did not withdraw."""
    if user_id is None:
        return None
    return session.scalar(
        select(Mandate)
        .where(Mandate.user_id == user_id, Mandate.withdrawn_at.is_(None))
        .order_by(Mandate.id.desc())
        .limit(1)
    )


def mandates_of(session: Session, *, user_id: int) -> Sequence[Mandate]:
    """List a customer's mandates, the newest first."""
    return session.scalars(select(Mandate).where(Mandate.user_id == user_id).order_by(Mandate.id.desc())).all()


def keep(session: Session, *, user_id: int, agreement: Agreement, by: Actor, now: datetime) -> Mandate:
    """Keep that a customer may be debited; a repeat, also after it was withdrawn, changes nothing."""
    known = session.scalar(select(Mandate).where(Mandate.method == agreement.method))
    if known is not None:
        return known
    made = Mandate(
        user_id=user_id,
        customer=agreement.customer,
        method=agreement.method,
        reference=agreement.reference[:64],
        account_end=agreement.account_end[-8:],
        agreed_at=now,
    )
    session.add(made)
    session.flush()
    journal.record(session, "mandate.agreed", by=by, now=now, mandate=made.id)
    return made


def withdraw(session: Session, *, public_id: str, user_id: int, by: Actor, now: datetime) -> str:
    """Note that a customer withdrew a mandate: nothing is debited under it any more. Returns the provider's name.

    :raises NotFound: when they have no such mandate
    """
    mandate = session.scalar(
        select(Mandate).where(Mandate.public_id == public_id, Mandate.user_id == user_id).with_for_update()
    )
    if mandate is None:
        raise NotFound()
    if mandate.withdrawn_at is None:
        mandate.withdrawn_at = now
        session.flush()
        journal.record(session, "mandate.withdrawn", by=by, now=now, mandate=mandate.id)
    return mandate.method
