"""Delivered orders are divided and paid out. Each order, payout and reversal is its own transaction."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.complaints import operations as complaints
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import operations as payments
from shortchain.payouts import corrections, settling
from shortchain.payouts.models import Payout, PayoutReversal, PayoutState
from shortchain.transaction import transaction

logger = logging.getLogger(__name__)

ALL_NETTED = "netted"
"""Stands for the transfer of a payout of which nothing was left after the debts."""


def settle_orders(session: Session, *, now: datetime) -> int:
    """Divide every delivered order whose complaint window is over; returns how many."""
    done = 0
    for order_id in settling.settleable(session, now=now):
        with transaction(session):
            order = orders.lock(session, order_id=order_id)
            if order.state is not OrderState.DELIVERED or complaints.has_open(session, order_id=order_id):
                continue  # somebody was first, or complained in this moment
            settling.settle(session, order=order, now=now)
            orders.move(session, order=order, action="settle", by=SYSTEM, now=now)
            crash.point("settle.before_commit")
        done += 1
    return done


def send_payouts(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Send what is due as transfers out of each order's charge; returns how many arrived.

    The row is marked and its amount frozen before the call, so that a repeat after a crash asks for
    the same with the same key.
    """
    return sum(_send(session, gateways, payout_id, now) for payout_id in settling.due_payouts(session, now=now))


def _send(session: Session, gateways: Gateways, payout_id: int, now: datetime) -> bool:
    with transaction(session):
        payout = session.get_one(Payout, payout_id, with_for_update=True)
        if payout.state is PayoutState.PAID:
            return False
        if payout.state is PayoutState.FAILED:
            payout.move("retry")
        if payout.state is PayoutState.DUE:
            if payout.held_at is not None:
                return False
            payout.move("submit")
            corrections.net_debts(session, payout=payout, now=now)
            payout.sent_cents = payout.left_cents
            payout.sent_to = session.get_one(Enterprise, payout.enterprise_id).stripe_account or ""
        payout.attempts += 1
        payout.due_at = now + payments.back_off(payout.attempts)
        order = session.get_one(Order, payout.order_id)
        charge = settling.charge_for(session, payout=payout)
        account = payout.sent_to or session.get_one(Enterprise, payout.enterprise_id).stripe_account or ""
        key, cents, group = payout.call_key, payout.sent_cents or 0, order.public_id
    crash.point("payout.submitted")
    transfer, error, is_final = None, "", False
    try:
        transfer = (
            gateways.payments.transfer(
                key=key, account=account, amount=Money(cents), charge=charge, transfer_group=group
            )
            if cents
            else ALL_NETTED
        )
    except GatewayDown as down:
        error = f"later: {down}"
    except GatewayRefused as refused:
        error, is_final = f"refused: {refused.reason}", True
    crash.point("payout.sent")
    with transaction(session):
        payout = session.get_one(Payout, payout_id, with_for_update=True)
        if transfer is not None:
            settling.book_payout(session, payout=payout, transfer=transfer, now=now)
            corrections.book_netting(session, payout=payout, now=now)
        else:
            payout.last_error = error[:200]
            if is_final:
                payout.move("fail")
                payout.refusals += 1
                payout.charge = None
    return transfer is not None


def send_reversals(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Take back what refunds take off payouts that were sent; returns how many were taken."""
    return sum(_reverse(session, gateways, number, now) for number in settling.due_reversals(session, now=now))


def _reverse(session: Session, gateways: Gateways, reversal_id: int, now: datetime) -> bool:
    with transaction(session):
        reversal = session.get_one(PayoutReversal, reversal_id, with_for_update=True)
        if reversal.done_at is not None:
            return False
        reversal.attempts += 1
        reversal.due_at = now + payments.back_off(reversal.attempts)
        payout = session.get_one(Payout, reversal.payout_id)
        if reversal.asked_cents is None:
            reversal.asked_cents = reversal.left_cents
        key, transfer, cents = reversal.call_key, payout.transfer or "", reversal.asked_cents
        if not cents:
            reversal.asked_cents = None
            return False
    try:
        reference = gateways.payments.reverse_transfer(key=key, transfer=transfer, amount=Money(cents))
    except (GatewayDown, GatewayRefused) as error:
        with transaction(session):
            reversal = session.get_one(PayoutReversal, reversal_id, with_for_update=True)
            reversal.last_error = f"later: {error}"[:200]
            if isinstance(error, GatewayRefused):  # a sure no: the next payout may keep it instead
                reversal.last_error = f"refused: {error.reason}"[:200]
                reversal.refusals += 1
                reversal.asked_cents = None
        return False
    with transaction(session):
        reversal = session.get_one(PayoutReversal, reversal_id)
        settling.book_reversal(session, reversal=reversal, reference=reference, now=now)
    return True
