"""A program reads what is for sale and who works near, on few queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from shortchain.catalogue import shop_items
from shortchain.catalogue.models import Offer
from shortchain.database import db
from shortchain.kernel.quantity import SellUnit
from tests.support.clock import MONDAY_MORNING, Clock
from tests.support.factories import catalogue, enterprises, stock
from tests.support.market import Market
from tests.web.api.conftest import Call, paths


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def names(answer: Any) -> list[str]:
    return [offer["name"] for offer in answer.json["offers"]]


def test_lists_offers_with_farm_price_and_what_is_left(call: Call, shop: Market) -> None:
    answer = call("GET", "/offers?postcode=9000")
    assert answer.json["cycle"] == {"name": "Week 48", "closes_at": "2026-11-25T12:00:00+01:00"}
    leek = next(offer for offer in answer.json["offers"] if offer["name"] == "Prei")
    assert leek["id"] == shop.offers[0].public_id
    assert leek["farm"]["name"] == "Hof"
    assert leek["price"] == {"minor": 240, "currency": "EUR"}
    assert leek["unit_price"] == {"price": {"minor": 240, "currency": "EUR"}, "per": "piece"}
    assert leek["left"] == {"amount": 100, "unit": "piece"}
    assert leek["harvested_on"] == "2026-11-23"
    assert leek["allergens"] == []
    assert leek["distance"]["unit"] == "m"
    assert 5_000 < leek["distance"]["amount"] < 9_000


def test_tells_what_everybody_pays_for_much_and_no_other_list(call: Call, shop: Market) -> None:
    leek = shop.offers[0].id
    session = shop.session
    session.execute(update(Offer).where(Offer.id == leek).values(prices={"consumer": [[6, 220]], "shop": [[0, 190]]}))
    shop_items.refresh_offers(session, offer_ids=[leek])
    session.commit()
    offers = {offer["name"]: offer for offer in call("GET", "/offers").json["offers"]}
    assert offers["Prei"]["volume_prices"] == [
        {"amount": {"amount": 6, "unit": "piece"}, "price": {"minor": 220, "currency": "EUR"}}
    ]
    assert offers["Kool"]["volume_prices"] == []
    line = {"offer": shop.offers[0].public_id, "quantity": {"amount": 6, "unit": "piece"}}
    quote = call("POST", "/quotes", json={"lines": [line], "destination": {"postcode": "9000"}})
    assert quote.json["lines"][0]["price"]["minor"] == 6 * 220


def test_keeps_to_the_distance_that_was_asked(call: Call, shop: Market) -> None:
    ways = {o["name"]: o["distance"]["amount"] for o in call("GET", "/offers?postcode=9000").json["offers"]}
    assert set(ways) == {"Prei", "Kool"}
    between = sorted(ways.values())
    km = between[1] // 1000  # rounded down: the further farm lies beyond it
    assert between[0] <= km * 1000 < between[1]
    assert names(call("GET", f"/offers?postcode=9000&km={km}")) == [min(ways, key=lambda name: ways[name])]


def test_gives_no_distance_without_a_place(call: Call, shop: Market) -> None:
    assert {offer["distance"] for offer in call("GET", "/offers").json["offers"]} == {None}


def test_leaves_out_what_holds_an_allergen_or_may(call: Call, shop: Market, session: Session) -> None:
    for name, presence in (("Selder", "contains"), ("Soep", "may_contain"), ("Pesto", "unknown")):
        free = dict.fromkeys(catalogue.ALLERGENS, "free")
        product = catalogue.product(session, shop.farms[0], name=name, allergens={**free, "BC": presence})
        stock.lot(session, product)
        catalogue.offer(session, product, shop.cycle)
    listed = {offer["name"]: offer["allergens"] for offer in call("GET", "/offers").json["offers"]}
    assert [one["presence"] for one in listed["Soep"]] == ["may_contain"]
    assert listed["Selder"][0]["code"] == "BC"
    assert set(names(call("GET", "/offers?without=BC"))) == {"Prei", "Kool"}
    assert set(names(call("GET", "/offers?without=AM&without=BC"))) == {"Prei", "Kool"}


def test_speaks_the_language_that_is_asked(call: Call, shop: Market, session: Session) -> None:
    inside = {**dict.fromkeys(catalogue.ALLERGENS, "free"), "AM": "contains"}
    product = catalogue.product(session, shop.farms[0], name="Kaas", allergens=inside)
    catalogue.offer(session, product, shop.cycle)
    told = {}
    for language in ("nl", "fr"):
        offers = call("GET", "/offers?q=kaas", headers={"Accept-Language": language}).json["offers"]
        told[language] = offers[0]["allergens"][0]["name"]
    assert told["nl"] != told["fr"]


def test_finds_words_and_branches_of_categories(call: Call, shop: Market) -> None:
    assert names(call("GET", "/offers?q=kool")) == ["Kool"]
    assert len(names(call("GET", "/offers?category=VEG"))) == 2
    assert names(call("GET", "/offers?category=DAI")) == []


def test_tells_weights_in_grams(call: Call, shop: Market, session: Session) -> None:
    product = catalogue.product(
        session, shop.farms[0], name="Wortel", sell_unit=SellUnit.KG, step=500, least=1000, weight_g=1000
    )
    stock.lot(session, product, quantity=7500)
    catalogue.offer(session, product, shop.cycle, price_cents=190)
    (carrot,) = call("GET", "/offers?q=wortel").json["offers"]
    assert carrot["left"] == {"amount": 7500, "unit": "g"}
    assert (carrot["least"], carrot["step"]) == ({"amount": 1000, "unit": "g"}, {"amount": 500, "unit": "g"})
    assert carrot["unit_price"] == {"price": {"minor": 190, "currency": "EUR"}, "per": "kg"}


def test_turns_pages(call: Call, shop: Market, session: Session) -> None:
    for number in range(30):
        product = catalogue.product(session, shop.farms[number % 2], name=f"Groente {number}")
        catalogue.offer(session, product, shop.cycle)
    first, second = call("GET", "/offers?page=1"), call("GET", "/offers?page=2")
    assert (len(first.json["offers"]), first.json["has_more"]) == (24, True)
    assert (len(second.json["offers"]), second.json["has_more"]) == (8, False)
    assert len({offer["id"] for page in (first, second) for offer in page.json["offers"]}) == 32


def test_says_when_the_shop_opens_again(call: Call, shop: Market, session: Session, clock: Clock) -> None:
    opens = MONDAY_MORNING + timedelta(days=5)
    catalogue.cycle(session, opens_at=opens, closes_at=opens + timedelta(days=3))
    clock.move(days=3)
    answer = call("GET", "/offers")
    assert (answer.json["cycle"], answer.json["offers"]) == (None, [])
    assert answer.json["opens_at"] == "2026-11-28T10:00:00+01:00"


@pytest.mark.parametrize(
    "query", ["", "?postcode=9000", "?postcode=9000&km=25&category=VEG&without=AM", "?q=kool", "?postcode=9000&page=2"]
)
def test_asks_the_database_little_for_offers(app: Flask, call: Call, shop: Market, query: str) -> None:
    call("GET", "/offers")  # the shelf is read
    with counted() as seen:
        assert call("GET", "/offers" + query).status_code == 200
    assert len(seen) <= 4, seen
    assert not [statement for statement in seen if "count(" in statement.lower()]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("km=5", ""),
        ("postcode=900", "postcode"),
        ("postcode=0000", "postcode"),
        ("postcode=1999", "postcode"),  # well formed, and nowhere
        ("postcode=9000&km=0", "km"),
        ("postcode=9000&km=151", "km"),
        ("page=0", "page"),
        ("page=401", "page"),
        ("page=" + "9" * 5000, "page"),
        ("page=1&page=2", "page"),
        ("category=XXX", "category"),
        ("without=XX", "without.0"),
        ("q=" + "a" * 201, "q"),
        ("kilometers=5", "kilometers"),
    ],
)
def test_refuses_a_question_that_makes_no_sense(call: Call, shop: Market, query: str, path: str) -> None:
    answer = call("GET", f"/offers?{query}")
    assert answer.status_code == 422
    assert [fault["place"] for fault in answer.json["errors"]] == ["query"]
    assert paths(answer)[0][0] == path


@pytest.mark.parametrize("query", ["q=%00", "q=%27%22%3B--", "q=%ED%A0%80", "q=*%20OR%20NEAR(", "q=%F0%9F%A5%95"])
def test_takes_odd_words_for_words(call: Call, shop: Market, query: str) -> None:
    assert call("GET", f"/offers?{query}").status_code == 200


def test_lists_providers_from_near_to_far(call: Call, shop: Market, session: Session) -> None:
    enterprises.packer(session, name="De Verre", at=enterprises.WETTEREN)
    enterprises.packer(session, name="De Andere Kant", at=enterprises.MOL)
    enterprises.packer(session, name="De Onbekende", verified_at=None)
    found = call("GET", "/providers?postcode=9000&service=BOX_ASSEMBLE").json["providers"]
    assert [one["name"] for one in found] == ["De Pakker", "De Inpakker", "De Verre"]
    ways = [one["distance"]["amount"] for one in found]
    assert ways == sorted(ways)
    assert {len(one["capabilities"]) for one in found} == {1}
    assert found[0]["capabilities"][0]["free"] is None


def test_tells_what_is_free_on_a_day(call: Call, shop: Market, session: Session) -> None:
    order = shop.order(2, 2)
    packer = shop.packers[0]
    enterprises.closure(session, shop.packers[1], date(2026, 11, 26))
    assert order.total_cents
    found = call("GET", "/providers?postcode=9000&service=BOX_ASSEMBLE&on=2026-11-26").json["providers"]
    free = {one["id"]: one["capabilities"][0]["free"] for one in found}
    assert free[packer.public_id] == {"amount": 49, "unit": "box"}
    assert free[shop.packers[1].public_id] == {"amount": 0, "unit": "box"}


def test_asks_the_database_little_for_providers(call: Call, shop: Market, session: Session) -> None:
    for number in range(12):
        enterprises.packer(session, name=f"Pakker {number}")
    with counted() as seen:
        call("GET", "/providers?postcode=9000&on=2026-11-26")
    assert len(seen) <= 6, seen  # the week plans of all are one of them


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("km=5", "postcode"),
        ("postcode=9000&service=DANCE", "service"),
        ("postcode=9000&on=gisteren", "on"),
        ("postcode=9000&on=2026-11-22", "on"),
        ("postcode=9000&on=2027-11-22", "on"),
        ("postcode=9000&on=99999999999999999999", "on"),
    ],
)
def test_refuses_a_question_about_providers(call: Call, shop: Market, query: str, path: str) -> None:
    answer = call("GET", f"/providers?{query}")
    assert answer.status_code == 422
    assert [name for name, _code in paths(answer)] == [path]
