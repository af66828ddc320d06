"""The pages around documents, in a real browser at four widths: the customer's order and an enterprise's list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering.orders import tracking_token
from shortchain.workflows import documents
from tests.browser.test_work_screens import cookie_of
from tests.support import paperwork
from tests.support.market import market
from tests.support.screens import chromium, faults_of, served

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def pages(app: Flask, session: Session, gateways: Gateways) -> Iterator[tuple[str, str, list[str]]]:
    """An order with documents, one without, and a farm that was invoiced: address, cookie, paths."""
    shop = paperwork.numbered(market(session, gateways))
    done, running = shop.order(2, 3), shop.order(1, 1)
    paperwork.finish(shop, done)
    documents.make_due(session, gateways, now=shop.now + timedelta(days=30))
    token = tracking_token(running.key)
    paths = [f"/volg/{tracking_token(done.key)}", f"/volg/{token}", f"/bestelling/{token}/bedrijf"]
    cookie = cookie_of(app, session, shop.farms[0].id)
    with served(app) as base:
        yield base, cookie, [*paths, "/onderneming/documenten"]


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE"])
def test_it_finds_nothing_wrong_around_documents(
    browser_here: Browser, pages: tuple[str, str, list[str]], language: str
) -> None:
    base, cookie, paths = pages
    assert faults_of(browser_here, base, cookie, paths, language) == []
