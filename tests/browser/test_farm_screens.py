"""The farmer's pages in a real browser: four widths, two languages, and a harvest in a few taps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Photo, Product
from shortchain.delivery import pick_lists
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.stock.models import Lot
from shortchain.workflows import supply
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import accounts, catalogue, enterprises, stock
from tests.support.market import market
from tests.support.screens import Watched, chromium, served, watch, widths_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only,
]
VEGETABLES = ("Prei", "Wortelen", "Uien", "Rapen", "Spruiten")


@dataclass
class Farm:
    """A farm with sold leek and four more products, and its farmer's cookie."""

    base: str
    cookie: str
    product: str


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def farm(app: Flask, session: Session, gateways: Gateways) -> Iterator[Farm]:
    shop = market(session, gateways)
    owner = shop.farms[0]
    for name in VEGETABLES[1:]:
        product = catalogue.product(session, owner, name=name)
        stock.lot(session, product)
        supply.set_price(
            session,
            product_public_id=product.public_id,
            farm_id=owner.id,
            price_cents=150,
            by=SYSTEM,
            now=MONDAY_MORNING,
        )
    shop.order(3, 2)
    leek = session.get_one(Product, shop.offers[0].product_id).public_id
    supply.set_price(
        session,
        product_public_id=leek,
        farm_id=owner.id,
        price_cents=240,
        by=SYSTEM,
        now=MONDAY_MORNING,
    )
    cookie = cookie_of(app, session, owner)
    with served(app) as base:
        yield Farm(base, cookie, leek)


def cookie_of(app: Flask, session: Session, farm: Enterprise) -> str:
    person = accounts.user(session)
    enterprises.member(session, person, farm)
    browser = accounts.signed_in(app.test_client(), session, person)
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return cookie.value


def opened(browser: Browser, farm: Farm, **options: object) -> tuple[BrowserContext, Watched]:
    context = browser.new_context(**options)
    context.add_cookies([{"name": "session", "value": farm.cookie, "url": farm.base}])
    return context, watch(context, farm.base)


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE"])
def test_it_finds_nothing_wrong_on_any_page(browser_here: Browser, farm: Farm, language: str) -> None:
    context, watched = opened(browser_here, farm, locale=language)
    paths = (
        "vandaag",
        "oogst?zoals=vorige",
        "aanbod",
        f"aanbod/{farm.product}",
        "aanbod/nieuw",
        "aanbod/nieuw?wat=wortel",
        "plukken",
        "geld",
    )
    faults = []
    for path in paths:
        for width in watched.widths(f"/boer/{path}", widths_in(language)):
            assert watched.page.locator("h1").count() == 1, f"{path}: {watched.page.title()}"
            faults += [f"{path}: {fault}" for fault in watched.look(axe=width in (320, 1280))]
    context.close()
    assert faults == []


def test_it_lists_five_products_in_a_few_taps_and_takes_them_back(
    browser_here: Browser, farm: Farm, session: Session
) -> None:
    context, watched = opened(browser_here, farm, viewport={"width": 360, "height": 780}, locale="nl-BE")
    page = watched.open("/boer/vandaag")
    taps = [
        ("link", "Oogst ingeven"),
        ("button", "Zoals vorige keer"),
        ("button", "Zet in de winkel"),
    ]
    for role, name in taps:
        page.get_by_role(role, name=name).last.click()  # type: ignore[arg-type]
        watched.rest()
    assert page.get_by_text("5 producten staan in de winkel.").count() == 1
    session.rollback()
    assert session.scalars(select(Lot.quantity).where(Lot.public_id.contains("."))).all() == [100] * 5
    page.get_by_role("button", name="Zet terug").click()
    watched.rest()
    session.rollback()
    assert session.scalars(select(Lot.quantity).where(Lot.public_id.contains("."))).all() == [0] * 5
    assert watched.look(axe=False) == []
    context.close()


def test_it_sends_a_photo_and_says_what_is_wrong_with_another(
    browser_here: Browser, farm: Farm, session: Session, tmp_path: Path
) -> None:
    Image.new("RGB", (1200, 1600), "green").save(tmp_path / "prei.jpg")
    (tmp_path / "bad.jpg").write_text("<svg/>")
    context, watched = opened(browser_here, farm, viewport={"width": 360, "height": 780}, locale="nl-BE")
    page = watched.open(f"/boer/aanbod/{farm.product}")
    page.set_input_files("input[type=file]", tmp_path / "bad.jpg")
    page.get_by_role("button", name="Zet de foto erbij").click()
    page.wait_for_selector("#fouten")
    assert page.evaluate("document.activeElement.id") == "fouten"
    page.set_input_files("input[type=file]", tmp_path / "prei.jpg")
    page.get_by_role("button", name="Zet de foto erbij").click()
    page.wait_for_selector(".notice-good")
    session.rollback()
    assert len(session.scalars(select(Photo.id)).all()) == 1
    assert watched.look(axe=False) == []
    context.close()


def test_it_keeps_ticks_over_a_reload(browser_here: Browser, farm: Farm, session: Session) -> None:
    [day] = pick_lists.days_to_bring(
        session,
        farm_id=session.scalars(select(Product.farm_id).where(Product.public_id == farm.product)).one(),
        first=MONDAY_MORNING.date(),
    )
    session.rollback()
    context, watched = opened(browser_here, farm, viewport={"width": 360, "height": 780})
    page = watched.open(f"/boer/plukken?dag={day}")
    page.locator(".pick-list input").first.check()
    page.reload()
    assert page.locator(".pick-list input").first.is_checked()
    context.close()
