"""The story of one order through real processes and real browsers, from the shop to the payout.

The customer fills a basket of two farms, chooses, pays and follows; in other windows the farmer hands
over, the packer declines, the next one packs, the driver delivers and the coordinator watches.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.screens import chromium
from tests.support.town import Town, running_town

pytestmark = [pytest.mark.browser]

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "nl-BE", "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "locale": "fr-BE"}
NELE = {"name": "Nele Peeters", "email": "nele@post.example", "phone": "0470 12 34 56", "street": "Kouter 1"}


@dataclass(frozen=True)
class Words:
    """What the buttons say in one language."""

    order: str
    pay: str
    accept: str
    decline: str
    farmer_gets: str
    delivered: str


DUTCH = Words("Bestellen en betalen", "Betaal", "Aanvaard", "Niet", "boer", "Geleverd")
FRENCH = Words("Commander et payer", "Payer", "Accepter", "Refuser", "agric", "Livré")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def wait_for(question: Callable[[], Any], *, seconds: float = 40) -> Any:
    """Ask again until there is an answer; background work takes a moment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.3)
    raise AssertionError("it did not happen in time")


def farm_of_the_demo(town: Town) -> str:
    """Name the farm whose farmer has an account."""
    return str(next(a["enterprise"] for a in town.accounts if a["email"] == "boer@demo.example"))


def two_farms(town: Town) -> list[str]:
    """Choose products of two farms near Gent that need no process step; the demo's farmer is one of them."""
    rows = town.ask(
        "SELECT o.public_id, e.name, p.slug FROM offer o JOIN product p ON p.id = o.product_id"
        " JOIN enterprise e ON e.id = o.farm_id JOIN order_cycle c ON c.id = o.cycle_id"
        " WHERE c.state = 'open' AND p.process_service IS NULL AND NOT p.is_organic AND p.storage_class IN ('AMB', 'COOL')"
        " AND e.lat BETWEEN 50.95 AND 51.15 AND e.lon BETWEEN 3.5 AND 3.9"
        " AND (SELECT SUM(l.quantity - l.allocated) FROM lot l WHERE l.product_id = p.id) > 4 * p.least"
        " ORDER BY c.closes_at, o.id"
    )
    farmer = farm_of_the_demo(town)
    first = next(row for row in rows if row[1] == farmer)
    second = next(row for row in rows if row[1] != farmer)
    return [first[2], second[2]]


def fill_basket(page: Page, town: Town) -> None:
    """Put one of each of two farms in the basket, from their product pages."""
    for slug in two_farms(town):
        page.goto(f"{town.base}/p/{slug}")
        page.locator("main form[action^='/mandje/'] button.button-primary").first.click()
        page.wait_for_load_state("networkidle")


def check_out(page: Page, town: Town, words: Words, *, pickup: bool) -> str:
    """Fill in the one page, see who does it and order; returns the order's public id."""
    page.goto(f"{town.base}/afrekenen")
    for name, value in NELE.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=postcode]", "9000")
    page.locator("button[name=doe][value=bekijk]").click()
    page.wait_for_load_state("networkidle")
    kinds = dict(town.ask("SELECT public_id, kind FROM delivery_window"))
    wanted = [
        value
        for value in (
            radio.get_attribute("value") for radio in page.locator("input[name=window]:enabled:visible").all()
        )
        if kinds[value] == ("pickup" if pickup else "home")
    ]
    assert wanted, "both ways to get it are offered"
    page.locator(f"input[name=window][value='{wanted[-1]}']").check()
    page.wait_for_load_state("networkidle")
    page.locator("button[name=doe][value=bekijk]").click()  # without script the page asks once more
    page.wait_for_load_state("networkidle")
    final = page.locator("button[name=doe][value=bestel]")
    expect(final).to_contain_text(words.order)
    expect(page.locator(".chain, .price-bar").first).to_be_visible()
    final.click()
    page.wait_for_url(re.compile("/pay/"))
    return str(town.ask("SELECT public_id FROM customer_order ORDER BY id DESC LIMIT 1")[0][0])


