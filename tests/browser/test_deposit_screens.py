"""The pages of deposits and empties in a real browser at four widths: shop, order, desk, account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from tests.browser.test_work_screens import cookie_of
from tests.support import empties, paperwork
from tests.support.market import market
from tests.support.screens import chromium, faults_of, served

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def pages(app: Flask, session: Session, gateways: Gateways) -> Iterator[tuple[str, str, list[str]]]:
    """A delivered order with jars and a crate, as its customer and the hub see it: address, cookie, paths."""
    shop = paperwork.numbered(market(session, gateways))
    jar, _crate = empties.in_jars(shop), empties.in_crates(shop)
    empties.own(shop, shop.cycle.hub_id, "jar", 25)
    order = shop.order(2, 3)
    empties.deliver(shop, order)
    slug = session.get_one(Product, shop.offers[1].product_id).slug
    number, key = order.number, session.get_one(Order, order.id).key
    paths = [
        f"/p/{slug}",
        f"/volg/{tracking_token(key)}",
        "/onderneming/leeggoed",
        f"/onderneming/leeggoed/terug?bestelling={number}",
        "/mijn/leeggoed",
    ]
    assert jar is not None
    cookie = cookie_of(app, session, shop.cycle.hub_id)
    with served(app) as base:
        yield base, cookie, paths


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
def test_it_finds_nothing_wrong_around_deposits(
    browser_here: Browser, pages: tuple[str, str, list[str]], language: str
) -> None:
    base, cookie, paths = pages
    assert faults_of(browser_here, base, cookie, paths, language) == []
