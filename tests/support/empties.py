"""A market in which Kool stands in jars of its farm, and the hub packs in crates that come back."""

from __future__ import annotations

from shortchain.catalogue.models import Product
from shortchain.containers.models import ContainerType
from shortchain.journal import SYSTEM
from shortchain.ordering import empties as handing
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderDeposit
from shortchain.payments.models import Refund
from shortchain.transaction import transaction
from shortchain.workflows import containers
from tests.support.market import Market

JAR_CENTS, CRATE_CENTS = 30, 400


def own(shop: Market, owner_id: int, kind: str, cents: int) -> ContainerType:
    """Have an owner ask a deposit for a kind of container."""
    containers.add(shop.session, owner_id=owner_id, kind=kind, name="", deposit_cents=cents, by=SYSTEM, now=shop.now)
    return shop.session.query(ContainerType).order_by(ContainerType.id.desc()).first()  # type: ignore[return-value]


def in_jars(shop: Market, place: int = 1, cents: int = JAR_CENTS) -> ContainerType:
    """Sell the product of an offer in jars of its farm."""
    jar = own(shop, shop.offers[place].farm_id, "jar", cents)
    with transaction(shop.session):
        shop.session.get_one(Product, shop.offers[place].product_id).container_id = jar.id
    return jar


def in_crates(shop: Market, cents: int = CRATE_CENTS) -> ContainerType:
    """Pack the orders of the market's hub in crates of the hub."""
    crate = own(shop, shop.cycle.hub_id, "pool_crate", cents)
    containers.pack_orders_in(
        shop.session, hub_id=shop.cycle.hub_id, public_id=crate.public_id, by=SYSTEM, now=shop.now
    )
    return crate


def deposits_of(shop: Market, order: Order) -> list[OrderDeposit]:
    """List the deposits of an order as they stand."""
    shop.session.rollback()
    query = shop.session.query(OrderDeposit).filter_by(order_id=order.id).order_by(OrderDeposit.id)
    return query.populate_existing().all()


def given_back(shop: Market, order: Order) -> list[int]:
    """List the refunds of deposits of an order, in cents."""
    query = shop.session.query(Refund).filter_by(order_id=order.id).order_by(Refund.id)
    return [one.amount_cents for one in query if one.order_deposit_id is not None]


def deliver(shop: Market, order: Order) -> None:
    """Have an order delivered without a tour."""
    shop.session.rollback()
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
        handing.book_delivered(shop.session, order=row, packer_id=shop.packers[0].id, now=shop.now)
