"""Reads of orders: one by its link, and the lists that people look back on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle, WindowKind
from shortchain.containers.models import ContainerType
from shortchain.enterprises.models import Enterprise, PickupPoint
from shortchain.kernel.errors import NotFound
from shortchain.ordering import discount_codes, orders
from shortchain.ordering.basket_rows import Applied
from shortchain.ordering.models import Order, OrderDeposit, OrderFee, OrderLine, OrderState
from shortchain.ordering.pricing import LEVY

OPEN = (OrderState.AWAITING_PAYMENT, OrderState.CONFIRMED)


class Door(NamedTuple):
    """An address to which an order was brought, with the floor and whether a lift goes there."""

    postcode: str
    street: str
    floor: int
    has_lift: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One line as it was bought."""

    id: int
    name: dict[str, Any]
    farm: str
    farm_slug: str
    amount: int
    sell_unit: str
    total_cents: int
    discount_cents: int  # what a code of its farm took off before
    weight_g: int
    max_weight_g: int | None  # set where it is paid by weight
    true_weight_g: int | None
    less_cents: int
    missing: int  # of `amount`: what the farm turned out not to have
    dropped: int  # of `amount`: what the customer took off
    replacement: dict[str, Any]  # name and amount of what came instead; empty for nothing


@dataclass(frozen=True, slots=True)
class DepositView:
    """Containers that came with an order, as its customer sees them; `out` is how many are not back."""

    kind: str
    name: str
    owner: str
    count: int
    each_cents: int
    cut: int
    returned: int

    @property
    def out(self) -> int:
        return self.count - self.cut - self.returned

    @property
    def cents(self) -> int:
        return self.count * self.each_cents


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its customer sees it. `place` is the address to which it goes, or where it waits."""

    id: int
    public_id: str
    key: str
    number: str
    state: str
    kind: str
    name: str
    email: str
    language: str
    place: str
    floor: int
    has_lift: bool
    point_name: str
    lat: float
    lon: float
    starts_at: datetime
    ends_at: datetime
    placed_at: datetime
    hold_until: datetime
    closes_at: datetime
    hub_name: str
    hub_email: str
    hub_phone: str
    goods_cents: int
    services_cents: int
    deposit_cents: int
    total_cents: int
    lines: tuple[LineView, ...]
    fees: tuple[tuple[str, str, int], ...]  # kind, enterprise, cents
    deposits: tuple[DepositView, ...]
    code: Applied | None = None
    """The discount code that it used."""
    at_gate: bool = False
    """Whether it is collected at the farm that grew all of it."""

    @property
    def discount_cents(self) -> int:
        """What a farm's code took off the price of its goods; `goods_cents` is without it."""
        return self.code.cents if self.code is not None and not self.code.by_hub else 0

    @property
    def less_cents(self) -> int:
        """What went back since goods that are paid by weight weighed less than was paid for."""
        return sum(line.less_cents for line in self.lines)

    @property
    def levied_cents(self) -> int:
        """What its order cycle asked on top, in cents."""
        return sum(cents for kind, _name, cents in self.fees if kind == LEVY)

    @property
    def is_pickup(self) -> bool:
        return self.kind == WindowKind.PICKUP.value

    def can_cancel(self, now: datetime) -> bool:
        """Say whether the customer may still cancel: until the cycle closes and the work begins."""
        return self.state in OPEN and now < self.closes_at

    def can_change(self, now: datetime) -> bool:
        """Say whether the customer may still take something off: it is paid, and the cycle is open."""
        return self.state == OrderState.CONFIRMED and now < self.closes_at


def of_token(session: Session, *, token: str) -> OrderView:
    """Read the order of a tracking link.

    :raises NotFound: for an unknown token
    """
    return view(session, order=orders.find_by_token(session, token=token))


def of_number(session: Session, *, number: str, hub_id: int) -> OrderView | None:
    """Read an order of a hub by its number; None when the hub has none such."""
    order = session.scalar(select(Order).where(Order.number == number, Order.hub_id == hub_id))
    return view(session, order=order) if order else None


