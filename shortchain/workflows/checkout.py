"""From basket to an order that waits for its payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain import crash
from shortchain.capacity.ledger import CapacityGone
from shortchain.catalogue import windows
from shortchain.catalogue.models import DeliveryWindow, OrderCycle
from shortchain.catalogue.windows import WindowFull
from shortchain.clearing import arrivals
from shortchain.containers.models import ContainerType
from shortchain.delivery import chain
from shortchain.documents import buyers
from shortchain.enterprises import buying
from shortchain.enterprises.models import PickupPoint
from shortchain.fulfilment import jobs
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import Point
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.ordering import baskets, cycle_fees, discount_codes, orders
from shortchain.ordering.basket_rows import suits_gate
from shortchain.ordering.baskets import BasketView, Taken
from shortchain.ordering.deposits import Container, Deposit, container_of, total_cents
from shortchain.ordering.levies import Levy
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.orders import Customer, Destination
from shortchain.ordering.pricing import price_sheet
from shortchain.ordering.refusals import (
    BasketChanged,
    BelowCycleMinimum,
    BelowMinimum,
    CycleClosed,
    NoSuchWindow,
    NotByDebit,
    PriceChanged,
)
from shortchain.payments import deadlines, debit_limits, debits, spending
from shortchain.payments import operations as payments
from shortchain.payments.models import DEBIT, Payment
from shortchain.payments.spending import Spend
from shortchain.routing import candidates, failures, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Policy, RouteRequest, Unroutable
from shortchain.routing.quotes import fees_of
from shortchain.routing.requests import Farm
from shortchain.stock import allocations
from shortchain.stock.allocations import SoldOut, Wanted
from shortchain.transaction import transaction

__all__ = [
    "BasketChanged",
    "CapacityGone",
    "Customer",
    "CycleClosed",
    "Destination",
    "Placed",
    "PriceChanged",
    "SoldOut",
    "Unroutable",
    "WindowFull",
    "place_order",
]

TRIES = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that was placed, with the secret of its tracking page and where to pay."""

    order_id: int
    number: str
    token: str
    payment_id: int
    method: str


@dataclass(frozen=True, slots=True)
class _Pressed:
    """What the form said when its button was pressed: see `place_order`."""

    key: str
    basket: str
    customer: Customer
    destination: Destination
    window: str
    remark: str
    method: str
    accepted_total_cents: int
    cards: Sequence[Spend]
    code: str


def _basket(session: Session, public_id: str, now: datetime) -> Taken:
    """Take hold of a basket; who comes with the same one waits until we are done, and finds it empty."""
    basket = baskets.take(session, public_id=public_id, now=now)
    if basket is None:
        raise NotFound()
    return basket


def place_order(
    session: Session,
    gateways: Gateways,
    *,
    key: str,
    basket_public_id: str,
    customer: Customer,
    destination: Destination,
    window_public_id: str,
    remark: str,
    method: str,
    accepted_total_cents: int,
    by: Actor,
    now: datetime,
    cards: Sequence[Spend] = (),
    code: str = "",
) -> Placed:
    """Place an order: hold its food, its place in the window and its chain's capacity, all or nothing.

    `key` is the one-time key of the form: the same press again gives the same order. The payment
    page is opened afterwards by `asking_payment.start_payment`, outside the transaction. What gift `cards` pay is
    set aside on them; an order that they pay whole stands at once. `code` is a discount code, see docs/money.md.

    :raises BasketChanged, CycleClosed: when a price or what is left is not as shown; when the cycle closed meanwhile
    :raises PriceChanged: when the total is not the accepted one
    :raises SoldOut, WindowFull: with every line that is short; when the window's last place is gone
    :raises Unroutable: when nobody can do a step
    :raises TooLittleLeft: when what is left to pay is less than can be charged
    :raises CardSpent, NoSuchCard, CardOver, CardEmpty: when a card can not pay what it was to pay
    :raises NoSuchCode, CodeNotYet, CodeOver, CodeUsed, NothingForCode, TooLittleForCode: when a code does not count
    """
    pressed = _Pressed(
        key,
        basket_public_id,
        customer,
        destination,
        window_public_id,
        remark,
        method,
        accepted_total_cents,
        cards,
        code,
    )
    try:
        for left in reversed(range(TRIES)):
            try:
                return _place(session, gateways, pressed, by, now)
            except CapacityGone:  # somebody took it after we planned: all is rolled back, plan again
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")
    except Unroutable as refusal:
        _count_failure(session, refusal, window_public_id, destination, now)
        raise
    except IntegrityError:
        known = _known(session, key)  # two presses in the same instant: the other one was first
        session.rollback()
        if known is None:
            raise
        return known


