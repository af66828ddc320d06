"""Orders: made, confirmed, expired, cancelled, delivered, settled. Writes; the workflows decide when."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shortchain import data, journal
from shortchain.accounts import attempts
from shortchain.catalogue import list_pricing
from shortchain.catalogue.models import DeliveryWindow, WindowKind
from shortchain.data import terms
from shortchain.database import add_rows
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.ordering import discount_codes
from shortchain.ordering.baskets import BasketRow
from shortchain.ordering.deposits import Container, Deposit
from shortchain.ordering.deposits import charge as charge_deposits
from shortchain.ordering.levies import Ceded, Levy, Load, cede, charge
from shortchain.ordering.models import Order, OrderDeposit, OrderFee, OrderLine, OrderState, SellerFee
from shortchain.ordering.pricing import LEVY, Fee, GoodsLine, PriceSheet


@dataclass(frozen=True, slots=True)
class Customer:
    """Who orders: a guest has no user id. `address` is the network address that asks; it is only counted."""

    name: str
    email: str
    phone: str
    language: str
    user_id: int | None = None
    address: str = ""


HIGHEST_FLOOR = 50
"""A larger number is a slip of the finger, and would keep a driver away from everybody else."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where it goes: a door, or a pick-up point with its own address.

    `floor` is how high the door is (0: the ground floor, or not told); `has_lift` counts for who lives higher.
    """

    street: str
    postcode: str
    municipality: str
    point: Point
    pickup_point_id: int | None = None
    floor: int = 0
    has_lift: bool = False


def tracking_token(key: str) -> str:
    """Derive the secret of the tracking page from the form's one-time key.

    The key has 128 random bits and lives in the customer's form only; deriving lets the same press
    again show the same page, though only a hash of the token is kept.
    """
    return hashlib.sha256(f"follow:{key}".encode()).hexdigest()[:32]


def hash_token(token: str) -> str:
    """Hash a tracking token for keeping."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(
    session: Session,
    *,
    key: str,
    customer: Customer,
    destination: Destination,
    window: DeliveryWindow,
    hub_id: int,
    rows: Sequence[BasketRow],
    remark: str,
    hold_until: datetime,
    by: Actor,
    now: datetime,
    at_gate: bool = False,
) -> tuple[Order, list[OrderLine]]:
    """Write an order and its lines down, as everything is now; `price` gives it services and its number.

    `at_gate`: its window is one at the gate of the farm that grew all of it.

    :raises TooManyTries: when this customer placed too many in this hour
    """
    _count(session, customer, now)
    goods = sum(row.total_cents for row in rows)
    public_part = uuid.uuid4().hex
    order = Order(
        number=public_part[:16],
        key=key,
        tracking_hash=hash_token(tracking_token(key)),
        claim=str(uuid.uuid4()),
        state=OrderState.AWAITING_PAYMENT,
        cycle_id=window.cycle_id,
        hub_id=hub_id,
        user_id=customer.user_id,
        name=customer.name,
        email=customer.email.lower(),
        phone=customer.phone,
        language=customer.language,
        at_gate=at_gate,
        **_place_and_time(destination, window),
        remark=remark,
        goods_cents=goods,
        services_cents=0,
        total_cents=goods,
        placed_at=now,
        hold_until=hold_until,
    )
    session.add(order)
    session.flush()
    lines = [line_of(order, row, local_day(window.starts_at)) for row in rows]
    session.add_all(lines)
    session.flush()
    journal.record(session, "order.placed", by=by, now=now, order_id=order.id, total_cents=goods)
    return order, lines


def _place_and_time(destination: Destination, window: DeliveryWindow) -> dict[str, Any]:
    """Give the columns that say where an order goes, and when."""
    floor = destination.floor if window.kind is WindowKind.HOME else 0
    return {
        "kind": window.kind,
        "window_id": window.id,
        "pickup_point_id": destination.pickup_point_id if window.kind is WindowKind.PICKUP else None,
        "street": destination.street,
        "postcode": destination.postcode,
        "municipality": destination.municipality,
        "floor": floor,
        "has_lift": floor > 0 and destination.has_lift,
        "lat": destination.point.lat,
        "lon": destination.point.lon,
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
    }