def pay(page: Page) -> None:
    """Press the first way to pay on the payment page and come back."""
    page.locator("form button").first.click()
    page.wait_for_url(re.compile("/dank"))


def state_of(town: Town, order: str) -> str:
    return str(town.ask("SELECT state FROM customer_order WHERE public_id = ?", order)[0][0])


def jobs(town: Town, order: str, stage: str) -> list[tuple[Any, ...]]:
    """List an order's jobs of a stage: (public id, state, enterprise's name, day), oldest first."""
    return town.ask(
        "SELECT j.public_id, j.state, e.name, j.day FROM job j JOIN enterprise e ON e.id = j.enterprise_id"
        " JOIN customer_order o ON o.id = j.order_id WHERE o.public_id = ? AND j.stage = ? ORDER BY j.id",
        order,
        stage,
    )


def sign_in(browser: Browser, town: Town, email: str, look: dict[str, Any]) -> Page:
    """Open another window in which somebody of the town is signed in."""
    page = browser.new_context(**look).new_page()
    page.goto(f"{town.base}/mijn/aanmelden")
    page.fill("[name=email]", email)
    page.fill("[name=password]", town.password)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    assert "aanmelden" not in page.url, f"{email} could not sign in"
    return page


def press(page: Page, path: str) -> None:
    """Press the button of the form that posts to an address ending in `path`, unfolding what it lies in."""
    button = page.locator(f"form[action$='{path}'] button[type=submit]").first
    for folded in button.locator("xpath=ancestor::details[not(@open)]").all():
        folded.locator("summary").first.click()
    with page.expect_navigation():
        button.click()


def decline_once(browser: Browser, town: Town, order: str, look: dict[str, Any]) -> None:
    """Let the first packer say no in its inbox; the next one is asked at once."""
    job, _state, name, _day = jobs(town, order, "pack")[-1]
    page = sign_in(browser, town, town.email_of(name), look)
    page.goto(f"{town.base}/werk/in")
    press(page, f"/werk/in/{job}/nee")
    after = jobs(town, order, "pack")
    assert [row[1] for row in after] == ["declined", "offered"]
    assert after[1][2] != name
    page.context.close()


def hand_over(browser: Browser, town: Town, order: str, look: dict[str, Any]) -> None:
    """Let the farmer see what to pick and note that it was brought."""
    page = sign_in(browser, town, "boer@demo.example", look)
    leg, day = town.ask(
        "SELECT l.public_id, l.day FROM leg l JOIN customer_order o ON o.id = l.order_id"
        " JOIN enterprise e ON e.id = l.carrier_id WHERE o.public_id = ? AND e.name = ? AND l.state <> 'withdrawn'",
        order,
        farm_of_the_demo(town),
    )[0]
    page.goto(f"{town.base}/boer/plukken?dag={day}")
    with page.expect_navigation():
        page.locator(f"form:has(input[value='{leg}']) button[type=submit]").first.click()
    assert town.ask("SELECT state FROM leg WHERE public_id = ?", leg) == [("delivered",)]
    page.context.close()


def pack(browser: Browser, town: Town, order: str, look: dict[str, Any]) -> None:
    """Let the packer that has the job accept it, start and finish."""
    job, _state, name, _day = jobs(town, order, "pack")[-1]
    page = sign_in(browser, town, town.email_of(name), look)
    page.goto(f"{town.base}/werk/in")
    press(page, f"/werk/in/{job}/ja")
    for deed in ("start", "klaar"):
        page.goto(f"{town.base}/werk/opdracht/{job}")
        press(page, f"/{deed}")
    assert jobs(town, order, "pack")[-1][1] == "ready"
    page.context.close()