def _count_failure(session: Session, refusal: Unroutable, window: str, destination: Destination, now: datetime) -> None:
    """Count an order that nobody could do; everything it had written is rolled back by now."""
    with transaction(session):
        facts = failures.window_facts(session, window=window)
        assert facts is not None, "the order was planned for this window"
        hub_id, day = facts
        missed = failures.misses(refusal, postcode=destination.postcode, day=day)
        failures.count(session, hub_id=hub_id, missed=missed, orders=1, now=now)


def _known(session: Session, key: str) -> Placed | None:
    order = orders.find_by_key(session, key=key)
    return _placed(order, key, payments.payments_of(session, order_id=order.id)[-1]) if order else None


def _place(session: Session, gateways: Gateways, pressed: _Pressed, by: Actor, now: datetime) -> Placed:
    with transaction(session):
        basket = _basket(session, pressed.basket, now)
        view = baskets.view_of(session, basket=basket, now=now)
        if not view.rows and (known := _known(session, pressed.key)) is not None:
            return known
        window, cycle, at_gate, crate = _window(session, pressed.window, view, now)
        customer = pressed.customer
        view = discount_codes.on_basket(
            session, view=view, typed=pressed.code, email=customer.email, user_id=customer.user_id, now=now
        )
        order, lines = orders.create(
            session,
            key=pressed.key,
            customer=customer,
            destination=pressed.destination,
            window=window,
            hub_id=cycle.hub_id,
            rows=view.rows,
            remark=pressed.remark,
            hold_until=deadlines.hold_until(pressed.method, closes_at=cycle.closes_at, now=now),
            by=by,
            now=now,
            at_gate=at_gate,
        )
        _name_buyer(session, order, customer, by, now)
        crash.point("checkout.order_written")
        farms = {row.farm_id: Farm(row.farm_name, Point(row.farm_lat, row.farm_lon)) for row in view.rows}
        request = requests.for_order(session, order=order, lines=lines, now=now, closes_at=cycle.closes_at, farms=farms)
        baskets.empty(session, basket=basket)
        asked = cycle_fees.of_cycle(session, cycle=cycle)
        held = orders.deposits_of(lines, view.rows, crate)
        cards = spending.with_code(view, pressed.cards)
        payment = _lay_chain(session, gateways, order, lines, request, asked, held, pressed, by, now, cards)
        if view.discount is not None:
            discount_codes.take(session, order=order, lines=lines, applied=view.discount, now=now)
        crash.point("checkout.chain_held")
        if payment.is_held:  # cards may pay it whole
            arrivals.confirm_paid(session, order=order, by=by, now=now)
        placed = _placed(order, pressed.key, payment)
        crash.point("checkout.before_commit")
    crash.point("checkout.committed")
    return placed


def _name_buyer(session: Session, order: Order, customer: Customer, by: Actor, now: datetime) -> None:
    """Have the documents made out to the enterprise for which somebody buys, if the hub approved one."""
    company = buying.company_of(session, user_id=customer.user_id, hub_id=order.hub_id)
    if company is None:
        return
    buyers.name(
        session,
        order=order,
        kbo=company.kbo,
        company=company.name,
        street=company.street,
        postcode=company.postcode,
        municipality=company.municipality,
        is_vat_liable=company.is_vat_liable,
        by=by,
        now=now,
    )


def _placed(order: Order, key: str, payment: Payment) -> Placed:
    return Placed(order.id, order.number, orders.tracking_token(key), payment.id, payment.method)


_WINDOW = (
    select(DeliveryWindow, OrderCycle, PickupPoint.enterprise_id, PickupPoint.is_gate, ContainerType)
    .join(OrderCycle, OrderCycle.id == DeliveryWindow.cycle_id)
    .outerjoin(PickupPoint, PickupPoint.id == DeliveryWindow.pickup_point_id)
    .outerjoin(
        ContainerType,
        (ContainerType.owner_id == OrderCycle.hub_id) & ContainerType.packs_orders & ContainerType.is_active,
    )
    .where(DeliveryWindow.public_id == bindparam("window"))
)


