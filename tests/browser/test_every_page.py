"""Every page that answers a GET, as the person it is for sees it: axe, overflow, console, requests.

The route table is walked, so a new page without an example here fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from shortchain.clearing import card_sales
from shortchain.database import db
from shortchain.enterprises.drawn_zones import ZoneFacts
from shortchain.enterprises.drivers import DriverFacts
from shortchain.enterprises.vehicles import VehicleFacts
from shortchain.giftcards.codes import page_token
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.payment_port import PaymentStatus
from shortchain.ordering import history
from shortchain.ordering.orders import tracking_token
from shortchain.transaction import transaction
from shortchain.workflows import batching, complaints, dispatch, fleet, gift_cards, zones
from tests.conftest import settings_for
from tests.support.complaining import picture
from tests.support.region import demo_region
from tests.support.screens import chromium, served, watch

pytestmark = [pytest.mark.browser]
NO_PAGES = {
    "checkout.calendar",
    "checkout.complaint_photo",
    "farm.complaint_photo",
    "hub_complaints.photo",
    "enterprise.container_moves",
    "enterprise.payouts_again",
    "enterprise.payouts_back",
    "enterprise.statement_file",
    "enterprise.yearly_file",
    "hub_payouts.bank_file",
    "hub_payouts.bookings",
    "checkout.document",
    "enterprise.document",
    "health.healthz",
    "health.metrics",
    "health.readyz",
    "shop.find_place",
    "shop.media",
    "static",
}
PEOPLE = {
    "account": "klant@demo.example",
    "chains": "hub@demo.example",
    "courier": "koerier@demo.example",
    "coverage": "hub@demo.example",
    "enterprise": "boer@demo.example",
    "farm": "boer@demo.example",
    "hub": "hub@demo.example",
    "hub_bank": "hub@demo.example",
    "hub_buyers": "hub@demo.example",
    "hub_codes": "hub@demo.example",
    "hub_complaints": "hub@demo.example",
    "hub_fees": "hub@demo.example",
    "hub_money": "hub@demo.example",
    "hub_payouts": "hub@demo.example",
    "hub_voucher_rules": "hub@demo.example",
    "hub_vouchers": "hub@demo.example",
    "hub_zones": "hub@demo.example",
    "work": "maatwerk@demo.example",
}
OTHERS = {
    "courier.pace": PEOPLE["work"],
    "courier.planning": PEOPLE["work"],
    "enterprise.new_point": PEOPLE["hub"],
    "enterprise.point": PEOPLE["hub"],
    "enterprise.points": PEOPLE["farm"],  # a farm's are its gate
    "enterprise.service": PEOPLE["work"],
    "enterprise.service_area": PEOPLE["work"],
    "enterprise.to_verify": PEOPLE["hub"],
    "enterprise.driver": PEOPLE["work"],
    "enterprise.new_driver": PEOPLE["work"],
    "enterprise.new_vehicle": PEOPLE["work"],
    "enterprise.vehicle": PEOPLE["work"],
    "enterprise.vehicles": PEOPLE["work"],
}
"""Pages of an enterprise that a farm does not have."""
MEMBER = """SELECT membership.enterprise_id FROM membership
JOIN user_account ON user_account.id = membership.user_id WHERE user_account.email = ?"""
EXAMPLES = {  # endpoint → a query for each part of its address; `{own}` is the enterprise of who looks
    "checkout.add": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.business": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.change": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.follow": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.pay": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.problem": "SELECT key FROM customer_order WHERE state = 'delivered' LIMIT 1",
    "checkout.thanks": "SELECT key FROM customer_order WHERE state = 'confirmed' LIMIT 1",
    "checkout.withdraw": "SELECT key FROM customer_order WHERE state = 'delivered' LIMIT 1",
    "courier.planning": "SELECT public_id FROM progress WHERE enterprise_id = {own} LIMIT 1",
    "courier.paper": "SELECT public_id FROM tour WHERE state <> 'dropped' LIMIT 1",
    "courier.tour": "SELECT public_id FROM tour WHERE state <> 'dropped' LIMIT 1",
    "courier.stop": "SELECT stop.public_id FROM stop JOIN tour ON tour.id = stop.tour_id LIMIT 1",
    "chains.running": "SELECT public_id FROM progress WHERE kind = 'batch' AND enterprise_id = {own} LIMIT 1",
    "dev.letter": "SELECT public_id FROM notice LIMIT 1",
    "enterprise.point": "SELECT public_id FROM pickup_point WHERE enterprise_id = {own} LIMIT 1",
    "enterprise.service": "SELECT service FROM capability WHERE enterprise_id = {own} LIMIT 1",
    "enterprise.service_area": "SELECT service FROM capability WHERE enterprise_id = {own} LIMIT 1",
    "enterprise.driver": "SELECT public_id FROM driver WHERE enterprise_id = {own} LIMIT 1",
    "enterprise.vehicle": "SELECT public_id FROM courier WHERE enterprise_id = {own} LIMIT 1",
    "farm.list_prices": "SELECT public_id FROM product WHERE farm_id = {own} LIMIT 1",
    "farm.vouchers": "SELECT public_id FROM product WHERE farm_id = {own} LIMIT 1",
    "farm.product": "SELECT public_id FROM product WHERE farm_id = {own} LIMIT 1",
    "gift_cards.show": "SELECT key FROM gift_card LIMIT 1",
    "hub.choose": "SELECT customer_order.public_id FROM customer_order JOIN job ON job.order_id = customer_order.id "
    "WHERE hub_id = {own} AND customer_order.state = 'confirmed' AND job.stage = 'pack' AND job.state = 'offered' LIMIT 1",
    "hub_complaints.show": "SELECT complaint.public_id FROM complaint JOIN customer_order "
    "ON customer_order.id = complaint.order_id WHERE hub_id = {own} LIMIT 1",
    "hub.order": "SELECT public_id FROM customer_order WHERE hub_id = {own} AND state = 'confirmed' LIMIT 1",
    "hub_zones.zone": "SELECT public_id FROM drawn_zone WHERE hub_id = {own} LIMIT 1",
    "shop.around": "SELECT '9000'",
    "shop.farm": "SELECT slug FROM enterprise WHERE kind = 'farm' LIMIT 1",
    "shop.product": "SELECT slug FROM product LIMIT 1",
    "work.job": "SELECT public_id FROM job WHERE enterprise_id = {own} AND state <> 'withdrawn' LIMIT 1",
}
OLD_LINKS = {"account.confirm", "account.confirm_email_change", "account.reset", "enterprise.invitation"}
"""Pages behind a secret of a mail: a spent link shows one of them too."""


@dataclass
class Place:
    """The demo region, served, with the password of its accounts."""

    app: Flask
    base: str
    database: Path
    password: str

    def ask(self, query: str, *values: object) -> str | None:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=15)) as connection:
            row = connection.execute(query, values).fetchone()
        return None if row is None else str(row[0])

    def endpoints(self) -> dict[str, str]:
        """Give every endpoint that shows a page, with its rule."""
        return {
            rule.endpoint: rule.rule
            for rule in self.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES and not rule.endpoint.startswith("api.")
        }

    def address(self, endpoint: str, rule: str) -> str | None:
        """Fill an example in; None when the demo has none, which is a fault of the example."""
        if "<" not in rule:
            return rule
        if endpoint in OLD_LINKS:
            return rule.replace("<token>", "van-vorig-jaar")
        own = self.ask(MEMBER, person_for(endpoint) or "")
        found = self.ask(EXAMPLES[endpoint].replace("{own}", own or "0"))
        if found is None:
            return None
        if "<token>" in rule:
            secret = page_token if endpoint.startswith("gift_cards.") else tracking_token
            return rule.replace("<token>", secret(found))
        head, _, rest = rule.partition("<")
        return head + found + rest.partition(">")[2].replace("<key>", "pack")


def person_for(endpoint: str) -> str | None:
    return OTHERS.get(endpoint) or PEOPLE.get(endpoint.split(".")[0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    from shortchain.app import create_app

    region = demo_region(tmp_path_factory, "every-page")
    app = create_app(settings_for(region.url, region.media))
    with served(app) as base:
        shown = Place(app, base, region.database, region.accounts[0]["password"])
        with app.app_context():  # no worker runs here, so the page that waits for it can be looked at
            packer = int(shown.ask(MEMBER, PEOPLE["work"]) or 0)
            now = datetime.now(UTC)
            dispatch.ask_plan(db.session(), enterprise_id=packer, day=now.date(), now=now)
            van = VehicleFacts("Bestelwagen", "VAN_M", 900_000, "diesel", 5)
            fleet.add_vehicle(db.session(), enterprise_id=packer, facts=van, now=now, by=SYSTEM)
            fleet.add_driver(
                db.session(), enterprise_id=packer, facts=DriverFacts("Ruben", "B", 15_000), now=now, by=SYSTEM
            )
            hub = int(shown.ask(MEMBER, PEOPLE["hub"]) or 0)
            corners = "51.052, 3.722\n51.052, 3.726\n51.056, 3.726"
            market = ZoneFacts(
                "Markt", corners, frozenset({5, 6}), (time(11), time(18)), frozenset({"electric"}), "Bord"
            )
            zones.draw(db.session(), hub_id=hub, facts=market, now=now, by=SYSTEM)
            cycle = shown.ask("SELECT public_id FROM order_cycle WHERE state = 'open' AND hub_id = ? LIMIT 1", hub)
            batching.ask_batch(db.session(), cycle=cycle or "", hub_id=hub, now=now)
            _complain(shown, app, hub, now)
            _buy_card(now)
            db.session.remove()
        yield shown


def _complain(shown: Place, app: Flask, hub: int, now: datetime) -> None:
    """Let a customer of the hub complain with a photo: the demo has nobody who does."""
    row = shown.ask("SELECT key FROM customer_order WHERE state = 'delivered' AND hub_id = ? LIMIT 1", hub)
    token = tracking_token(row or "")
    lines = history.of_token(db.session(), token=token).lines
    complaints.report(
        db.session(),
        app.extensions["shortchain.gateways"],
        token=token,
        key="every page",
        kind="bad",
        text="Slap en bruin.",
        lines={line.id: [picture()] for line in lines[:2]},
        by=GUEST,
        now=now,
    )


def _buy_card(now: datetime) -> None:
    """Have a gift card that is paid: nobody runs a payment provider here."""
    card_id = gift_cards.buy(
        db.session(),
        key="0123456789abcdef" * 2,
        amount_cents=2500,
        name="Nele",
        email="nele@demo.example",
        language="nl",
        for_name="Ward",
        message="Smakelijk!",
        method="card",
        address="192.0.2.1",
        now=now,
    )
    with transaction(db.session()):
        status = PaymentStatus("cs_page", "captured", Money(2500), "ch_page", "pi_page")
        card_sales.came_in(db.session(), card_id=card_id, status=status, now=now)


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_it_has_an_example_for_every_page(place: Place) -> None:
    without = [
        endpoint
        for endpoint, rule in place.endpoints().items()
        if "<" in rule and endpoint not in OLD_LINKS and endpoint not in EXAMPLES
    ]
    assert without == []
    assert {end: rule for end, rule in place.endpoints().items() if place.address(end, rule) is None} == {}


@pytest.mark.parametrize("email", [None, *sorted(set(PEOPLE.values()))])
def test_it_finds_nothing_wrong_on_any_page_of(browser_here: Browser, place: Place, email: str | None) -> None:
    context = browser_here.new_context(locale="nl-BE")
    watched = watch(context, place.base)
    faults: dict[str, list[str]] = {}
    if email:
        page = watched.open("/mijn/aanmelden")
        page.get_by_label("E-mailadres").fill(email)
        page.get_by_label("Wachtwoord", exact=True).fill(place.password)
        page.locator("main form button[type=submit]").first.click()
        watched.rest()
        assert page.url != f"{place.base}/mijn/aanmelden", "the person could sign in"
    for endpoint, rule in sorted(place.endpoints().items()):
        address = place.address(endpoint, rule)
        if person_for(endpoint) != email or address is None:
            continue
        for width in watched.widths(address, (320, 1280)):
            found = watched.look(axe=width == 320)
            watched.faults.clear()
            if endpoint in OLD_LINKS:
                found = [one for one in found if "the server responded with a status of 4" not in one]
            if "/mijn/aanmelden" in watched.page.url and not address.startswith("/mijn/"):
                found.append(f"asks to sign in, and nobody looked at it: say in PEOPLE whose page {endpoint} is")
            if found:
                faults.setdefault(f"{endpoint} {address}", []).extend(found)
    context.close()
    assert faults == {}


def test_it_draws_an_area_by_pointer_and_by_keyboard(browser_here: Browser, place: Place) -> None:
    context = browser_here.new_context(locale="nl-BE", viewport={"width": 360, "height": 740})
    watched = watch(context, place.base)
    page = watched.open("/mijn/aanmelden")
    page.get_by_label("E-mailadres").fill(PEOPLE["hub_zones"])
    page.get_by_label("Wachtwoord", exact=True).fill(place.password)
    page.locator("main form button[type=submit]").first.click()
    watched.rest()
    page = watched.open("/hub/zones")
    page.wait_for_selector(".draw .leaflet-container")
    field, said, plane = page.locator("#f-outline"), page.locator("[data-said]"), page.locator(".draw-map")
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    assert box is not None
    for across, down in ((0.2, 0.3), (0.8, 0.3), (0.8, 0.8)):
        plane.click(position={"x": box["width"] * across, "y": box["height"] * down})
    lats, lons = zip(
        *((float(part) for part in line.split(", ")) for line in field.input_value().splitlines()), strict=True
    )
    assert lats[0] == pytest.approx(lats[1]) and lats[2] < lats[1] and lons[0] < lons[1] == pytest.approx(lons[2])
    page.get_by_role("button", name="Begin opnieuw").click()
    assert (field.input_value(), said.inner_text()) == ("", "Hoeken: 0 (minstens drie)")
    page.get_by_role("button", name="Een stap terug").click()
    assert said.inner_text() == "Hoeken: 3", "starting anew can be taken back"
    plane.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Hoek in het midden").press("Enter")
    assert said.inner_text() == "Hoeken: 4"
    field.fill("51.05, 3.72\n51.05, 3.73\n51.06, 3.73")
    field.press("Tab")
    assert said.inner_text() == "Hoeken: 3", "what is typed shows on the map"
    assert watched.faults == []
    context.close()
