"""What the payment provider tells us, or what we ask it, becomes an order that stands or money that goes back.

The state of a payment is always asked from the provider and never concluded from the order or the
body of events: those come twice, late and in any order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.clearing import arrivals, card_sales, promises
from shortchain.enterprises import founding, payout_accounts
from shortchain.giftcards import operations as gift_cards
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.payment_port import BadSignature, DisputeStatus, PaymentStatus
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import payout_news
from shortchain.payments import inbox
from shortchain.payments import operations as payments
from shortchain.payments.models import DEBIT, Payment, PaymentState, WebhookReceipt
from shortchain.payouts import desk_reversals, provider_news
from shortchain.transaction import transaction

ASK_AFTER = timedelta(minutes=2)
DONE = "done"
ABOUT_NOTHING = "about nothing of ours"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a webhook: its id, and whether it was new."""

    event_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What an event of the inbox says: the object it is about, its type and the facts that were kept."""

    reference: str
    type: str
    facts: Mapping[str, Any]

    @property
    def key(self) -> str:
        return str(self.facts.get("key", ""))


class _NotYet(Exception):
    """The event is ahead of what it is about; it is looked at again later."""


def receive(session: Session, gateways: Gateways, *, payload: bytes, signature: str, now: datetime) -> Received:
    """Take a webhook in. A repeat is noted as such and does nothing; a forged one is counted.

    :raises BadSignature: when it is not the provider's, or too old
    """
    try:
        event = gateways.payments.verify(payload=payload, signature=signature, now=now)
    except BadSignature as problem:
        with transaction(session):
            inbox.count_refusal(session, reason=str(problem), now=now)
        raise
    with transaction(session):
        receipt = inbox.take(session, event=event, now=now)
    crash.point("webhook.received")
    return Received(event.id, receipt is not None)


def process(session: Session, gateways: Gateways, *, event_id: str, now: datetime) -> None:
    """Work on one event of the inbox: find what it is about, ask what is true, and follow it.

    One that cannot be worked on is put off, and after some tries left for a person (`inbox.parked`).
    """
    receipt = session.get(WebhookReceipt, event_id)
    if receipt is None or receipt.processed_at is not None:
        return
    told = Told(receipt.reference, receipt.type, dict(receipt.payload))
    session.rollback()
    handler = _HANDLERS.get(str(told.facts.get("topic", "payment")))
    try:
        outcome = handler(session, gateways, told, now) if handler and told.reference else ABOUT_NOTHING
    except (GatewayDown, _NotYet) as error:
        _postpone(session, event_id, f"later: {error}", now)
        return
    except GatewayRefused as error:
        outcome = f"refused: {error.reason}"[:200]
    except Exception as error:
        logger.exception("an event could not be worked on")
        session.rollback()
        _postpone(session, event_id, f"failed: {type(error).__name__}", now)
        return
    with transaction(session):
        kept = session.get_one(WebhookReceipt, event_id)
        kept.processed_at = now
        kept.outcome = outcome


def _postpone(session: Session, event_id: str, why: str, now: datetime) -> None:
    with transaction(session):
        kept = session.get_one(WebhookReceipt, event_id)
        kept.attempts += 1
        kept.due_at = now + payments.back_off(kept.attempts)
        kept.outcome = why[:200]


def _about_payment(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    if told.type == "charge.refunded":
        return _follow_refunds(session, gateways, told.reference, now)
    payment = _payment(session, told.reference, told.key)
    if payment is None:
        return _about_card(session, gateways, told, now)
    if payment.reference is None and payment.method == DEBIT and told.reference.startswith("pi_"):
        payment_id = payment.id  # the answer to our own call was lost: this is it
        session.rollback()
        with transaction(session):
            payments.attach(session, payment_id=payment_id, reference=told.reference, url=None)
        payment = session.get_one(Payment, payment_id)
    status = _ask_and_follow(session, gateways, payment, now)
    if status.state != "captured":
        return DONE
    problem = inbox.disagreement(told.facts, cents=status.amount.minor, currency=status.amount.currency)
    if problem:
        with transaction(session):
            inbox.count_refusal(session, reason=f"event says {problem}", now=now)
    return f"not believed: {problem}" if problem else DONE


def _about_card(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    """Follow the payment of a gift card, if it is about one."""
    card = gift_cards.find_sale(session, reference=told.reference, key=told.key)
    card_id, reference = (card.id, card.reference) if card else (0, None)
    session.rollback()
    if card is None:
        return ABOUT_NOTHING
    if reference is None:
        raise _NotYet("the payment page is just being opened")
    status = gateways.payments.status(reference=reference)
    with transaction(session):
        card_sales.came_in(session, card_id=card_id, status=status, now=now)
    return DONE


def _payment(session: Session, reference: str, key: str) -> Payment | None:
    return payments.find_by_reference(session, reference=reference) or payments.find_by_key(session, key=key)


def _ask_and_follow(session: Session, gateways: Gateways, payment: Payment, now: datetime) -> PaymentStatus:
    """Ask the provider about a payment and bring it in line."""
    payment_id, reference = payment.id, payment.reference
    session.rollback()
    if reference is None:
        raise _NotYet("the payment page is just being opened")
    status = gateways.payments.status(reference=reference)
    follow(session, gateways, payment_id=payment_id, status=status, now=now)
    return status


def _about_refund(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    """A refund that came back makes the money the customer's credit, and the coordinator pays it by hand.

    One that we did not ask for was made on the provider's own pages.
    """
    refund = payments.find_refund(session, reference=told.reference, key=told.key)
    refund_id = refund.id if refund else None
    is_desk = refund is not None and refund.reference == told.reference and not told.key
    session.rollback()
    if refund_id is None or is_desk:
        intent = gateways.payments.refund_status(reference=told.reference).intent
        return _follow_refunds(session, gateways, intent, now)
    if gateways.payments.refund_status(reference=told.reference).state != "failed":
        return DONE
    with transaction(session):
        if not provider_news.refund_came_back(session, refund_id=refund_id, reference=told.reference, now=now):
            raise _NotYet("the refund is just being sent")
        crash.point("refund_back.before_commit")
    return DONE


def _follow_refunds(session: Session, gateways: Gateways, intent: str, now: datetime) -> str:
    """Bring all that went back of a payment in line with what the provider lists, whoever sent it."""
    payment = payments.find_by_reference(session, reference=intent) if intent else None
    if payment is None:
        return _card_refunded(session, gateways, intent, now)
    payment_id, order_id = payment.id, payment.order_id
    if payment.state not in (PaymentState.CAPTURED, PaymentState.RETURNED):
        _ask_and_follow(session, gateways, payment, now)
    session.rollback()
    found = gateways.payments.refunds_of(intent=intent)
    with transaction(session):
        payment = session.get_one(Payment, payment_id, populate_existing=True)
        if payment.state not in (PaymentState.CAPTURED, PaymentState.RETURNED):
            raise _NotYet("the payment has not come in")
        if not provider_news.refunds_at_provider(
            session, payment_id=payment_id, order_id=order_id, found=found, now=now
        ):
            raise _NotYet("a refund is just being sent")
        crash.point("desk_refund.before_commit")
    return DONE


def _card_refunded(session: Session, gateways: Gateways, intent: str, now: datetime) -> str:
    card = gift_cards.find_sale(session, reference=intent, key="")
    card_id, is_paid = (card.id, card.paid_at is not None) if card else (0, False)
    session.rollback()
    if card is None:
        return ABOUT_NOTHING
    if not is_paid:
        raise _NotYet("the payment of the card has not come in")
    found = gateways.payments.refunds_of(intent=intent)
    with transaction(session):
        card_sales.refunded_at_provider(session, card_id=card_id, found=found, now=now)
    return DONE


def _about_transfer(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    """Money of a payout was taken back: by us, or by somebody on the provider's own pages."""
    payout = desk_reversals.payout_of(session, transfer=told.reference)
    payout_id = payout.id if payout else None
    session.rollback()
    if payout_id is None or told.type != "transfer.reversed":
        return ABOUT_NOTHING if payout_id is None else DONE
    found = gateways.payments.reversals_of(transfer=told.reference)
    with transaction(session):
        provider_news.reversals_at_provider(session, payout_id=payout_id, found=found, now=now)
        crash.point("desk_reversal.before_commit")
    return DONE