def _count(session: Session, customer: Customer, now: datetime) -> None:
    """Count an order for whoever places it: each holds food and work for others until it is paid."""
    if customer.address:
        attempts.count(session, attempts.ORDER_ADDRESS, of=customer.address, now=now)
        attempts.count(session, attempts.ORDER_EMAIL, of=customer.email.lower(), now=now)


def line_of(order: Order, row: BasketRow, on: date) -> OrderLine:
    """Write one line down as it is now; its VAT is the rate of the delivery day."""
    return OrderLine(
        order_id=order.id,
        claim=str(uuid.uuid4()),
        offer_id=row.offer_id,
        product_id=row.product_id,
        farm_id=row.farm_id,
        name=row.name,
        sell_unit=row.sell_unit,
        amount=row.amount,
        weight_g=row.line_weight_g,
        price_cents=row.price_cents,
        price_list=row.price_list,
        steps=list_pricing.kept(row.steps),
        total_cents=row.total_cents,
        discount_cents=row.discount_cents,
        voucher_cents=row.voucher_cents,
        max_weight_g=row.max_weight_g,
        vat_rate_bp=data.vat_rate(row.category, on),
        storage_class=row.storage_class,
        is_organic=row.is_organic,
        allergens=row.allergens,
        process_service=row.process_service,
        if_missing=row.if_missing,
        withdrawal=row.withdrawal,
        meal_voucher="meal_voucher" in _payable(row, on),
        eco_voucher="eco_voucher" in _payable(row, on),
    )


def _payable(row: BasketRow, on: date) -> list[str]:
    """Say which vouchers may pay a line on a day."""
    return [
        method
        for method in ("meal_voucher", "eco_voucher")
        if terms.voucher_pays(
            method, category=row.category, is_organic=row.is_organic, on=on, said=row.vouchers.get(method, "")
        )
    ]


def goods_lines(lines: Sequence[OrderLine]) -> list[GoodsLine]:
    """Give an order's lines as the pricing takes them."""
    return [
        GoodsLine(
            line.id,
            line.farm_id,
            line.amount,
            line.sell_unit,
            line.price_cents,
            line.vat_rate_bp,
            line.discount_cents,
        )
        for line in lines
    ]


def deposits_of(lines: Sequence[OrderLine], rows: Sequence[BasketRow], crate: Container | None) -> list[Deposit]:
    """List the containers of an order that is being written; `rows` are what its lines were made of, in their order."""
    return charge_deposits(
        [replace(row.filled, ref=line.id) for line, row in zip(lines, rows, strict=True)],
        crate,
    )


def levied(order: Order, lines: Sequence[OrderLine], levies: Sequence[Levy]) -> list[Fee]:
    """Work out what the order's cycle asks of it on top, as it stands now."""
    if not levies:
        return []
    loads = [Load(line.farm_id, line.total_cents, line.weight_g, line.vat_rate_bp) for line in lines]
    rate = data.service_vat_rate(LEVY, local_day(order.starts_at))
    return charge(levies, loads, is_home=order.kind is WindowKind.HOME, vat_rate_bp=rate)


def ceded(order: Order, lines: Sequence[OrderLine], levies: Sequence[Levy]) -> list[Ceded]:
    """Work out what the farms of an order give out of their price, as its cycle asks it now."""
    loads = [Load(line.farm_id, line.total_cents, line.weight_g, line.vat_rate_bp) for line in lines]
    return cede(levies, loads, is_home=order.kind is WindowKind.HOME) if levies else []


