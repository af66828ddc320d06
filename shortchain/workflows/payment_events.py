"""What the payment provider tells us, or what we ask it, becomes an order that stands or money that goes back.

The state of a payment is always asked from the provider and never concluded from the order or the
body of events: those come twice, late and in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain import crash, journal
from shortchain.capacity import ledger as capacity
from shortchain.capacity.ledger import CapacityGone
from shortchain.catalogue import windows
from shortchain.catalogue.windows import WindowFull
from shortchain.delivery import chain
from shortchain.fulfilment import jobs
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import Refused
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways, PaymentStatus
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from shortchain.payouts import ledger, settling
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Policy, Unroutable
from shortchain.stock import allocations
from shortchain.stock.allocations import SoldOut, Wanted
from shortchain.transaction import transaction

ASK_AFTER = timedelta(minutes=2)
PARK_AFTER = 8


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a webhook: its id, and whether it was new."""

    event_id: str
    is_new: bool


def receive(session: Session, gateways: Gateways, *, payload: bytes, signature: str, now: datetime) -> Received:
    """Take a webhook in. A repeat is noted as such and does nothing.

    :raises BadSignature: when it is not the provider's, or too old
    """
    event = gateways.payments.verify(payload=payload, signature=signature, now=now)
    with transaction(session):
        receipt = payments.take_receipt(
            session, event_id=event.id, type_=event.type, reference=payments.reference_in(event.object), now=now
        )
    crash.point("webhook.received")
    return Received(event.id, receipt is not None)


def process(session: Session, gateways: Gateways, *, event_id: str, now: datetime) -> None:
    """Work on one event of the inbox: find its payment, ask what is true, and follow it."""
    receipt = session.get(WebhookReceipt, event_id)
    if receipt is None or receipt.processed_at is not None:
        return
    payment = payments.find_by_reference(session, reference=receipt.reference) if receipt.reference else None
    reference = payment.reference if payment else None
    payment_id = payment.id if payment else None
    session.rollback()
    try:
        if payment_id is not None and reference is not None:
            status = gateways.payments.status(reference=reference)
            follow(session, gateways, payment_id=payment_id, status=status, now=now)
        outcome = "done" if payment_id is not None else "about nothing of ours"
    except GatewayDown as error:
        _postpone(session, event_id, str(error), now)
        return
    except GatewayRefused as error:
        outcome = f"refused: {error.reason}"[:200]
    with transaction(session):
        kept = session.get_one(WebhookReceipt, event_id)
        kept.processed_at = now
        kept.outcome = outcome


def _postpone(session: Session, event_id: str, why: str, now: datetime) -> None:
    with transaction(session):
        kept = session.get_one(WebhookReceipt, event_id)
        kept.attempts += 1
        kept.due_at = now + payments.back_off(kept.attempts)
        kept.outcome = f"later: {why}"[:200]


