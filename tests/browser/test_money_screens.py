"""The coordinator's money pages, in a real browser at four widths, when something is wrong with the money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.kernel.voucher_port import IssuerStatement
from shortchain.ordering.models import Order
from shortchain.payments import issuer_payments
from shortchain.payments.models import Payment
from shortchain.payouts import ledger
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account, Payout
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, payment_events, settlement
from tests.browser.test_work_screens import cookie_of
from tests.integration.workflows.test_provider_desk import hear
from tests.integration.workflows.test_settlement import AFTER, delivered, settled
from tests.support.clock import Clock
from tests.support.fake_gateways import signed
from tests.support.market import Market, market
from tests.support.screens import chromium, faults_of, served

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


PAGES = (
    "/hub/geld",
    "/hub/geld/cheques",
    "/hub/geld/uitbetalen",
    "/onderneming/afrekening",
    "/onderneming/uitbetaling",
    "/hub",
)


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def work_at_the_desk(shop: Market) -> None:
    """Have an order of which somebody gave back and took back a part on the provider's own pages."""
    settled(shop, delivered(shop, 2, 2))
    settlement.send_payouts(shop.session, shop.gateways, now=shop.now + AFTER)
    shop.session.rollback()
    provider = shop.gateways.payments
    transfer = shop.session.scalars(select(Payout.transfer)).all()[0] or ""
    intent = shop.session.scalars(select(Payment.intent)).one() or ""
    shop.session.rollback()
    refund = provider.refund_at_desk(intent, 100)  # type: ignore[attr-defined]
    provider.reverse_at_desk(transfer, 50)  # type: ignore[attr-defined]
    hear(shop, "refund", "refund.created", object="refund", id=refund, metadata={})
    hear(shop, "reversal", "transfer.reversed", object="transfer", id=transfer, metadata={})


def owe_for_codes(shop: Market) -> None:
    """Have a hub that owes something for its codes since long ago."""
    hub_id, at = shop.cycle.hub_id, shop.now - timedelta(days=40)
    with transaction(shop.session):
        order_id = shop.session.scalars(select(Order.id)).first()
        for name, one, other in (
            ("code-owed:1", Entry(Account.DISCOUNT, "capture", 500, about_id=hub_id), Account.CUSTOMER),
            ("settle:old", Entry(Account.CUSTOMER, "settle", 500), Account.PLATFORM),
        ):
            entries = [one, Entry(other, one.kind, -500)]
            ledger.post(shop.session, transaction=name, order_id=order_id, entries=entries, now=at)


@pytest.fixture
def troubled(app: Flask, session: Session, gateways: Gateways, clock: Clock) -> Iterator[tuple[str, str]]:
    """A shop with a dispute, a forged webhook, books that differ, an issuer that counts otherwise, deeds on the
    provider's own pages, an account below zero and a hub that owes for its codes; gives its address and a cookie."""
    shop = market(session, gateways)
    work_at_the_desk(shop)
    told = IssuerStatement("CHQ-00001-2B1F", "meal_voucher", date(2026, 11, 20), 45020, 860, (("vch_7f31", 45020),))
    with transaction(session):
        issuer_payments.take(session, told=told, now=shop.now)
    reference = session.scalars(select(Payment.reference)).one() or ""
    name = gateways.payments.dispute(reference)  # type: ignore[attr-defined]
    client = app.test_client()
    client.post("/webhooks/stripe", data="{}", headers={"Stripe-Signature": "bad"}, token=False)
    client.post("/webhooks/stripe", **signed("evt_1", "charge.dispute.created", object="dispute", id=name), token=False)
    payment_events.process_inbox(session, gateways, now=shop.now)
    rows = gateways.payments.moved  # type: ignore[attr-defined]
    rows[0] = replace(rows[0], amount=Money(1))
    gateways.payments.balances[shop.farms[0].stripe_account or ""] = -250  # type: ignore[attr-defined]
    owe_for_codes(shop)
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