def view(session: Session, *, order: Order) -> OrderView:
    """Read everything that a customer may see of an order."""
    hub = session.get_one(Enterprise, order.hub_id)
    closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == order.cycle_id)).scalar_one()
    point = session.get(PickupPoint, order.pickup_point_id) if order.pickup_point_id else None
    lines = session.execute(
        select(OrderLine, Enterprise.name, Enterprise.slug)
        .join(Enterprise, Enterprise.id == OrderLine.farm_id)
        .where(OrderLine.order_id == order.id)
        .order_by(Enterprise.name, OrderLine.id)
    ).all()
    fees = session.execute(
        select(OrderFee.kind, Enterprise.name, OrderFee.amount_cents)
        .join(Enterprise, Enterprise.id == OrderFee.enterprise_id)
        .where(OrderFee.order_id == order.id)
        .order_by(OrderFee.id)
    ).all()
    street = f"{order.street}, {order.postcode} {order.municipality}".removeprefix(", ")
    return OrderView(
        id=order.id,
        public_id=order.public_id,
        key=order.key,
        number=order.number,
        state=order.state.value,
        kind=order.kind.value,
        name=order.name,
        email=order.email,
        language=order.language,
        place=f"{point.name}, {point.address}" if point else street,
        floor=order.floor,
        has_lift=order.has_lift,
        point_name=point.name if point else "",
        lat=order.lat,
        lon=order.lon,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        placed_at=order.placed_at,
        hold_until=order.hold_until,
        closes_at=closes_at,
        hub_name=hub.name,
        hub_email=hub.email,
        hub_phone=hub.phone,
        goods_cents=order.goods_cents,
        services_cents=order.services_cents,
        deposit_cents=order.deposit_cents,
        total_cents=order.total_cents,
        lines=tuple(_line(line, farm, slug) for line, farm, slug in lines),
        fees=tuple((row[0], row[1], row[2]) for row in fees),
        deposits=tuple(deposits_of(session, order=order)),
        code=discount_codes.of_order(session, order=order),
        at_gate=order.at_gate,
    )


def deposits_of(session: Session, *, order: Order) -> list[DepositView]:
    """List the containers that came with an order, alike ones together."""
    if not order.deposit_cents:
        return []
    sums = (func.sum(OrderDeposit.count), func.sum(OrderDeposit.cut), func.sum(OrderDeposit.returned))
    rows = session.execute(
        select(ContainerType.kind, ContainerType.name, Enterprise.name, OrderDeposit.each_cents, *sums)
        .join(ContainerType, ContainerType.id == OrderDeposit.container_id)
        .join(Enterprise, Enterprise.id == OrderDeposit.owner_id)
        .where(OrderDeposit.order_id == order.id)
        .group_by(ContainerType.id, Enterprise.id, OrderDeposit.each_cents)
        .order_by(func.min(OrderDeposit.id))
    )
    return [
        DepositView(kind.value, name, owner, int(count), each, int(cut), int(returned))
        for kind, name, owner, each, count, cut, returned in rows
    ]


def _line(line: OrderLine, farm: str, slug: str) -> LineView:
    return LineView(
        id=line.id,
        name=line.name,
        farm=farm,
        farm_slug=slug,
        amount=line.amount,
        sell_unit=line.sell_unit.value,
        total_cents=line.total_cents,
        discount_cents=line.discount_cents,
        weight_g=line.weight_g,
        max_weight_g=line.supplied_max_weight_g,
        true_weight_g=line.true_weight_g,
        less_cents=line.less_cents,
        missing=line.missing,
        dropped=line.dropped,
        replacement=line.replacement,
    )


def of_person(session: Session, *, user_id: int, limit: int = 50, offset: int = 0) -> Sequence[Order]:
    """List a person's orders, the newest first, from the one at `offset` on."""
    query = select(Order).where(Order.user_id == user_id).order_by(Order.id.desc()).offset(offset).limit(limit)
    return session.scalars(query).all()


def last_door(session: Session, *, user_id: int) -> Door | None:
    """Give where the latest order of a person went that was brought home, paid or not, to propose it again."""
    row = session.execute(
        select(Order.postcode, Order.street, Order.floor, Order.has_lift)
        .where(Order.user_id == user_id, Order.kind == WindowKind.HOME)
        .order_by(Order.id.desc())
        .limit(1)
    ).one_or_none()
    return Door(*row) if row else None


def own(session: Session, *, public_id: str, user_id: int) -> OrderView:
    """Give an order of a person.

    :raises NotFound: when it is not theirs
    """
    found = session.scalar(select(Order).where(Order.public_id == public_id, Order.user_id == user_id))
    if found is None:
        raise NotFound()
    return of_token(session, token=orders.tracking_token(found.key))