def deliver(browser: Browser, town: Town, order: str, look: dict[str, Any]) -> None:
    """Let the deliverer accept, plan the tour, and the driver load and deliver."""
    job, state, name, day = jobs(town, order, "deliver")[-1]
    page = sign_in(browser, town, town.email_of(name, "provider"), look)
    if state == "offered":
        page.goto(f"{town.base}/werk/in")
        press(page, f"/werk/in/{job}/ja")
    page.goto(f"{town.base}/rit?dag={day}")
    press(page, "/rit/plannen")
    page.wait_for_url("**/rit?dag=*&klaar=*")  # the worker plans, the page waits
    press(page, "/vrijgeven")
    stops = town.ask(
        "SELECT s.public_id, s.kind FROM stop s JOIN stop_leg sl ON sl.stop_id = s.id JOIN leg l ON l.id = sl.leg_id"
        " JOIN customer_order o ON o.id = l.order_id JOIN tour t ON t.id = s.tour_id"
        " WHERE o.public_id = ? AND t.state <> 'dropped' AND s.outcome IS NULL ORDER BY s.position",
        order,
    )
    assert [kind for _id, kind in stops] == ["pickup", "dropoff"]
    for public_id, kind in stops:
        page.goto(f"{town.base}/rit/{public_id}")
        with page.expect_navigation():
            page.locator(f"button[name=outcome][value={'collected' if kind == 'pickup' else 'delivered'}]").click()
    page.context.close()


@pytest.mark.parametrize(
    ("look", "words", "pickup"), [(PHONE, DUTCH, False), (DESKTOP, FRENCH, True)], ids=["dutch-phone", "french-desktop"]
)
def test_walks_an_order_from_the_shop_to_the_payout(
    town: Town, browser: Browser, look: dict[str, Any], words: Words, pickup: bool
) -> None:
    customer = browser.new_context(**look).new_page()
    customer.goto(town.base)
    customer.fill("main [name=postcode]", "9000")
    customer.locator("main form button[type=submit]").first.click()
    customer.wait_for_load_state("networkidle")
    fill_basket(customer, town)
    order = check_out(customer, town, words, pickup=pickup)
    pay(customer)
    wait_for(lambda: state_of(town, order) == "confirmed")
    follow = customer.locator("a[href*='/volg/']").first.get_attribute("href") or ""
    decline_once(browser, town, order, look)
    hand_over(browser, town, order, look)
    pack(browser, town, order, look)
    deliver(browser, town, order, look)
    wait_for(lambda: state_of(town, order) == "delivered")
    customer.goto(follow if follow.startswith("http") else town.base + follow)
    expect(customer.locator("main")).to_contain_text(jobs(town, order, "pack")[-1][2])
    desk = sign_in(browser, town, "hub@demo.example", look)
    desk.goto(f"{town.base}/hub/bestellingen/{order}")
    expect(desk.locator("main")).to_contain_text(words.delivered)
    desk.context.close()
    mails = town.ask("SELECT template FROM notice WHERE to_email = ? AND state = 'sent'", NELE["email"])
    assert ("order_confirmed",) in mails
    town.settle_later(hours=49)
    shares = town.ask(
        "SELECT account, SUM(amount_cents) FROM ledger_entry e JOIN customer_order o ON o.id = e.order_id"
        " WHERE o.public_id = ? GROUP BY account",
        order,
    )
    books = dict(shares)
    assert sum(books.values()) == 0
    assert books["customer"] == 0
    unsent = town.ask(
        "SELECT COALESCE(SUM(p.amount_cents - p.reversed_cents), 0) FROM payout p JOIN customer_order o"
        " ON o.id = p.order_id WHERE o.public_id = ? AND p.state <> 'paid'",
        order,
    )[0][0]
    assert books["enterprise"] == -unsent, "what was not sent waits for an enterprise that can not be paid yet"
    assert books["bank"] == -books["platform"] + unsent
    assert town.ask("SELECT COUNT(*) FROM payout WHERE state = 'paid'")[0][0] > 0
    checked = town.flask("check", "--all")
    assert checked.returncode == 0, checked.stdout
    customer.context.close()


def test_completes_a_guest_order_without_script(town: Town, browser: Browser) -> None:
    page = browser.new_context(**PHONE, java_script_enabled=False).new_page()
    fill_basket(page, town)
    order = check_out(page, town, DUTCH, pickup=True)
    pay(page)
    wait_for(lambda: state_of(town, order) == "confirmed")
    page.context.close()
