"""After an order was placed: open its payment page, offer another way to pay, let it expire unpaid."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.catalogue import windows
from shortchain.clearing import transfer_returns
from shortchain.delivery import chain
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import N_
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import CheckoutStart
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.kernel.voucher_port import VoucherPage
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.refusals import CycleClosed
from shortchain.payments import debits, giving_back, rests, standing
from shortchain.payments import operations as payments
from shortchain.payments.models import ADDED, DEBIT, TRANSFER, Payment, PaymentState
from shortchain.payments.rests import TooLittleOwed
from shortchain.stock import allocations
from shortchain.transaction import transaction

PAY_WITHIN = timedelta(minutes=30)
"""How long a page lives on which somebody pays what a debit did not bring."""


def start_payment(
    session: Session, gateways: Gateways, *, payment_id: int, token: str, base_url: str, now: datetime
) -> str | None:
    """Open the payment page of a payment and give its address; None for a bank transfer.

    The call is repeated with the same key when it failed before, and gives the same page then.

    :raises GatewayDown: when the provider does not answer; order and hold stand
    """
    with transaction(session):
        payment = payments.lock(session, payment_id=payment_id)
        order = session.get_one(Order, payment.order_id)
        if payment.method == TRANSFER or payment.state is not PaymentState.CREATED or payment.is_held:
            return None
        is_voucher = payment.is_voucher
        is_addition = payment.slot.startswith(ADDED)
        if payment.url is not None or (payment.method == DEBIT and payment.reference is not None):
            return payment.url
        mandate = debits.mandate_of(session, user_id=order.user_id) if payment.method == DEBIT else None
        agreed = (mandate.customer, mandate.method) if mandate is not None else None
        facts: dict[str, Any] = {
            "key": payment.key,
            "amount": Money(payment.amount_cents, payment.currency),
            "order_number": order.number,
            "transfer_group": order.public_id,
            "method": payment.method,
            "email": order.email,
            "language": order.language,
            "expires_at": payment.expires_at,
        }
    if agreed is not None:
        _debit(session, gateways, payment_id, facts, *agreed)
        return None
    back = f"{base_url}/volg/{token}/bijbestellen" if is_addition else f"{base_url}/bestelling/{token}/dank"
    started: CheckoutStart | VoucherPage
    if is_voucher:
        started = _ask_holder(gateways, facts, back)
    else:
        started = gateways.payments.start_checkout(
            **facts,
            success_url=back,
            cancel_url=back if is_addition else f"{base_url}/bestelling/{token}/betalen",
        )
    crash.point("checkout.page_opened")
    with transaction(session):
        payments.attach(session, payment_id=payment_id, reference=started.reference, url=started.url)
    crash.point("checkout.reference_kept")
    return started.url


def _debit(
    session: Session, gateways: Gateways, payment_id: int, facts: dict[str, Any], customer: str, method: str
) -> None:
    """Debit the account to which the customer agreed before; there is no page, the sweep and webhooks follow it."""
    reference = gateways.payments.debit(
        key=facts["key"],
        amount=facts["amount"],
        order_number=facts["order_number"],
        transfer_group=facts["transfer_group"],
        customer=customer,
        method=method,
    )
    crash.point("checkout.debited")
    with transaction(session):
        payments.attach(session, payment_id=payment_id, reference=reference, url=None)


def _ask_holder(gateways: Gateways, facts: dict[str, Any], return_url: str) -> VoucherPage:
    """Open the page on which the holder of vouchers approves."""
    if gateways.vouchers is None:
        raise GatewayRefused("no vouchers here")
    return gateways.vouchers.authorise(
        key=facts["key"],
        kind=facts["method"],
        amount=facts["amount"],
        order_number=facts["order_number"],
        return_url=return_url,
        expires_at=facts["expires_at"],
    )


def retry_payment(session: Session, *, order_id: int, method: str, now: datetime) -> int:
    """Give an unpaid order another payment, in the time that it still has; returns the payment's id.

    It is for the first part that is not there: what vouchers did not pay can be paid in another way. A payment page
    that is open already is used again. An order whose debit never came can be paid as long as it is owed.

    :raises CycleClosed: when the time to pay is over
    :raises TooLittleOwed: when what is still owed is less than can be charged
    """
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        owed = debits.owed(session, order_id=order.id)
        if owed is not None and order.state in (OrderState.CONFIRMED, OrderState.DELIVERED):
            return _ask_again(session, order, owed, method, now)
        if order.state is not OrderState.AWAITING_PAYMENT or order.hold_until <= now:
            raise CycleClosed(N_("De tijd om te betalen is voorbij. Je kunt opnieuw bestellen."))
        stands = standing.of_order(session, order_id=order.id)
        assert stands is not None, "an order that waits has a payment"
        last = payments.lock(session, payment_id=stands.payment_id)
        is_there = last.state is PaymentState.CAPTURED or last.is_held
        is_open = last.state is PaymentState.CREATED and last.method == method
        if is_there or (is_open and last.expires_at > now):
            return last.id
        if last.state is PaymentState.CREATED:
            last.move("abandon")
            transfer_returns.parts_of(session, order=order, now=now)  # paid otherwise: what came goes back
        return payments.open_payment(
            session,
            order=order,
            method=method,
            slot=last.slot,
            amount_cents=last.amount_cents,
            expires_at=order.hold_until,
            now=now,
        ).id


def _ask_again(session: Session, order: Order, owed: Payment, method: str, now: datetime) -> int:
    if not rests.is_chargeable(owed.left_cents):
        raise TooLittleOwed()
    for last in payments.payments_of(session, order_id=order.id):
        if last.slot == owed.slot and last.state is PaymentState.CREATED:
            if last.method == method and last.expires_at > now and last.amount_cents == owed.left_cents:
                return last.id
            last.move("abandon")
    until = now + PAY_WITHIN
    return payments.open_payment(
        session, order=order, method=method, slot=owed.slot, amount_cents=owed.left_cents, expires_at=until, now=now
    ).id


def expire_orders(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Let orders that were not paid in time expire and free all that they held; one transaction each.

    The provider's page is closed first. Money that comes all the same is dealt with when it comes.
    """
    done = 0
    for order_id in orders.unpaid(session, now=now):
        references = [
            payment.reference
            for payment in payments.payments_of(session, order_id=order_id)
            if payment.reference and payment.state is PaymentState.CREATED and not payment.is_voucher
        ]
        session.rollback()
        for reference in references:
            with suppress(GatewayDown, GatewayRefused):  # the page dies of its own; late money is handled
                gateways.payments.expire(reference=reference)
        with transaction(session):
            order = orders.lock(session, order_id=order_id)
            if order.state is not OrderState.AWAITING_PAYMENT:
                continue  # paid between our look and our lock
            orders.move(session, order=order, action="expire", by=SYSTEM, now=now)
            giving_back.everything(session, order=order, reason="expired", now=now)
            transfer_returns.parts_of(session, order=order, now=now)
            _free(session, order, now)
            telling.order_expired(session, order=order, now=now)
        done += 1
    return done


def _free(session: Session, order: Order, now: datetime) -> None:
    lines = orders.lines_of(session, order_id=order.id)
    allocations.release(session, claims=[line.claim for line in lines], now=now)
    chain.clear(session, order=order, by=SYSTEM, now=now)
    windows.give_back(session, window_id=order.window_id)
