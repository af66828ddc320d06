"""A customer adds goods to a paid order while its cycle is open: held, paid apart, then part of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle
from shortchain.clearing import additions, arrivals, extending, transfer_returns
from shortchain.clearing.models import OrderAddition
from shortchain.delivery import chain
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.notifications import transfer_news
from shortchain.ordering import baskets, cycle_fees, orders
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.refusals import BasketChanged, BelowMinimum, PriceChanged
from shortchain.payments import deadlines, spending, transfer_message
from shortchain.payments import operations as payments
from shortchain.payments.models import TRANSFER, Payment, PaymentState
from shortchain.payments.rests import TooLittleLeft, is_chargeable
from shortchain.payments.spending import Spend
from shortchain.transaction import transaction

AT_ONCE = ("bancontact", "card")
"""Ways of paying that say at once whether the money is there: a bank debit may fail after the goods were brought."""
WAYS = (*AT_ONCE, TRANSFER)
"""How the rest of an addition can be paid; a transfer only where the cycle leaves time for it."""


class TooLate(Conflict):
    """The order is not paid or called off, its cycle closed, or work on it began."""

    message = N_("Bijbestellen kan niet (meer): de bestelling is niet betaald, of de ronde is gesloten.")


class TransferTooLate(Conflict):
    """A bank transfer would come after the cycle closed."""

    message = N_("Een overschrijving komt te laat voor deze ronde. Kies een andere manier van betalen.")


class RestChanged(Conflict):
    """A card pays more or less than the page said."""

    message = N_("Op je cadeaubon staat iets anders dan daarnet. Klopt het zo? Bestel dan opnieuw.")


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
    cards: Sequence[Spend] = (),
    accepted_rest_cents: int | None = None,
) -> int:
    """Hold what a basket adds to an order, and ask for its price; returns the id of the payment.

    The same form again gives the same payment. The page is opened by `asking_payment.start_payment`. What gift `cards`
    pay is set aside on them; what they pay whole joins at once. `accepted_rest_cents` is what the page said is left to pay.

    :raises TooLate: when nothing can be added any more; nothing changed, as for the next ones
    :raises OneAtATime: while something else waits
    :raises PriceChanged: when the total is not the accepted one
    :raises CanNotJoin, BasketChanged, BelowMinimum, TooLittleLeft, SoldOut, CapacityGone: when it can not be held
    :raises TransferTooLate: when a transfer would come after the cycle closed
    :raises RestChanged: when cards leave another rest than the accepted one
    :raises CardSpent, NoSuchCard, CardOver, CardEmpty: when a card can not pay what it was to pay
    """
    order_id = orders.find_by_token(session, token=token).id
    session.rollback()
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        known = additions.find_by_key(session, key=key)
        if known is not None and known.order_id == order_id:
            return additions.asked_last(session, addition=known).id
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
        if method == TRANSFER and not deadlines.leaves_time(closes_at=closes_at, now=now):
            raise TransferTooLate(fields=("method",))
        until = min(deadlines.hold_until(method, closes_at=closes_at, now=now), closes_at)
        addition = additions.write(session, order=order, key=key, extension=extension, until=until, by=by, now=now)
        baskets.empty(session, basket=taken)
        payment = _ask_money(session, order, addition, method, cards, now)
        left = 0 if payment.is_held else payment.amount_cents
        if accepted_rest_cents not in (None, left):
            raise RestChanged()
        additions.hold(session, order=order, addition=addition, extension=extension, now=now)
        if payment.is_held:  # cards pay it whole
            arrivals.let_join(session, order=order, addition=addition, by=by, now=now)
        return payment.id


def asked_before(session: Session, *, token: str, key: str) -> int | None:
    """Give the payment that a form asked for already; None when it did not.

    :raises NotFound: for an unknown link
    """
    order_id = orders.find_by_token(session, token=token).id
    known = additions.find_by_key(session, key=key)
    if known is None or known.order_id != order_id:
        return None
    return additions.asked_last(session, addition=known).id


def is_paid(session: Session, *, payment_id: int) -> bool:
    """Say whether a payment came in, and what it was for joined its order."""
    return session.get_one(Payment, payment_id, populate_existing=True).state is PaymentState.CAPTURED


def _ask_money(
    session: Session, order: Order, addition: OrderAddition, method: str, cards: Sequence[Spend], now: datetime
) -> Payment:
    """Set aside what cards pay and ask for the rest; gives the payment of the rest, or the last one without a rest."""
    taken = spending.take_for_added(
        session,
        order=order,
        slot=addition.slot,
        total_cents=addition.total_cents,
        spends=cards,
        until=addition.hold_until,
        now=now,
    )
    left = addition.total_cents - sum(one.amount_cents for one in taken)
    if not left:
        return taken[-1]
    payment = _open(session, order, addition, method, left, now)
    if payment.structured_message is not None:
        transfer_news.asked_for_added(session, order=order, payment=payment, now=now)
    return payment


def pay_again(session: Session, *, token: str, method: str, now: datetime) -> int:
    """Ask for the price of what waits once more, after a try that failed or instead of a transfer; returns its payment.

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
        method = method if method in AT_ONCE else AT_ONCE[0]
        last = additions.asked_last(session, addition=addition)
        if last.state is PaymentState.CREATED and last.method == method and last.expires_at > now:
            return last.id
        if last.state is PaymentState.CREATED:
            last.move("abandon")
            transfer_returns.parts_of(session, order=order, now=now)  # paid otherwise: what came goes back
        return _open(session, order, addition, method, last.amount_cents, now).id


def _open(session: Session, order: Order, addition: OrderAddition, method: str, cents: int, now: datetime) -> Payment:
    return payments.open_payment(
        session,
        order=order,
        method=method if method in WAYS else WAYS[0],
        message=transfer_message.message_of_addition(addition.id),
        slot=addition.slot,
        amount_cents=cents,
        expires_at=addition.hold_until,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to join an order: the payment to do, its cents, those that gift cards pay, and until when it is held."""

    payment_id: int
    left_cents: int
    card_cents: int
    until: datetime
    message: str | None
    """The structured message of a transfer; None for other ways."""


def waiting(session: Session, *, token: str) -> Waiting | None:
    """Say what waits to be paid; None for nothing."""
    order = orders.find_by_token(session, token=token)
    addition = additions.waiting_of(session, order_id=order.id)
    if addition is None:
        return None
    payment = additions.asked_last(session, addition=addition)
    others = addition.total_cents - payment.amount_cents
    return Waiting(payment.id, payment.amount_cents, others, addition.hold_until, payment.structured_message)


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
    reference = additions.asked_last(session, addition=addition).reference if addition else None
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
    return True
