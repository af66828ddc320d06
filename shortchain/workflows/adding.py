"""A customer adds goods to a paid order while its cycle is open: held, paid apart, then part of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle
from shortchain.clearing import additions, extending
from shortchain.clearing.additions import HOLD
from shortchain.clearing.models import OrderAddition
from shortchain.delivery import chain
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.ordering import baskets, cycle_fees, orders
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.refusals import BasketChanged, BelowMinimum, PriceChanged
from shortchain.payments import giving_back
from shortchain.payments import operations as payments
from shortchain.payments.models import Payment, PaymentState
from shortchain.payments.rests import TooLittleLeft, is_chargeable
from shortchain.transaction import transaction

AT_ONCE = ("bancontact", "card")
"""Ways of paying that say at once whether the money is there: a bank debit may fail after the goods were brought."""


class TooLate(Conflict):
    """The order is not paid or called off, its cycle closed, or work on it began."""

    message = N_("Bijbestellen kan niet (meer): de bestelling is niet betaald, of de ronde is gesloten.")


class OneAtATime(Conflict):
    """Something waits to join this order already."""

    message = N_("Er wacht al iets dat je toevoegde. Betaal het eerst, of laat het vallen.")


def quote(session: Session, gateways: Gateways, *, token: str, basket: str, now: datetime) -> extending.Extension:
    """Say what a basket costs when it joins an order; nothing is written.

    :raises NotFound: for an unknown link or basket
    :raises TooLate, CanNotJoin, BasketChanged, BelowMinimum, TooLittleLeft: when it can not
    """
    order = orders.find_by_token(session, token=token)
    view = baskets.view(session, public_id=basket, now=now)
    if view is None:
        raise NotFound()
    return _work_out(session, gateways, order, view, now)


def _work_out(
    session: Session, gateways: Gateways, order: Order, view: BasketView, now: datetime
) -> extending.Extension:
    cycle = session.get_one(OrderCycle, order.cycle_id)
    started = chain.has_started(session, order_id=order.id)
    if order.state is not OrderState.CONFIRMED or now >= cycle.closes_at or started:
        raise TooLate()
    if not view.rows or view.cycle_ids != (order.cycle_id,) or any(not row.is_open for row in view.rows):
        raise BasketChanged()
    if any(row.has_changed_price for row in view.rows):
        raise BasketChanged()
    known = {line.farm_id for line in orders.lines_of(session, order_id=order.id)}
    names = {row.farm_name for row in view.rows if row.farm_id in known}
    for short in view.below:
        if short.farm_name not in names:
            raise BelowMinimum(farm=short.farm_name, least=Money(short.least_cents))
    levies = cycle_fees.of_cycle(session, cycle=cycle)
    found = extending.work_out(session, order=order, view=view, levies=levies, distance=gateways.distance, now=now)
    if not is_chargeable(found.sheet.total_cents):
        raise TooLittleLeft()
    return found


def ask(
    session: Session,
    gateways: Gateways,
    *,
    token: str,
    key: str,
    basket: str,
    method: str,
    accepted_total_cents: int,
    by: Actor,
    now: datetime,
) -> int:
    """Hold what a basket adds to an order, and ask for its price; returns the id of the payment.

    The same form again gives the same payment. The page is opened by `asking_payment.start_payment`.

    :raises TooLate: when nothing can be added any more; nothing changed, as for the next ones
    :raises OneAtATime: while something else waits
    :raises PriceChanged: when the total is not the accepted one
    :raises CanNotJoin, BasketChanged, BelowMinimum, TooLittleLeft, SoldOut, CapacityGone: when it can not be held
    """
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        known = additions.find_by_key(session, key=key)
        if known is not None and known.order_id == order_id:
            return _payment_of(session, known).id
        if additions.waiting_of(session, order_id=order_id) is not None:
            raise OneAtATime()
        taken = baskets.take(session, public_id=basket, now=now)
        if taken is None:
            raise NotFound()
        view = baskets.view_of(session, basket=taken, now=now)
        extension = _work_out(session, gateways, order, view, now)
        if extension.sheet.total_cents != accepted_total_cents:
            raise PriceChanged(extension.sheet.total_cents)
        closes_at = session.get_one(OrderCycle, order.cycle_id).closes_at
        until = min(now + HOLD, closes_at)
        addition = additions.write(session, order=order, key=key, extension=extension, until=until, by=by, now=now)
        baskets.empty(session, basket=taken)
        return _open(session, order, addition, method, now).id


def _payment_of(session: Session, addition: OrderAddition) -> Payment:
    return session.scalars(
        select(Payment)
        .where(Payment.order_id == addition.order_id, Payment.slot == addition.slot)
        .order_by(Payment.id.desc())
    ).all()[0]


def pay_again(session: Session, *, token: str, method: str, now: datetime) -> int:
    """Ask for the price of what waits once more, after a try that failed; returns the id of the payment.

    :raises NotFound: for an unknown link
    :raises TooLate: when nothing waits any more
    """
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        addition = additions.waiting_of(session, order_id=order_id)
        if addition is None or addition.hold_until <= now:
            raise TooLate()
        last = _payment_of(session, addition)
        if last.state is PaymentState.CREATED and last.method == method:
            return last.id
        if last.state is PaymentState.CREATED:
            last.move("abandon")
        return _open(session, order, addition, method, now).id


def _open(session: Session, order: Order, addition: OrderAddition, method: str, now: datetime) -> Payment:
    return payments.open_payment(
        session,
        order=order,
        method=method if method in AT_ONCE else AT_ONCE[0],
        slot=addition.slot,
        amount_cents=addition.total_cents,
        expires_at=addition.hold_until,
        now=now,
    )


def waiting(session: Session, *, token: str) -> tuple[int, int, datetime] | None:
    """Say what waits to be paid: the payment, its cents, and until when it is held; None for nothing."""
    order = orders.find_by_token(session, token=token)
    addition = additions.waiting_of(session, order_id=order.id)
    if addition is None:
        return None
    return _payment_of(session, addition).id, addition.total_cents, addition.hold_until


def undo(session: Session, gateways: Gateways, *, token: str, by: Actor, now: datetime) -> bool:
    """Let what waits to join an order fall; False when nothing waits. Money that comes all the same goes back.

    :raises NotFound: for an unknown link
    """
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    return _fall(session, gateways, order_id, by, now)


def expire(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Let additions fall that were not paid in time; returns how many."""
    found = additions.due(session, now=now)
    session.rollback()
    return sum(_fall(session, gateways, order_id, SYSTEM, now) for order_id in found)


def _fall(session: Session, gateways: Gateways, order_id: int, by: Actor, now: datetime) -> bool:
    addition = additions.waiting_of(session, order_id=order_id)
    reference = _payment_of(session, addition).reference if addition else None
    session.rollback()
    if reference is not None:
        with suppress(GatewayDown, GatewayRefused):  # the page dies of its own; late money goes back
            gateways.payments.expire(reference=reference)
    with transaction(session):
        orders.lock(session, order_id=order_id)
        addition = additions.waiting_of(session, order_id=order_id)
        if addition is None:
            return False  # paid between our look and our lock
        additions.fall(session, addition=addition, by=by, now=now)
        payment = _payment_of(session, addition)
        if payment.state is PaymentState.CREATED:
            giving_back.free(session, payment=payment, now=now)
            payment.move("abandon")
    return True
