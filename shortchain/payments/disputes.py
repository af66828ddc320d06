"""Disputes: what the bank took, and whether it gave it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import SYSTEM
from shortchain.kernel.payment_port import DisputeStatus
from shortchain.payments.models import Dispute, DisputeState, Payment

UNDECIDED = (DisputeState.INQUIRY, DisputeState.OPEN)
_ACTIONS = {"open": "open", "won": "win", "lost": "lose"}


def note(session: Session, *, payment: Payment, status: DisputeStatus, now: datetime) -> tuple[Dispute, bool]:
    """Bring the row of a dispute in line with what the provider says; also says whether its state changed.

    The provider's word counts whatever was heard before: one first heard of when it is lost is lost.
    """
    dispute = session.scalar(select(Dispute).where(Dispute.reference == status.reference).with_for_update())
    state = DisputeState(status.state)
    if dispute is None:
        dispute = Dispute(
            reference=status.reference,
            payment_id=payment.id,
            order_id=payment.order_id,
            amount_cents=status.amount.minor,
            taken_cents=0,
            fee_cents=0,
            state=state,
            reason=status.reason[:60],
            answer_by=status.answer_by,
            opened_at=now,
        )
        session.add(dispute)
        is_new = True
    else:
        is_new = dispute.state is not state and dispute.state in UNDECIDED
        if is_new:
            dispute.move(_ACTIONS[state.value])
    if dispute.state not in UNDECIDED and dispute.closed_at is None:
        dispute.closed_at = now
    session.flush()
    if is_new:
        journal.record(
            session,
            f"dispute.{dispute.state.value}",
            by=SYSTEM,
            now=now,
            order_id=dispute.order_id,
            amount_cents=dispute.amount_cents,
            reason=dispute.reason,
        )
    return dispute, is_new


def orders_in_dispute() -> Select[int]:
    """Select the orders whose money is not divided or sent while the bank decides."""
    return select(Dispute.order_id).where(Dispute.state.in_(UNDECIDED))


def payments_in_dispute() -> Select[int]:
    """Select the payments of which the provider sends nothing back: the bank holds the money until it decides."""
    return select(Dispute.payment_id).where(Dispute.state == DisputeState.OPEN)


def lost_cents(session: Session, *, payment_id: int) -> int:
    """Say how much of a payment the bank gave back to the customer for good, in cents."""
    taken = session.scalar(
        select(func.sum(Dispute.taken_cents)).where(
            Dispute.payment_id == payment_id, Dispute.state == DisputeState.LOST
        )
    )
    return int(taken or 0)


def is_decided_elsewhere(session: Session, *, payment_id: int) -> bool:
    """Whether a bank decides, or decided, that the customer gets this payment back."""
    states = (DisputeState.OPEN, DisputeState.LOST)
    found = session.scalar(
        select(Dispute.id).where(Dispute.payment_id == payment_id, Dispute.state.in_(states)).limit(1)
    )
    return found is not None


def of_order(session: Session, *, order_id: int) -> Sequence[Dispute]:
    """List the disputes of an order, oldest first."""
    return session.scalars(select(Dispute).where(Dispute.order_id == order_id).order_by(Dispute.id)).all()
