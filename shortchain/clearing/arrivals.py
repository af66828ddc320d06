"""Money came in for an order: the order is confirmed with the last part of it, or the money goes back.

An order may be paid in several ways at once. It is confirmed in the transaction in which the last part comes in,
once, in whatever order the parts and their webhooks arrive: whoever is here holds the order's lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain.capacity import ledger as capacity
from shortchain.capacity.ledger import CapacityGone
from shortchain.catalogue import windows
from shortchain.catalogue.windows import WindowFull
from shortchain.clearing import additions
from shortchain.clearing.models import OrderAddition
from shortchain.delivery import chain
from shortchain.fulfilment import asks, jobs
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.kernel.ports import Distance
from shortchain.kernel.voucher_port import VoucherStatus
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import debits, giving_back
from shortchain.payments import operations as payments
from shortchain.payments.models import ADDED, Payment, PaymentState
from shortchain.payouts import ledger
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Policy, Unroutable
from shortchain.stock import allocations
from shortchain.stock.allocations import SoldOut, Wanted

MOMENT = timedelta(minutes=5)


def came_in(
    session: Session, distance: Distance, *, payment: Payment, status: PaymentStatus, by: Actor, now: datetime
) -> None:
    """Book a payment that came in: it counts for its order, or goes back whole. The caller holds its lock.

    Money that comes late counts only where all else of the order can be held again, and where nothing of it was paid
    in another way: what was set aside for it is free by then.
    """
    order = orders.lock(session, order_id=payment.order_id)
    payment.intent, payment.charge, payment.captured_at = status.intent, status.charge, now
    payment.bank_reference = status.bank_reference
    is_right = status.amount == Money(payment.amount_cents, payment.currency)
    if is_right and payment.slot.startswith(ADDED):
        joins = additions.can_join(session, order=order, slot=payment.slot, now=now)
        if joins is not None:
            payment.move("capture")
            _book(session, payment, now)
            let_join(session, order=order, addition=joins, by=by, now=now)
            return
    elif is_right and (payment.is_promised or counts(session, distance, order=order, payment=payment, now=now)):
        owed = debits.owed(session, order_id=order.id)
        payment.move("capture")
        _book(session, payment, now)
        if owed is not None and owed.slot == payment.slot:
            debits.give_back_after_all(session, owed=owed, payment=payment)
        confirm_paid(session, order=order, by=by, now=now)
        asks.settle_about(session, kind="debit_failed", about=order.public_id, answer="paid", now=now)
        return
    if not is_right:
        payment.amount_cents, payment.currency = status.amount.minor, status.amount.currency
        jobs.ask_coordinator(session, order=order, kind="wrong_amount", now=now, cents=status.amount.minor)
    payment.move("return")
    _book(session, payment, now)
    payments.request_refund(session, payment=payment, amount_cents=payment.left_cents, reason="not_owed", now=now)
    if order.state is OrderState.EXPIRED:
        orders.move(session, order=order, action="cancel", by=SYSTEM, now=now, why="late_money")
        back = payment.amount_cents + giving_back.everything(session, order=order, reason="late_money", now=now)
        telling.order_cancelled(session, order=order, refund_cents=back, now=now)


def let_join(session: Session, *, order: Order, addition: OrderAddition, by: Actor, now: datetime) -> bool:
    """Let goods join an order when all that they cost is there or set aside; False while something is still to come.

    What cards set aside for them comes in with this. The caller holds the lock of the order.
    """
    found = additions.payments_for(session, addition=addition)
    held = [one for one in found if one.is_held]
    paid = sum(one.left_cents for one in found if one.state is PaymentState.CAPTURED)
    if paid + sum(one.amount_cents for one in held) != addition.total_cents:
        return False
    for one in held:
        _take_in(session, one, now)
    additions.join(session, order=order, addition=addition, by=by, now=now)
    return True


def confirm_paid(session: Session, *, order: Order, by: Actor, now: datetime) -> bool:
    """Confirm an order of which all the money is there; False while something is still to come.

    What was set aside for it comes in with this. The caller holds the lock of the order.
    """
    found = payments.payments_of(session, order_id=order.id)
    paid = sum(one.left_cents for one in found if one.state is PaymentState.CAPTURED or one.is_promised)
    held = [one for one in found if one.is_held]
    may = order.state in (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED)
    if not may or paid + sum(one.amount_cents for one in held) != order.total_cents:
        return False
    if any(one.is_voucher for one in held):
        return False  # its issuer is asked for the money first, outside of any transaction
    for one in held:
        _take_in(session, one, now)
    lines = orders.lines_of(session, order_id=order.id)
    orders.move(session, order=order, action="confirm", by=by, now=now)
    allocations.commit(session, claims=[line.claim for line in lines], now=now)
    capacity.confirm(session, claim=order.claim, now=now)
    offered = jobs.offer_planned(session, order_id=order.id, now=now)
    is_promised = any(one.is_promised for one in found)
    telling.order_confirmed(session, order=order, token=None, now=now, is_promised=is_promised)
    telling.jobs_offered(session, jobs=offered, now=now)
    return True


def voucher_stands(session: Session, *, payment: Payment, status: VoucherStatus, now: datetime) -> None:
    """Follow what an issuer of vouchers says of a payment that it has not paid yet. The caller holds its lock.

    What was approved for an order that does not wait any more is let go of later, by the sweep.
    """
    is_open = payment.state is PaymentState.CREATED and payment.held_at is None
    if status.state == "authorised" and is_open and status.amount.minor == payment.amount_cents:
        payment.held_at = now
    elif status.state in ("refused", "released") and is_open:
        payment.move("fail")
        payment.reason = status.reason[:200] or status.state
    session.flush()


def ready_vouchers(session: Session, *, order_id: int) -> list[Payment]:
    """List the vouchers of an order whose issuers can be asked for the money now: all else is paid or set aside."""
    order = orders.lock(session, order_id=order_id)
    found = payments.payments_of(session, order_id=order_id)
    paid = sum(one.left_cents for one in found if one.state is PaymentState.CAPTURED)
    held = [one for one in found if one.is_held]
    is_whole = paid + sum(one.amount_cents for one in held) == order.total_cents
    if order.state is not OrderState.AWAITING_PAYMENT or not is_whole:
        return []
    return [one for one in held if one.is_voucher]


def _take_in(session: Session, payment: Payment, now: datetime) -> None:
    """Book money that was set aside for a payment: it is ours to divide from now on."""
    payment.move("capture")
    payment.captured_at = now
    _book(session, payment, now)


def _book(session: Session, payment: Payment, now: datetime) -> None:
    ledger.book_capture(
        session,
        payment_public_id=payment.public_id,
        order_id=payment.order_id,
        amount_cents=payment.amount_cents,
        now=now,
        currency=payment.currency,
        method=payment.method,
        hub_id=session.get_one(Order, payment.order_id).hub_id,
    )


def counts(session: Session, distance: Distance, *, order: Order, payment: Payment, now: datetime) -> bool:
    """Say whether an order waits for this payment; what ran out is held anew, all of it or nothing.

    An order that stands waits for what pays a debit that never came; what lowered that since the payment was opened
    goes back of it.
    """
    if order.state in (OrderState.CONFIRMED, OrderState.DELIVERED):
        owed = debits.owed(session, order_id=order.id)
        if owed is None or owed.slot != payment.slot:
            return False
        lowered = debits.lowered_since(session, owed=owed, payment=payment)
        return payment.amount_cents in (owed.left_cents, owed.left_cents + sum(one.amount_cents for one in lowered))
    if order.state not in (OrderState.AWAITING_PAYMENT, OrderState.EXPIRED):
        return False
    paid = [one for one in payments.counted_of(session, order_id=order.id) if one.left_cents]
    if any(one.slot == payment.slot for one in paid):
        return False
    if order.state is OrderState.AWAITING_PAYMENT and order.hold_until > now:
        return True
    others = sum(one.left_cents for one in paid) + sum(
        one.amount_cents for one in payments.payments_of(session, order_id=order.id) if one.is_held
    )
    return payment.amount_cents + others == order.total_cents and _holds_anew(session, distance, order, now)


def _holds_anew(session: Session, distance: Distance, order: Order, now: datetime) -> bool:
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
                until=now + MOMENT,
                now=now,
                wanted=[Wanted(line.claim, line.product_id, line.amount, local_day(order.starts_at)) for line in lines],
            )
            windows.take_place(session, window_id=order.window_id)
            request = requests.for_order(session, order=order, lines=lines, now=now)
            days = candidates.work_days(request.delivery_day, request.first_day)
            plan = plan_route(
                request, candidates.read_candidates(session, days=days), distance=distance, policy=Policy()
            )
            anew = chain.write(session, order=order, lines=lines, plan=plan, by=SYSTEM, now=now)
            chain.hold(session, order=order, jobs=anew, until=now + MOMENT, now=now)
    except (SoldOut, WindowFull, Unroutable, CapacityGone):
        return False
    return True