def process_inbox(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Work on every event that waits; returns how many were looked at."""
    due = payments.due_receipts(session, now=now)
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


def mark_transfer_received(
    session: Session, gateways: Gateways, *, order_id: int, hub_id: int, by: Actor, now: datetime
) -> None:
    """Note that the bank transfer of an order came in; a coordinator of its hub says so.

    :raises Refused: for an order of another hub, or one that is not paid by transfer
    """
    order = session.get(Order, order_id)
    found = [p for p in payments.payments_of(session, order_id=order_id) if p.method == "transfer"]
    if order is None or order.hub_id != hub_id or not found:
        raise Refused()
    payment = found[-1]
    status = PaymentStatus(
        reference=payment.key, state="captured", amount=Money(payment.amount_cents, payment.currency)
    )
    payment_id = payment.id
    session.rollback()
    follow(session, gateways, payment_id=payment_id, status=status, by=by, now=now)


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
        if status.state == "captured":
            _captured(session, gateways, payment, status, by, now)
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


def _captured(
    session: Session, gateways: Gateways, payment: Payment, status: PaymentStatus, by: Actor, now: datetime
) -> None:
    """Money came in: confirm the order that it is for, or send it back."""
    order = orders.lock(session, order_id=payment.order_id)
    payment.intent, payment.charge, payment.captured_at = status.intent, status.charge, now
    is_right = status.amount == order.total and payment.amount_cents == order.total_cents
    wanted = order.state in (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED) and is_right
    if wanted and payments.captured_of(session, order_id=order.id) is None and _stands(session, gateways, order, now):
        payment.move("capture")
        ledger.book_capture(
            session,
            payment_public_id=payment.public_id,
            order_id=order.id,
            amount_cents=payment.amount_cents,
            now=now,
        )
        _confirm(session, order, by, now)
        return
    if not is_right:
        payment.amount_cents = status.amount.minor
        jobs.ask_coordinator(session, order=order, kind="wrong_amount", now=now, cents=status.amount.minor)
    payment.move("return")
    ledger.book_capture(
        session, payment_public_id=payment.public_id, order_id=order.id, amount_cents=payment.amount_cents, now=now
    )
    payments.request_refund(session, payment=payment, amount_cents=payment.amount_cents, reason="not_owed", now=now)
    if order.state is OrderState.EXPIRED:
        orders.move(session, order=order, action="cancel", by=SYSTEM, now=now, why="late_money")
        telling.order_cancelled(session, order=order, refund_cents=payment.amount_cents, now=now)


def _confirm(session: Session, order: Order, by: Actor, now: datetime) -> None:
    lines = orders.lines_of(session, order_id=order.id)
    orders.move(session, order=order, action="confirm", by=by, now=now)
    allocations.commit(session, claims=[line.claim for line in lines], now=now)
    capacity.confirm(session, claim=order.claim, now=now)
    offered = jobs.offer_planned(session, order_id=order.id, now=now)
    telling.order_confirmed(session, order=order, token=None, now=now)
    telling.jobs_offered(session, jobs=offered, now=now)


def _stands(session: Session, gateways: Gateways, order: Order, now: datetime) -> bool:
    """Say whether everything is still held; what ran out is held anew, all of it or nothing."""
    if order.state is OrderState.AWAITING_PAYMENT and order.hold_until > now:
        return True
    lines = orders.lines_of(session, order_id=order.id)
    try:
        with session.begin_nested():
            if order.state is OrderState.AWAITING_PAYMENT:
                # The deadline has passed but nothing was freed yet: free it, so that one way serves both.
                allocations.release(session, claims=[line.claim for line in lines], now=now)
                chain.clear(session, order=order, by=SYSTEM, now=now)
                windows.give_back(session, window_id=order.window_id)
            allocations.hold(
                session,
                until=now + timedelta(minutes=5),
                now=now,
                wanted=[Wanted(line.claim, line.product_id, line.amount, local_day(order.starts_at)) for line in lines],
            )
            windows.take_place(session, window_id=order.window_id)
            request = requests.for_order(session, order=order, lines=lines, now=now)
            days = candidates.work_days(request.delivery_day, request.first_day)
            plan = plan_route(
                request, candidates.read_candidates(session, days=days), distance=gateways.distance, policy=Policy()
            )
            anew = chain.write(session, order=order, lines=lines, plan=plan, by=SYSTEM, now=now)
            chain.hold(session, order=order, jobs=anew, until=now + timedelta(minutes=5), now=now)
    except (SoldOut, WindowFull, Unroutable, CapacityGone):
        return False
    return True


def send_refunds(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Send the refunds that are due, one transaction before and one after each call; returns how many went."""
    sent = 0
    for refund_id in payments.due_refunds(session, now=now):
        with transaction(session):
            refund = session.get_one(Refund, refund_id)
            if refund.state is RefundState.DONE:
                continue
            if refund.state is not RefundState.SUBMITTED:
                refund.move("submit")
            refund.attempts += 1
            refund.due_at = now + payments.back_off(refund.attempts)
            payment = session.get_one(Payment, refund.payment_id)
            intent, key = payment.intent, refund.public_id
            amount, reason = Money(refund.amount_cents, payment.currency), refund.reason
            by_hand = payment.method == "transfer"
        crash.point("refund.submitted")
        sent += _send_refund(session, gateways, refund_id, intent, key, amount, reason, by_hand, now)
    return sent


def _send_refund(
    session: Session,
    gateways: Gateways,
    refund_id: int,
    intent: str | None,
    key: str,
    amount: Money,
    reason: str,
    by_hand: bool,
    now: datetime,
) -> bool:
    """Call the provider and note its answer; a bank transfer is sent back by a person."""
    reference, error = None, ""
    if by_hand or intent is None:
        error = "by hand: pay back by bank transfer"
    else:
        try:
            reference = gateways.payments.refund(key=key, intent=intent, amount=amount, reason=reason)
        except GatewayDown as down:
            error = f"later: {down}"
        except GatewayRefused as refused:
            error = f"refused: {refused.reason}"
    crash.point("refund.sent")
    with transaction(session):
        refund = session.get_one(Refund, refund_id)
        refund.last_error = error[:200]
        if reference is None:
            refund.move("fail")
            if refund.attempts == 1 and (by_hand or error.startswith("refused")):
                order = session.get_one(Order, refund.order_id)
                jobs.ask_coordinator(session, order=order, kind="refund_by_hand", now=now, cents=amount.minor)
            return False
        refund.move("finish")
        refund.reference, refund.done_at = reference, now
        settling.book_refund(session, refund=refund, now=now)
    return True
