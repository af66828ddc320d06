"""Writes down what the payment provider told us after the payment itself, and asks coordinators to act on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shortchain.enterprises import founding
from shortchain.enterprises.payout_accounts import Change
from shortchain.fulfilment import asks
from shortchain.kernel.payment_port import DisputeStatus
from shortchain.ordering.models import Order
from shortchain.payments import disputes
from shortchain.payments.models import Dispute, DisputeState, Payment, Refund, RefundState
from shortchain.payouts import corrections, settling


def refund_came_back(session: Session, *, refund_id: int, reference: str, now: datetime) -> bool:
    """Make the money of a refund that the bank gave back the customer's credit, and a coordinator's task.

    False while our own call for it has no answer yet: nothing is known of it then.
    """
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.state is RefundState.SUBMITTED:
        return False
    if refund.reference != reference or not corrections.book_refund_back(session, refund=refund, now=now):
        return True
    order = session.get_one(Order, refund.order_id)
    asks.ask_once(
        session,
        hub_id=order.hub_id,
        kind="refund_returned",
        about=refund.public_id,
        order_id=order.id,
        cents=refund.amount_cents,
        now=now,
    )
    return True


def dispute_stands(session: Session, *, payment: Payment, status: DisputeStatus, now: datetime) -> None:
    """Follow a dispute: book what the bank took or gave back, and ask the coordinator to answer the bank."""
    dispute, has_changed = disputes.note(session, payment=payment, status=status, now=now)
    corrections.book_dispute(session, dispute=dispute, status=status, now=now)
    if has_changed:
        _tell_of_dispute(session, dispute, now)


def _tell_of_dispute(session: Session, dispute: Dispute, now: datetime) -> None:
    is_open = dispute.state in disputes.UNDECIDED
    if not is_open:
        asks.settle_about(session, kind="dispute_opened", about=dispute.public_id, answer=dispute.state.value, now=now)
    if dispute.state is DisputeState.WON:
        return
    asks.ask_once(
        session,
        hub_id=session.get_one(Order, dispute.order_id).hub_id,
        kind="dispute_opened" if is_open else "dispute_lost",
        about=dispute.public_id,
        order_id=dispute.order_id,
        cents=dispute.amount_cents,
        until=dispute.answer_by.isoformat() if is_open and dispute.answer_by else None,
        now=now,
    )


def account_changed(session: Session, *, change: Change, now: datetime) -> None:
    """Ask the coordinators to help an enterprise that can not be paid any more; a new word settles an old task."""
    if change.news in ("ready", "stopped", "closed"):
        for kind in ("account_closed", "payouts_stopped"):
            asks.settle_about(session, kind=kind, about=change.account, answer=change.news, now=now)
    if change.news in ("stopped", "closed"):
        kind = "account_closed" if change.news == "closed" else "payouts_stopped"
        _tell_hubs(session, change.enterprise_id, kind=kind, about=change.account, now=now)


def payout_failed(
    session: Session, *, enterprise_id: int, reference: str, facts: Mapping[str, Any], now: datetime
) -> None:
    """Ask the coordinators to call an enterprise whose bank account did not take its money."""
    _tell_hubs(
        session,
        enterprise_id,
        kind="payout_failed",
        about=reference,
        now=now,
        cents=facts.get("cents"),
        why=facts.get("reason"),
    )


def _tell_hubs(session: Session, enterprise_id: int, *, kind: str, about: str, now: datetime, **data: Any) -> None:
    name = founding.get(session, enterprise_id=enterprise_id).name
    for hub_id in settling.hubs_owing(session, enterprise_id=enterprise_id):
        asks.ask_once(session, hub_id=hub_id, kind=kind, about=about, now=now, name=name, **data)
