"""`flask check --all` sees an offer that asks another price than its lists say."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from shortchain.catalogue import list_prices, shop_items
from shortchain.catalogue.list_pricing import Entry
from shortchain.catalogue.models import Offer, Product, ShopItem
from shortchain.catalogue.verifying import offers_ask_what_lists_say
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.transaction import transaction
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    entries = [Entry(PriceList.CONSUMER, 5, cents=200), Entry(PriceList.SHOP, 0, less_bp=1000)]
    with transaction(session):
        product = session.get_one(Product, made.offers[0].product_id)
        list_prices.set_entries(session, product=product, entries=entries, price_cents=240, by=SYSTEM, now=made.now)
        shop_items.rebuild(session)
    return made


def test_finds_nothing_where_prices_were_set(shop: Market, session: Session) -> None:
    assert offers_ask_what_lists_say(session, shop.now) == []


@pytest.mark.parametrize(
    "change",
    [
        update(Offer).values(price_cents=300),  # percents would have followed
        update(Offer).values(prices={}),
        update(Offer).values(prices={"shop": [[0, 1]]}),
        update(ShopItem).values(steps="5:199"),
    ],
    ids=["price", "none", "other", "shelf"],
)
def test_finds_what_was_changed_behind_its_back(shop: Market, session: Session, change: object) -> None:
    with transaction(session):
        session.execute(change)  # type: ignore[call-overload]
    assert offers_ask_what_lists_say(session, shop.now)
