"""The VAT that a customer reads before and after ordering is that of the documents, whoever sells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.documents.models import Document
from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.enterprises.vat_models import VatChange
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications import telling
from shortchain.ordering import baskets, orders
from shortchain.ordering.models import Order
from shortchain.payouts import remaining
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.routing import quotes
from shortchain.transaction import transaction
from shortchain.workflows import documents, settlement
from tests.support import paperwork
from tests.support.market import HOME, Market, market

SOLD = ("goods", "process", "transport", "pack", "deliver", "levy")


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have a market in which one farm is in the flat-rate scheme and who packs and brings is a small enterprise."""
    found = paperwork.numbered(market(session, gateways))
    with transaction(session):
        session.get_one(Enterprise, found.farms[0].id).vat_scheme = VatScheme.AGRI_FLAT
        for one in (*found.packers, *found.bikes):
            session.get_one(Enterprise, one.id).vat_scheme = VatScheme.SMALL_EXEMPT
    return found


def on_documents(shop: Market, order: Order) -> int:
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
        row.delivered_at = row.starts_at
    settlement.settle_orders(shop.session, now=row.ends_at + timedelta(days=3))
    documents.make_due(shop.session, shop.gateways, now=row.ends_at + timedelta(days=3))
    shop.session.rollback()
    query = select(func.sum(Document.vat_cents)).where(Document.order_id == order.id)
    return int(shop.session.scalar(query) or 0)


def in_the_quote(shop: Market, basket: str) -> int:
    view = baskets.view(shop.session, public_id=basket, now=shop.now)
    assert view is not None
    sheet = quotes.quote(
        shop.session,
        view=view,
        destination=HOME.point,
        is_pickup=False,
        delivery_day=local_day(shop.window.starts_at),
        closes_at=shop.cycle.closes_at,
        distance=shop.gateways.distance,
    ).sheet
    shop.session.rollback()
    assert sum(sheet.vat_parts.values()) == sum(row.vat_cents for row in sheet.vat)
    return sum(row.vat_cents for row in sheet.vat)


def in_the_mail(shop: Market, order: Order) -> int:
    facts = telling.order_facts(shop.session, order=shop.session.get_one(Order, order.id))
    return sum(row["vat_cents"] for row in facts["vat"])


def on_the_page(shop: Market, order: Order) -> int:
    return sum(remaining.of_order(shop.session, order_id=order.id).vat.values())


def in_the_ledger(shop: Market, order: Order) -> int:
    query = select(func.sum(LedgerEntry.vat_cents)).where(
        LedgerEntry.order_id == order.id, LedgerEntry.account == Account.ENTERPRISE, LedgerEntry.kind.in_(SOLD)
    )
    return -int(shop.session.scalar(query) or 0)


def test_is_the_same_from_the_quote_to_the_ledger(shop: Market) -> None:
    basket = shop.basket(2, 3)
    quoted = in_the_quote(shop, basket)
    order = shop.order(2, 3)
    read = {on_the_page(shop, order), in_the_mail(shop, order)}
    papers = on_documents(shop, order)
    assert papers == quoted == in_the_ledger(shop, order)
    assert read == {papers}
    assert papers > 0, "the other farm charges VAT"


def test_follows_a_scheme_that_begins_on_the_day_of_delivery(shop: Market) -> None:
    day = local_day(shop.window.starts_at)
    before = in_the_quote(shop, shop.basket(2, 0))
    with transaction(shop.session):
        shop.session.add(
            VatChange(enterprise_id=shop.farms[0].id, from_day=day, scheme=VatScheme.NORMAL, noted_at=shop.now)
        )
    after = in_the_quote(shop, shop.basket(2, 0))
    order = shop.order(2, 0)
    assert before == 0 < after
    assert on_documents(shop, order) == after == on_the_page(shop, order) == in_the_ledger(shop, order)


def test_does_not_follow_one_that_begins_the_day_after(shop: Market) -> None:
    day = local_day(shop.window.starts_at) + timedelta(days=1)
    with transaction(shop.session):
        shop.session.add(
            VatChange(enterprise_id=shop.farms[0].id, from_day=day, scheme=VatScheme.NORMAL, noted_at=shop.now)
        )
    assert in_the_quote(shop, shop.basket(2, 0)) == 0
