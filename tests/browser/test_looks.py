"""Every component in a real browser: four widths, three languages, with and without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import settings_for
from tests.support.screens import chromium, served, watch, widths_in

pytestmark = [pytest.mark.browser]
PAGES = ("/dev/galerij", "/voorwaarden", "/privacy", "/toegankelijkheid", "/bronnen", "/is-er-niet")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a shop without a database: these pages must not need one."""
    from shortchain.app import create_app

    folder = tmp_path_factory.mktemp("looks")
    app = create_app(settings_for(f"sqlite:///{folder / 'empty.sqlite3'}", Path(folder)))
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser_here() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("path", PAGES)
def test_it_finds_nothing_wrong_at_any_width(browser_here: Browser, base: str, path: str) -> None:
    assert faults_of(browser_here, base, path, "nl-BE") == []


@pytest.mark.parametrize("language", ["fr-BE", "en-GB"])
@pytest.mark.parametrize("path", ["/dev/galerij", "/privacy"])
def test_it_fits_in_every_language(browser_here: Browser, base: str, path: str, language: str) -> None:
    assert faults_of(browser_here, base, path, language) == []


def test_it_says_what_is_wrong(browser_here: Browser, base: str) -> None:
    """The control: a page that nobody should make."""
    context = browser_here.new_context(viewport={"width": 320, "height": 800})
    watched = watch(context, base)
    watched.page.set_content('<h1 style="width: 500px; color: #ccc">Te breed</h1><input>')
    found = " ".join(watched.look())
    for fault in ("320 px: outside: H1", "sideways", "small: INPUT", 'axe label: [["input"]]', "axe color-contrast"):
        assert fault in found
    context.close()


def faults_of(browser: Browser, base: str, path: str, language: str) -> list[str]:
    context = browser.new_context(locale=language)
    watched = watch(context, base)
    faults = []
    for width in watched.widths(path, widths_in(language)):
        faults += watched.look(axe=width in (320, 1280))
    context.close()
    asked_for = "404 (NOT FOUND)" if path == "/is-er-niet" else None
    return [one for one in faults if not (asked_for and asked_for in one)]


def test_it_moves_nothing_while_it_loads(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context(viewport={"width": 360, "height": 800})
    context.add_init_script("""
        window.moved = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
    """)
    watched = watch(context, base)
    page = watched.open("/dev/galerij")
    page.wait_for_timeout(300)
    assert page.evaluate("window.moved") <= 0.02
    context.close()


def test_it_weighs_little_on_a_first_visit(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context(viewport={"width": 360, "height": 800})
    page = watch(context, base).open("/voorwaarden")
    weight = page.evaluate("""() => [
        ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
    ].reduce((sum, entry) => sum + entry.transferSize, 0)""")
    assert weight <= 130 * 1024  # two fonts take 75 kB of it, once
    context.close()


def test_it_puts_the_focus_on_the_mistakes(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context()
    page = watch(context, base).open("/dev/galerij")
    expect(page.locator("#fouten")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Vul je naam in.")).to_be_focused()
    context.close()


def test_it_lets_the_first_tab_skip_to_the_content(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context(locale="nl-BE")
    page = watch(context, base).open("/voorwaarden")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Naar de inhoud")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    context.close()


def test_it_counts_by_steps_and_stops_at_nought(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context(locale="nl-BE")
    page = watch(context, base).open("/dev/galerij")
    stepper = page.locator("[data-stepper]").first
    stepper.get_by_role("button", name="Meer").click()
    expect(stepper.locator("input")).to_have_value("2")
    for _ in range(6):
        stepper.get_by_role("button", name="Minder").click()
    expect(stepper.locator("input")).to_have_value("0")
    context.close()


def test_it_says_so_when_the_connection_is_gone(browser_here: Browser, base: str) -> None:
    context = browser_here.new_context(locale="nl-BE")
    page = watch(context, base).open("/dev/galerij")
    expect(page.locator("#offline")).to_be_hidden()
    context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("Geen internet")
    context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    context.close()


def test_it_draws_the_map_without_script_and_makes_it_live_with_it(browser_here: Browser, base: str) -> None:
    for scripted in (False, True):
        context = browser_here.new_context(java_script_enabled=scripted, viewport={"width": 1280, "height": 900})
        page = watch(context, base).page
        page.goto(base + "/dev/galerij")
        expect(page.locator(".map-item")).to_have_count(4)
        if scripted:
            expect(page.locator(".leaflet-marker-icon.pin-farm")).to_have_text("1")
        else:
            expect(page.locator(".map-canvas svg .map-pin")).to_have_count(4)
        context.close()


def test_it_keeps_the_page_when_the_language_changes(browser_here: Browser, base: str) -> None:
    for scripted in (False, True):
        context = browser_here.new_context(locale="nl-BE", java_script_enabled=scripted)
        page = context.new_page()
        page.goto(base + "/privacy")
        page.get_by_role("button", name="FR").click()
        assert page.url == base + "/privacy"
        expect(page.locator("html")).to_have_attribute("lang", "fr-BE")
        context.close()
