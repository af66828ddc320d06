"""The coordinator's money pages, in a real browser at four widths, when something is wrong with the money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.payments.models import Payment
from shortchain.workflows import bookkeeping, payment_events
from tests.browser.test_work_screens import cookie_of
from tests.integration.workflows.test_settlement import delivered, settled
from tests.support.clock import Clock
from tests.support.fake_gateways import signed
from tests.support.market import market
from tests.support.screens import chromium, faults_of, served

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


PAGES = ("/hub/geld", "/hub/geld/uitbetalen", "/onderneming/afrekening", "/onderneming/uitbetaling", "/hub")


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def troubled(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> Iterator[tuple[str, str]]:
    """A shop with a dispute, a forged webhook and books that differ; gives its address and a cookie."""
    shop = market(session, gateways)
    settled(shop, delivered(shop, 2, 2))
    reference = session.scalars(select(Payment.reference)).one() or ""
    name = gateways.payments.dispute(reference)  # type: ignore[attr-defined]
    client = app.test_client()
    client.post("/webhooks/stripe", data="{}", headers={"Stripe-Signature": "bad"}, token=False)
    client.post("/webhooks/stripe", **signed("evt_1", "charge.dispute.created", object="dispute", id=name), token=False)
    payment_events.process_inbox(session, gateways, now=shop.now)
    rows = gateways.payments.moved  # type: ignore[attr-defined]
    rows[0] = replace(rows[0], amount=Money(1))
    bookkeeping.compare_books(session, gateways, now=shop.now + timedelta(hours=1))
    cookie = cookie_of(app, session, shop.cycle.hub_id)
    clock.now = shop.now + timedelta(hours=1)
    with served(app) as base:
        yield base, cookie


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE"])
def test_it_finds_nothing_wrong_on_the_money_pages(
    browser_here: Browser, troubled: tuple[str, str], language: str
) -> None:
    base, cookie = troubled
    assert faults_of(browser_here, base, cookie, PAGES, language) == []
