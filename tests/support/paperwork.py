"""A market whose parties have enterprise numbers, and orders that have their documents."""

from __future__ import annotations

from datetime import timedelta

from shortchain.documents.models import BusinessBuyer
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.transaction import transaction
from shortchain.workflows import documents, settlement
from tests.support.market import Market


def kbo(number: int) -> str:
    """Make a sound enterprise number."""
    return f"{number:08d}{97 - number % 97:02d}"


def numbered(shop: Market) -> Market:
    """Give every party of a market an enterprise number."""
    with transaction(shop.session):
        for number, party in enumerate((*shop.farms, *shop.packers, *shop.bikes), start=2_000_000):
            shop.session.get_one(Enterprise, party.id).kbo = kbo(number)
    return shop


def name_business(shop: Market, order: Order) -> None:
    """Have the customer of an order buy as a business."""
    shop.session.rollback()
    with transaction(shop.session):
        shop.session.add(
            BusinessBuyer(
                order_id=order.id,
                kbo="0909337584",
                name="Resto Het Plein",
                street="Markt 1",
                postcode="9000",
                municipality="Gent",
                email="resto@post.example",
                named_at=shop.now,
            )
        )


def finish(shop: Market, order: Order) -> None:
    """Deliver an order, divide it, and make its documents."""
    session = shop.session
    session.rollback()
    with transaction(session):
        row = orders.lock(session, order_id=order.id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    later = shop.now + timedelta(hours=49)
    settlement.settle_orders(session, now=later)
    assert documents.make_due(session, shop.gateways, now=later) > 0
    session.rollback()