def _about_dispute(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    status = gateways.payments.dispute_status(reference=told.reference)
    payment = _payment(session, status.intent, status.key)
    if payment is None:
        return _card_disputed(session, status, now)
    payment_id = payment.id
    if payment.state not in (PaymentState.CAPTURED, PaymentState.RETURNED):
        _ask_and_follow(session, gateways, payment, now)
    with transaction(session):
        payment = payments.lock(session, payment_id=payment_id)
        if payment.state not in (PaymentState.CAPTURED, PaymentState.RETURNED):
            raise _NotYet("the payment has not come in")
        provider_news.dispute_stands(session, payment=payment, status=status, now=now)
        crash.point("dispute.before_commit")
    return DONE


def _card_disputed(session: Session, status: DisputeStatus, now: datetime) -> str:
    card = gift_cards.find_sale(session, reference=status.intent, key=status.key)
    card_id, is_paid = (card.id, card.paid_at is not None) if card else (0, False)
    session.rollback()
    if card is None:
        return ABOUT_NOTHING
    if not is_paid:
        raise _NotYet("the payment of the card has not come in")
    with transaction(session):
        card_sales.disputed(session, card_id=card_id, status=status, now=now)
    return DONE


def _about_account(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    """A seller's account can be paid, can not any more, or is closed: payouts to it wait."""
    account = str(told.facts.get("account") or told.reference)
    enterprise = founding.find_by_account(session, account=account)
    enterprise_id = enterprise.id if enterprise else None
    session.rollback()
    if enterprise_id is None:
        return ABOUT_NOTHING
    status = None
    with suppress(GatewayRefused):  # closed: the provider does not let us see it any more
        status = gateways.payments.account_status(account=account)
    with transaction(session):
        change = payout_accounts.note(
            session, enterprise_id=enterprise_id, account=account, status=status, now=now, by=SYSTEM
        )
        provider_news.account_changed(session, change=change, now=now)
        payout_news.account_changed(session, change=change, now=now)
    return DONE


def _about_payout(session: Session, gateways: Gateways, told: Told, now: datetime) -> str:
    """The provider could not send an enterprise's money to its bank account; it lies there until corrected."""
    enterprise = founding.find_by_account(session, account=str(told.facts.get("account")))
    enterprise_id = enterprise.id if enterprise else None
    session.rollback()
    if enterprise_id is None or told.type != "payout.failed":
        return ABOUT_NOTHING if enterprise_id is None else DONE
    with transaction(session):
        provider_news.payout_failed(
            session, enterprise_id=enterprise_id, reference=told.reference, facts=told.facts, now=now
        )
        payout_news.payout_failed(
            session,
            enterprise_id=enterprise_id,
            reference=told.reference,
            cents=int(told.facts.get("cents") or 0),
            why=str(told.facts.get("reason") or ""),
            now=now,
        )
    return DONE


_HANDLERS: dict[str, Callable[[Session, Gateways, Told, datetime], str]] = {
    "payment": _about_payment,
    "refund": _about_refund,
    "dispute": _about_dispute,
    "account": _about_account,
    "payout": _about_payout,
    "transfer": _about_transfer,
}


def process_inbox(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Work on every event that waits; returns how many were looked at."""
    due = inbox.due(session, now=now)
    for event_id in due:
        process(session, gateways, event_id=event_id, now=now)
    return len(due)


def reconcile(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Ask the provider about payments of which nothing was heard; returns how many were asked."""
    asked = 0
    for payment_id in payments.silent(session, before=now - ASK_AFTER):
        asked += look_up(session, gateways, payment_id=payment_id, now=now)
    return asked


def look_up(session: Session, gateways: Gateways, *, payment_id: int, now: datetime) -> bool:
    """Ask the provider what became of one payment and follow it; False when it can not say now.

    The page that the customer comes back to does this too, so that nobody waits for a webhook.
    """
    payment = session.get(Payment, payment_id)
    reference = payment.reference if payment else None
    session.rollback()
    if reference is None:
        return False
    try:
        status = gateways.payments.status(reference=reference)
    except (GatewayDown, GatewayRefused):
        return False
    follow(session, gateways, payment_id=payment_id, status=status, now=now)
    return True


def follow(
    session: Session,
    gateways: Gateways,
    *,
    payment_id: int,
    status: PaymentStatus,
    by: Actor = SYSTEM,
    now: datetime,
) -> None:
    """Bring payment and order in line with what the provider says, in one transaction; repeats do nothing."""
    with transaction(session):
        payment = payments.lock(session, payment_id=payment_id)
        if payment.state in (PaymentState.CAPTURED, PaymentState.RETURNED):
            return
        if status.state == "processing":
            promises.is_under_way(session, gateways.distance, payment=payment, status=status, by=by, now=now)
        elif status.state == "failed" and payment.is_promised:
            promises.never_came(session, payment=payment, reason=status.reason or "", by=by, now=now)
        elif status.state == "captured":
            arrivals.came_in(session, gateways.distance, payment=payment, status=status, by=by, now=now)
        elif status.state == "failed" and payment.state is PaymentState.CREATED:
            payment.move("fail")
            payment.reason = (status.reason or "")[:200]
            journal.record(session, "payment.failed", by=by, now=now, order_id=payment.order_id, payment=payment.id)
        elif status.state == "expired" and payment.state is PaymentState.CREATED:
            payment.move("abandon")
        elif status.reason:
            payment.reason = status.reason[:200]
        crash.point("payment.before_commit")
    crash.point("payment.committed")
