"""Writes down what the payment provider told us after the payment itself, and asks coordinators to act on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shortchain.enterprises import founding
from shortchain.enterprises.payout_accounts import Change
from shortchain.fulfilment import asks
from shortchain.kernel.payment_port import DisputeStatus, RefundStatus, ReversalStatus
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import desk_refunds, disputes
from shortchain.payments import operations as payments
from shortchain.payments.models import Dispute, DisputeState, Payment, Refund, RefundState
from shortchain.payouts import corrections, desk_reversals, settling
from shortchain.payouts.models import Payout


def refunds_at_provider(
    session: Session, *, payment_id: int, order_id: int, found: Sequence[RefundStatus], now: datetime
) -> bool:
    """Follow what went back of a payment at the provider: what nobody asked for here is booked, and told to a person.

    False while our own call for one of them has no answer yet: nothing is known of it then.
    """
    order = orders.lock(session, order_id=order_id)
    payment = payments.lock(session, payment_id=payment_id)
    is_sure = True
    for status in found:
        known = desk_refunds.known(session, reference=status.reference, key=status.key)
        if status.key and any(one.state is RefundState.SUBMITTED for one in known):
            is_sure = False
            continue
        if not known and status.amount.currency == payment.currency:
            known, over = desk_refunds.take_over(
                session, payment=payment, reference=status.reference, cents=status.amount.minor, now=now
            )
            for refund in known:
                settling.book_refund(session, refund=refund, now=now)
                asks.settle_about(session, kind="refund_by_hand", about=refund.public_id, answer="at provider", now=now)
            _tell_of_desk(session, order, "refund_at_provider", status.reference, status.amount.minor, over, now)
        if status.state == "failed":
            for refund in known:
                refund_came_back(session, refund_id=refund.id, reference=status.reference, now=now)
    return is_sure


def _tell_of_desk(
    session: Session, order: Order, kind: str, reference: str, cents: int, over_cents: int, now: datetime
) -> None:
    asks.ask_once(
        session,
        hub_id=order.hub_id,
        kind=kind,
        about=reference,
        order_id=order.id,
        cents=cents,
        over=over_cents,
        now=now,
    )


def reversals_at_provider(session: Session, *, payout_id: int, found: Sequence[ReversalStatus], now: datetime) -> None:
    """Follow what was taken back of a payout at the provider: what nobody asked for here is booked, and told to a person."""
    order_id = session.get_one(Payout, payout_id).order_id
    order = orders.lock(session, order_id=order_id)
    payout = session.get_one(Payout, payout_id, with_for_update=True, populate_existing=True)
    for status in found:
        if desk_reversals.is_known(session, reference=status.reference, key=status.key):
            continue
        cents = status.amount.minor
        again = desk_reversals.take_over(session, payout=payout, reference=status.reference, cents=cents, now=now)
        _tell_of_desk(session, order, "reversal_at_provider", status.reference, cents, again, now)


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