def _window(
    session: Session, public_id: str, view: BasketView, now: datetime
) -> tuple[DeliveryWindow, OrderCycle, bool, Container | None]:
    """Find the chosen window and check that the basket fits it; says whether it is at a farm's gate, and the hub's crate."""
    row = session.execute(_WINDOW, {"window": public_id}).one_or_none()
    if row is None:
        raise NoSuchWindow(fields=("window",))
    window, cycle, whose, is_gate, crate = row
    if not view.rows:
        raise BasketChanged()
    if is_gate and not suits_gate(view.rows, farm_id=whose):
        raise NoSuchWindow(fields=("window",))
    if any(not line.is_open for line in view.rows) or not cycle.opens_at <= now < cycle.closes_at:
        raise CycleClosed()
    if view.cycle_ids != (cycle.id,):
        raise BasketChanged()
    if any(line.has_changed_price for line in view.rows):
        raise BasketChanged()
    for short in view.below:
        raise BelowMinimum(farm=short.farm_name, least=Money(short.least_cents))
    if view.lacking is not None:
        least, lacking = view.lacking.least_cents, view.lacking.lacking_cents
        raise BelowCycleMinimum(least=Money(least), lacking=Money(lacking))
    return window, cycle, bool(is_gate), None if is_gate else container_of(crate)  # at the gate nobody packs


def _lay_chain(
    session: Session,
    gateways: Gateways,
    order: Order,
    lines: Sequence[OrderLine],
    request: RouteRequest,
    asked: Sequence[Levy],
    held: Sequence[Deposit],
    pressed: _Pressed,
    by: Actor,
    now: datetime,
    cards: Sequence[Spend],
) -> Payment:
    """Plan, price, write and hold.

    What many orders want at once (lots, the window, the capacity of a day) is taken last: whoever takes
    it makes the others wait until the commit, and by then only the commit is left to do.
    """
    days = candidates.work_days(request.delivery_day, request.first_day)
    able = () if request.at_gate else candidates.read_candidates(session, days=days)
    plan = plan_route(request, able, distance=gateways.distance, policy=Policy())
    given = orders.ceded(order, lines, asked)
    fees = [*fees_of(plan), *orders.levied(order, lines, asked)]
    sheet = price_sheet(
        orders.goods_lines(lines),
        fees,
        ceded_cents=sum(one.cents for one in given),
        deposit_cents=total_cents(held),
    )
    if sheet.total_cents != pressed.accepted_total_cents:
        _hold_food(session, order, lines, now)  # what is gone is the better answer than what it costs
        raise PriceChanged(sheet.total_cents)
    work = chain.write(session, order=order, lines=lines, plan=plan, by=by, now=now, version=jobs.FIRST)
    orders.price(session, order=order, sheet=sheet, deposits=held, given=given)
    payment = _ask_money(session, order, lines, pressed.method, cards, now)
    _hold_food(session, order, lines, now)
    windows.take_place(session, window_id=order.window_id)
    chain.hold(session, order=order, jobs=work, until=order.hold_until, now=now, is_first=True)
    return payment


def _ask_money(
    session: Session, order: Order, lines: Sequence[OrderLine], method: str, cards: Sequence[Spend], now: datetime
) -> Payment:
    """Set aside what cards pay and ask for the rest; gives the payment of the rest, or the last one without a rest."""
    taken = spending.take(session, order=order, lines=lines, spends=cards, now=now)
    left = order.total_cents - sum(one.amount_cents for one in taken)
    if taken and not left:
        return taken[-1]
    if method == DEBIT:
        history = debits.history_of(session, user_id=order.user_id)
        if debit_limits.refusal(history, amount_cents=left):
            raise NotByDebit(fields=("method",))
    payment = payments.open_payment(
        session,
        order=order,
        method=method,
        amount_cents=left,
        expires_at=order.hold_until,
        now=now,
        attempt=len(taken) + 1,
    )
    if payment.structured_message is not None:
        telling.transfer_asked(
            session, order=order, cents=payment.amount_cents, message=payment.structured_message, now=now
        )
    return payment


def _hold_food(session: Session, order: Order, lines: Sequence[OrderLine], now: datetime) -> None:
    on_day = local_day(order.starts_at)
    allocations.hold(
        session,
        wanted=[Wanted(line.claim, line.product_id, line.amount, on_day) for line in lines],
        until=order.hold_until,
        now=now,
    )
