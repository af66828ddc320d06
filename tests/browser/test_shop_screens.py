"""The shop in a real browser: four widths, three languages, with and without script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from shortchain import data
from tests.support.factories import catalogue, enterprises, stock
from tests.support.screens import chromium, served, watch, widths_in

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
MAP = "/rond/9000"
PAGES = (
    "/",
    "/winkel",
    "/winkel?postcode=9000&zonder=BC&q=prei",
    MAP,
    "/p/prei-0",
    "/boer/hoeve",
    "/zoek-plaats?postcode=nergens",
    "/winkel?q=zzzz",
)


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def shop(app: Flask, session: Session) -> Iterator[str]:
    """A farm with thirty products, of which one is nearly and one quite gone."""
    farm = enterprises.farm(
        session, name="Hoeve met een lange naam in Sint-Pieters-Kapelle", slug="hoeve", organic=True
    )
    enterprises.packer(session, name="De Inpakkers")
    enterprises.deliverer(session, name="De Fietsers")
    hub = enterprises.hub(session)
    cycle = catalogue.cycle(session, hub)
    catalogue.window(session, cycle)
    catalogue.window(session, cycle, point=enterprises.pickup_point(session, hub))
    slugs = ("prei", "knolselder", "appel", "groentepakket-groot")
    for number in range(30):
        item = data.produce()[slugs[number % len(slugs)]]
        product = catalogue.product(
            session,
            farm,
            slug=f"prei-{number}",
            name=item.name.nl,
            produce=item.slug,
            category=item.category,
            is_organic=True,
            allergens=data.allergen_defaults(item.slug),
        )
        stock.lot(session, product, quantity=number)
        catalogue.offer(session, product, cycle, price_cents=150 + number * 100)
    with served(app) as base:
        yield base


@pytest.mark.parametrize("language", ["nl-BE", "fr-BE", "en-GB"])
def test_finds_nothing_wrong_at_any_width(browser_here: Browser, shop: str, language: str) -> None:
    context = browser_here.new_context(locale=language)
    watched = watch(context, shop)
    found = []
    for path in PAGES:
        for width in watched.widths(path, widths_in(language)):
            found += [f"{path}: {fault}" for fault in watched.look(axe=width in (320, 1280)) if "422" not in fault]
    context.close()
    assert found == []


def test_draws_the_map_where_there_is_room(browser_here: Browser, shop: str) -> None:
    context = browser_here.new_context(locale="nl-BE")
    watched = watch(context, shop)
    drawn = [watched.page.locator(".leaflet-container").is_visible() for _ in watched.widths(MAP)]
    context.close()
    assert drawn == [False, False, False, True]


def test_loads_the_next_page_while_scrolling(browser_here: Browser, shop: str) -> None:
    page = browser_here.new_page(locale="nl-BE")
    page.goto(f"{shop}/winkel")
    page.locator(".more a").scroll_into_view_if_needed()
    expect(page.locator(".ticket")).to_have_count(30)
    page.close()


def test_shops_without_script(browser_here: Browser, shop: str) -> None:
    context = browser_here.new_context(java_script_enabled=False, locale="nl-BE")
    page = context.new_page()
    page.goto(shop)
    page.get_by_label("Je postcode").fill("9000")
    page.get_by_role("button", name="Toon wat er in de buurt is").click()
    expect(page).to_have_url(f"{shop}/rond/9000")
    page.get_by_role("main").get_by_role("link", name="Naar de winkel").click()
    page.get_by_role("link", name="Toon meer").click()
    expect(page.locator(".ticket")).to_have_count(6)
    page.goto(f"{shop}/winkel")
    page.locator(".ticket button[name=add]").first.click()
    expect(page.locator("#mandje .count")).to_contain_text("1")
    context.close()
