"""A program asks what an order would cost and who would do it, and nothing changes by asking."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.catalogue.models import DeliveryWindow, WindowKind
from shortchain.database import db
from shortchain.kernel.quantity import SellUnit
from tests.support.clock import Clock
from tests.support.factories import catalogue, enterprises, stock
from tests.support.market import Market
from tests.web.api.conftest import Call, lines, paths, wanted


def rows(session: Session) -> dict[str, int]:
    """Count the rows of every table; attempts are what is counted of the asking itself."""
    session.rollback()
    tables = (table for table in db.metadata.sorted_tables if table.name != "attempts")
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_gives_the_chain_with_reasons_and_the_total(call: Call, shop: Market) -> None:
    quote = call("POST", "/quotes", json=wanted(shop, 2, 3)).json
    pack, deliver = quote["chain"]["jobs"]
    assert (pack["provider"]["name"], pack["price"]["minor"]) == ("De Pakker", 200)
    assert pack["reason"]["candidates"] == 2
    assert pack["reason"]["runner_up"]["name"] == "De Inpakker"
    assert pack["reason"]["runner_up"]["extra_price"]["minor"] == 60
    assert deliver["service"] == "DELIVER_BIKE"
    assert {leg["carrier"]["name"] for leg in quote["chain"]["legs"]} >= {"Hof", "Akker"}
    assert quote["money"]["goods"]["minor"] == 2 * 240 + 3 * 185
    assert quote["money"]["total"]["minor"] == shop.total(shop.basket(2, 3))  # the shop asks the same
    paid = [part["price"]["minor"] for part in (*quote["chain"]["jobs"], *quote["chain"]["legs"])]
    assert sum(paid) == quote["money"]["services"]["minor"]
    assert quote["windows"][0]["starts_at"] == "2026-11-26T17:00:00+01:00"


def test_changes_nothing(call: Call, shop: Market, session: Session) -> None:
    before = rows(session)
    assert call("POST", "/quotes", json=wanted(shop, 2, 3)).status_code == 200
    assert rows(session) == before
    assert call("GET", "/offers?q=prei").json["offers"][0]["left"]["amount"] == 100


def test_lists_every_moment_that_can_be_chosen(call: Call, shop: Market, session: Session) -> None:
    point = enterprises.pickup_point(session, enterprises.hub(session), name="Het Atelier")
    collect = catalogue.window(session, shop.cycle, point=point)
    body = wanted(shop, 1, window=collect.public_id)
    quote = call("POST", "/quotes", json=body).json
    assert [window["kind"] for window in quote["windows"]] == ["home", "pickup"]
    assert quote["window"] == collect.public_id
    assert quote["windows"][1]["point"]["name"] == "Het Atelier"
    home, pickup = (window["total"]["minor"] for window in quote["windows"])
    assert pickup < home
    assert quote["money"]["total"]["minor"] == pickup


def test_names_every_line_that_can_not_be(call: Call, shop: Market, session: Session) -> None:
    product = catalogue.product(session, shop.farms[0], sell_unit=SellUnit.KG, step=500, least=1000, most=3000)
    stock.lot(session, product, quantity=9000)
    weighed = catalogue.offer(session, product, shop.cycle).public_id
    later = catalogue.offer(session, shop_product(session, shop), catalogue.cycle(session)).public_id

    def line(offer: str, amount: int, unit: str) -> dict[str, object]:
        return {"offer": offer, "quantity": {"amount": amount, "unit": unit}}

    body = wanted(shop) | {
        "lines": [
            line(shop.offers[0].public_id, 101, "piece"),
            line("bestaat-niet", 1, "piece"),
            line(weighed, 1250, "g"),
            line(later, 1, "piece"),
        ]
    }
    answer = call("POST", "/quotes", json=body)
    assert answer.status_code == 422
    assert paths(answer) == [
        ("/lines/0/quantity", "sold_out"),
        ("/lines/1/offer", "not_for_sale"),
        ("/lines/2/quantity", "wrong_amount"),
        ("/lines/3/offer", "other_cycle"),
    ]
    assert answer.json["errors"][0]["left"] == {"amount": 100, "unit": "piece"}
    assert answer.json["errors"][2]["step"] == {"amount": 500, "unit": "g"}
    for amount, unit, code in ((2, "piece", "wrong_unit"), (3500, "g", "too_much"), (500, "g", "wrong_amount")):
        again = call("POST", "/quotes", json=wanted(shop) | {"lines": [line(weighed, amount, unit)]})
        assert paths(again) == [("/lines/0/quantity", code)]


def shop_product(session: Session, shop: Market) -> object:
    product = catalogue.product(session, shop.farms[1], name="Raap")
    stock.lot(session, product)
    return product


def test_says_conflict_when_only_others_were_first(call: Call, shop: Market) -> None:
    answer = call("POST", "/quotes", json=wanted(shop, 101, 1))
    assert answer.status_code == 409
    assert paths(answer) == [("/lines/0/quantity", "sold_out")]


def test_takes_nothing_of_a_closed_cycle(call: Call, shop: Market, clock: Clock) -> None:
    clock.move(days=3)
    answer = call("POST", "/quotes", json=wanted(shop, 1))
    assert paths(answer) == [("/lines/0/offer", "not_for_sale")]


def test_says_that_a_moment_is_full(call: Call, shop: Market, session: Session) -> None:
    session.execute(update(DeliveryWindow).values(taken=DeliveryWindow.places))
    session.commit()
    answer = call("POST", "/quotes", json=wanted(shop, 1, window=shop.window.public_id))
    assert (answer.status_code, paths(answer)) == (409, [("/window", "window_full")])
    free = call("POST", "/quotes", json=wanted(shop, 1))
    assert (free.status_code, free.json["window"], free.json["chain"]) == (200, None, None)
    assert free.json["windows"][0]["unavailable"] == "full"


def test_says_that_nobody_can_do_it(call: Call, shop: Market) -> None:
    far = {"postcode": "2400", "address": ""}  # Mol, 100 km away: nobody goes that far
    answer = call("POST", "/quotes", json=wanted(shop, 1, destination=far, window=shop.window.public_id))
    assert (answer.status_code, paths(answer)) == (409, [("/window", "unroutable")])
    free = call("POST", "/quotes", json=wanted(shop, 1, destination=far)).json
    assert [window["unavailable"] for window in free["windows"]] == ["unroutable"]


def test_knows_no_moment_of_another_cycle(call: Call, shop: Market, session: Session) -> None:
    other = catalogue.window(session, catalogue.cycle(session))
    assert session.get_one(DeliveryWindow, other.id).kind is WindowKind.HOME
    answer = call("POST", "/quotes", json=wanted(shop, 1, window=other.public_id))
    assert (answer.status_code, paths(answer)) == (422, [("/window", "unknown_window")])


@pytest.mark.parametrize("postcode", ["1999", "9999"])
def test_knows_no_place_that_is_nowhere(call: Call, shop: Market, postcode: str) -> None:
    answer = call("POST", "/quotes", json=wanted(shop, 1, destination={"postcode": postcode}))
    assert (answer.status_code, paths(answer)) == (422, [("/destination/postcode", "unknown_postcode")])


def test_takes_an_offer_in_one_line_only(call: Call, shop: Market) -> None:
    answer = call("POST", "/quotes", json=wanted(shop) | {"lines": lines(shop, 1) * 2})
    assert (answer.status_code, paths(answer)) == (422, [("", "value_error")])


def test_limits_how_often_an_address_asks(
    call: Call, shop: Market, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = attempts.Limit("api:quote", 2, attempts.API_QUOTE.span)
    monkeypatch.setattr(attempts, "API_QUOTE", few)
    ask: Callable[[], int] = lambda: call("POST", "/quotes", json=wanted(shop, 1)).status_code  # noqa: E731
    assert [ask(), ask(), ask()] == [200, 200, 429]
    answer = call("POST", "/quotes", json=wanted(shop, 1))
    assert answer.json["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    clock.move(minutes=10)
    assert ask() == 200