def price(
    session: Session,
    *,
    order: Order,
    sheet: PriceSheet,
    deposits: Sequence[Deposit] = (),
    given: Sequence[Ceded] = (),
) -> None:
    """Freeze what the customer pays and what farms give of it to others of the cycle, and number the order.

    The number follows from the row's id: a counter would make every order wait for the one before.
    """
    order.number = f"SC-{local_day(order.placed_at):%y}-{order.id:05d}"
    order.goods_cents = sheet.goods_cents
    order.services_cents = sheet.services_cents
    order.deposit_cents = sheet.deposit_cents
    order.total_cents = sheet.total_cents
    add_rows(
        session,
        OrderFee,
        [
            {
                "order_id": order.id,
                "enterprise_id": fee.enterprise_id,
                "kind": fee.kind,
                "amount_cents": fee.amount_cents,
                "vat_rate_bp": fee.vat_rate_bp,
            }
            for fee in sheet.fees
        ],
    )
    add_rows(
        session,
        OrderDeposit,
        [
            {
                "order_id": order.id,
                "order_line_id": one.ref,
                "container_id": one.container.id,
                "owner_id": one.container.owner_id,
                "count": one.count,
                "each_cents": one.container.each_cents,
                "cut": 0,
                "returned": 0,
            }
            for one in deposits
        ],
    )
    _keep_given(session, order, given)


def _keep_given(session: Session, order: Order, given: Sequence[Ceded]) -> None:
    """Write down what farms promised out of their price."""
    rate = data.service_vat_rate(LEVY, local_day(order.starts_at))
    rows = [
        {
            "order_id": order.id,
            "farm_id": one.farm_id,
            "enterprise_id": one.enterprise_id,
            "amount_cents": one.cents,
            "goods_cents": one.goods_cents,
            "vat_rate_bp": rate,
        }
        for one in given
    ]
    add_rows(session, SellerFee, rows)


_BY_KEY = select(Order).where(Order.key == bindparam("key"))


def find_by_key(session: Session, *, key: str) -> Order | None:
    """Find the order that a form made, if it did."""
    return session.scalar(_BY_KEY, {"key": key})


def find_by_token(session: Session, *, token: str) -> Order:
    """Find the order of a tracking link.

    :raises NotFound: for an unknown token
    """
    order = session.scalar(select(Order).where(Order.tracking_hash == hash_token(token)))
    if order is None:
        raise NotFound()
    return order


def find_by_number(session: Session, *, number: str, email: str) -> Order | None:
    """Find the order of a number as a person types it, if this address ordered it."""
    found = session.scalar(select(Order).where(Order.number == number.strip().upper()))
    return found if found is not None and found.email.casefold() == email.casefold() else None


def lock(session: Session, *, order_id: int) -> Order:
    """Load an order for changing it; everybody else waits.

    :raises NotFound: when there is none
    """
    order = session.scalar(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound()
    return order


def lines_of(session: Session, *, order_id: int) -> Sequence[OrderLine]:
    """List an order's lines in the order of the basket."""
    return session.scalars(select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.id)).all()


def move(session: Session, *, order: Order, action: str, by: Actor, now: datetime, **facts: Any) -> None:
    """Move an order and write it in the journal: `order.confirmed`, `order.expired`, …"""
    order.move(action)
    if action == "confirm":
        order.confirmed_at = now
    elif action == "deliver":
        order.delivered_at = now
    elif action == "undo_delivery":
        order.delivered_at = None
    discount_codes.follow(session, order=order, action=action, now=now)
    journal.record(session, f"order.{_PAST[action]}", by=by, now=now, order_id=order.id, **facts)
    session.flush()


_PAST = {
    "confirm": "confirmed",
    "expire": "expired",
    "cancel": "cancelled",
    "deliver": "delivered",
    "undo_delivery": "delivery_undone",
    "settle": "settled",
}


def unpaid(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List the orders whose time to pay is over."""
    return session.scalars(
        select(Order.id)
        .where(Order.state == OrderState.AWAITING_PAYMENT, Order.hold_until <= now)
        .order_by(Order.hold_until, Order.id)
        .limit(limit)
    ).all()
