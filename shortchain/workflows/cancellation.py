"""An order is called off before the work begins: everything is freed, and the money goes back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.catalogue import windows
from shortchain.catalogue.models import OrderCycle
from shortchain.clearing import additions, transfer_returns
from shortchain.delivery import chain
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import giving_back
from shortchain.payments import operations as payments
from shortchain.payments.models import PaymentState
from shortchain.stock import allocations
from shortchain.transaction import transaction


class TooLate(Conflict):
    """The cycle closed, so the work has begun; the customer calls the hub instead."""

    message = N_("Annuleren kan niet meer: de ronde is gesloten en de boeren oogsten al.")


def cancel_by_customer(session: Session, gateways: Gateways, *, token: str, by: Actor, now: datetime) -> int:
    """Cancel an order by its tracking link, while its cycle is open; returns the cents that go back.

    Cancelling twice changes nothing.

    :raises NotFound: for an unknown link
    :raises TooLate: when the cycle has closed
    """
    order_id = orders.find_by_token(session, token=token).id
    return _cancel(session, gateways, order_id=order_id, why="customer", until_close=True, by=by, now=now)


def cancel_by_hub(
    session: Session, gateways: Gateways, *, order_id: int, hub_id: int, why: str, by: Actor, now: datetime
) -> int:
    """Cancel an order of a hub while no work on it has started; returns the cents that go back.

    :raises NotFound: for an order of another hub
    :raises TooLate: when work on it has started
    """
    order = session.get(Order, order_id)
    if order is None or order.hub_id != hub_id:
        raise NotFound
    return _cancel(session, gateways, order_id=order_id, why=why, until_close=False, by=by, now=now)


def _cancel(
    session: Session, gateways: Gateways, *, order_id: int, why: str, until_close: bool, by: Actor, now: datetime
) -> int:
    _close_pages(session, gateways, order_id=order_id)
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        if order.state is OrderState.CANCELLED:
            return 0
        _refuse_late(session, order, until_close=until_close, now=now)
        orders.move(session, order=order, action="cancel", by=by, now=now, why=why)
        lines = orders.lines_of(session, order_id=order.id)
        allocations.release(session, claims=[line.claim for line in lines], now=now)
        chain.clear(session, order=order, by=by, now=now)
        windows.give_back(session, window_id=order.window_id)
        added = additions.waiting_of(session, order_id=order.id)
        if added is not None:
            additions.fall(session, addition=added, by=by, now=now)
        back = giving_back.everything(session, order=order, reason=why, now=now)
        back += transfer_returns.parts_of(session, order=order, now=now)
        telling.order_cancelled(session, order=order, refund_cents=back, now=now)
        crash.point("cancel.before_commit")
    crash.point("cancel.committed")
    return back


def _close_pages(session: Session, gateways: Gateways, *, order_id: int) -> None:
    """Close open payment pages first, so that nobody pays for what is off; late money is sent back."""
    references = [
        payment.reference
        for payment in payments.payments_of(session, order_id=order_id)
        if payment.reference and payment.state is PaymentState.CREATED and not payment.is_voucher
    ]
    session.rollback()
    for reference in references:
        with suppress(GatewayDown, GatewayRefused):
            gateways.payments.expire(reference=reference)


def _refuse_late(session: Session, order: Order, *, until_close: bool, now: datetime) -> None:
    if order.state not in (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED):
        raise TooLate
    if until_close:
        closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == order.cycle_id)).scalar_one()
        if now >= closes_at:
            raise TooLate
    elif chain.has_started(session, order_id=order.id):
        raise TooLate
