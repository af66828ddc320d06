"""A program that comes with somebody's key asks and orders in their name, at their prices, and no further."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.accounts.models import ApiKey
from shortchain.blueprints.api import following
from shortchain.catalogue import list_prices
from shortchain.catalogue.list_pricing import Entry
from shortchain.catalogue.models import Product
from shortchain.enterprises.buyer import Buyer, BuyerState
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Basket, Order, OrderLine
from shortchain.payments.models import Payment
from shortchain.transaction import transaction
from shortchain.workflows import api_keys
from tests.support.client import Browser
from tests.support.codes import made_code
from tests.support.factories import accounts
from tests.support.factories.saving import save
from tests.support.giving import bought_card
from tests.support.market import Market
from tests.web.api.conftest import Call, ordered, place, wanted


@pytest.fixture
def member(shop: Market, session: Session) -> int:
    """Somebody whom the hub approved as a member; the first farm's members pay a tenth less."""
    person = accounts.user(session)
    hub_id, offer = shop.cycle.hub_id, shop.offers[0]
    approved = Buyer(
        user_id=person.id,
        enterprise_id=hub_id,
        price_list=PriceList.MEMBER,
        state=BuyerState.APPROVED,
        asked_at=shop.now,
    )
    save(session, approved)
    with transaction(session):
        product = session.get_one(Product, offer.product_id)
        entries = [Entry(PriceList.MEMBER, 0, less_bp=1000)]
        list_prices.set_entries(session, product=product, entries=entries, price_cents=240, by=SYSTEM, now=shop.now)
    return person.id


def key_of(session: Session, user_id: int, shop: Market, *, can_order: bool = True) -> str:
    session.rollback()
    return api_keys.make(session, user_id=user_id, name="Kassa", can_order=can_order, by=SYSTEM, now=shop.now)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_asks_and_orders_at_the_prices_of_its_person(call: Call, shop: Market, session: Session, member: int) -> None:
    headers = bearer(key_of(session, member, shop))
    seen = call("GET", "/offers", headers=headers).json["offers"]
    assert {one["name"]: (one["price"]["minor"], one["price_list"]) for one in seen}["Prei"] == (216, "member")
    asked = call("POST", "/quotes", json=wanted(shop, 2, 1), headers=headers).json
    (line,) = [one for one in asked["lines"] if one["name"] == "Prei"]
    assert (line["price"]["minor"], line["price_list"]) == (432, "member")
    guest = call("POST", "/quotes", json=wanted(shop, 2, 1)).json
    assert guest["money"]["goods"]["minor"] - asked["money"]["goods"]["minor"] == 48
    body = ordered(call, shop, 2, 1)
    body["accepted_total"] = asked["money"]["total"]
    answer = place(call, body, **headers)
    assert answer.status_code == 201
    session.rollback()
    order = session.scalars(select(Order)).one()
    assert order.user_id == member
    lines = session.scalars(select(OrderLine).order_by(OrderLine.offer_id)).all()
    assert lines[0].price_list == PriceList.MEMBER
    assert session.scalars(select(Basket)).all() == []  # nobody finds it in the shop
    assert session.scalars(select(ApiKey)).one().used_at == shop.now


def test_lists_ones_own_orders_by_page_and_opens_them(
    call: Call, shop: Market, session: Session, member: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = accounts.user(session, email="ander@post.example")
    headers = bearer(key_of(session, member, shop, can_order=False))
    assert call("GET", "/orders", headers=headers).json == {"page": 1, "has_more": False, "orders": []}
    numbers = []
    for owner in (member, other.id, member, None, member):
        placed = shop.place(shop.basket(1, 0), user_id=owner)
        numbers += [session.get_one(Order, placed.order_id).number] if owner == member else []
        session.rollback()
    monkeypatch.setattr(following, "PAGE", 2)
    first, second, third = (call("GET", f"/orders?page={page}", headers=headers).json for page in (1, 2, 3))
    assert [one["number"] for one in (*first["orders"], *second["orders"])] == numbers[::-1]
    assert (first["has_more"], second["has_more"], third["orders"]) == (True, False, [])
    one = first["orders"][0]
    opened = call("GET", f"/orders/{one['id']}", headers=headers)
    assert (opened.json["number"], opened.json["money"]["to_pay"]) == (one["number"], one["total"])
    hidden = session.scalars(select(Order.public_id).where(Order.user_id == other.id)).one()
    session.rollback()
    assert call("GET", f"/orders/{hidden}", headers=headers).status_code == 404
    for wrong, code in ((None, "key_needed"), (bearer("sck_none"), "unknown_key")):
        refused = call("GET", "/orders", headers=wrong or {})
        assert (refused.status_code, refused.json["code"]) == (401, code)


def test_the_shares_of_a_quote_add_up(call: Call, shop: Market) -> None:
    for code, bearer_of in ((made_code(shop, shop.farms[0].id), "seller"), (made_code(shop, shop.cycle.hub_id), "hub")):
        told = call("POST", "/quotes", json=wanted(shop, 2, 3, discount_code=code)).json
        money, shares = told["money"], told["shares"]
        assert money["discount"]["bearer"] == bearer_of
        assert sum(one["amount"]["minor"] for one in shares) == money["to_pay"]["minor"]
        off = money["discount"]["amount"]["minor"]
        assert money["total"]["minor"] - money["to_pay"]["minor"] == (off if bearer_of == "hub" else 0)
        voucher = [one["amount"]["minor"] for one in shares if one["kind"] == "voucher"]
        assert voucher == ([-off] if bearer_of == "hub" else [])
        kinds = {one["kind"] for one in shares}
        assert {"goods", "fee", "pack", "deliver"} <= kinds
        platform = [one for one in shares if one["party"] is None]
        assert [one["kind"] for one in platform] == ["fee"]
    for code, status, name in (
        ("BESTAATNIET", 422, "unknown_code"),
        (made_code(shop, shop.cycle.hub_id, least_cents=9000), 409, "too_little_for_code"),
    ):
        refused = call("POST", "/quotes", json=wanted(shop, 2, 3, discount_code=code))
        assert (refused.status_code, refused.json["code"]) == (status, name)


def test_pays_with_a_card_and_a_code(call: Call, shop: Market, session: Session) -> None:
    _card, card_code = bought_card(shop, 1000)
    code = made_code(shop, shop.cycle.hub_id)
    body = ordered(call, shop, 2, 3)
    body |= {
        "discount_code": code,
        "pay_with": [{"method": "gift_card", "code": card_code, "amount": {"minor": 300, "currency": "EUR"}}],
    }
    answer = place(call, body)
    assert answer.status_code == 201
    parts = {one["method"]: (one["amount"]["minor"], one["is_there"]) for one in answer.json["payment"]["parts"]}
    rest = body["accepted_total"]["minor"] - 300 - 104
    assert parts == {"discount": (104, True), "gift_card": (300, True), "bancontact": (rest, False)}
    assert answer.json["money"]["to_pay"]["minor"] == rest + 300
    bad = body | {
        "pay_with": [{"method": "gift_card", "code": "AAAABBBBCCCCDDDD", "amount": {"minor": 1, "currency": "EUR"}}]
    }
    refused = place(call, bad, key=secrets.token_hex(16))
    assert (refused.status_code, refused.json["code"]) in ((422, "unknown_card"), (409, "price_changed"))
    session.rollback()
    assert len(session.scalars(select(Payment)).all()) == 3


def test_a_key_does_no_more_than_it_says(
    call: Call, shop: Market, session: Session, member: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = bearer(key_of(session, member, shop, can_order=False))
    body = ordered(call, shop, 2)
    refused = place(call, body, **reads)
    assert (refused.status_code, refused.json["code"]) == (403, "key_may_not_order")
    assert call("GET", "/offers", headers=reads).status_code == 200
    unknown = call("GET", "/offers", headers=bearer("sck_" + "x" * 43))
    assert (unknown.status_code, unknown.json["code"]) == (401, "unknown_key")
    assert unknown.headers["WWW-Authenticate"].startswith("Bearer")
    name = session.scalars(select(ApiKey.public_id)).one()
    session.rollback()
    api_keys.end(session, user_id=member, public_id=name, by=SYSTEM, now=shop.now)
    assert call("GET", "/offers", headers=reads).status_code == 401
    monkeypatch.setattr(attempts, "API_STRANGER", attempts.Limit("few", 1, attempts.API_STRANGER.span))
    assert call("GET", "/offers", headers=reads).status_code == 401
    assert call("GET", "/offers", headers=reads).status_code == 429
    assert call("GET", "/offers").status_code == 200  # a guest is nobody's key


def test_the_same_request_in_anothers_name_is_another(call: Call, shop: Market, session: Session, member: int) -> None:
    body = ordered(call, shop, 1)
    key = secrets.token_hex(16)
    assert place(call, body, key=key).status_code == 201
    again = place(call, body, key=key, **bearer(key_of(session, member, shop)))
    assert (again.status_code, again.json["code"]) == (422, "key_used_otherwise")


def test_a_person_makes_and_ends_keys(client: Browser, session: Session, shop: Market) -> None:
    person = accounts.user(session)
    browser = accounts.signed_in(client.application.test_client(), session, person)
    number = person.id
    session.rollback()
    page = browser.page("/mijn/sleutels")
    refused = browser.submit(page.form("/sleutels"), name=" ")
    assert refused.status_code == 422
    made: Any = browser.submit(page.form("/sleutels"), name="Kassa", can_order="1")
    assert made.status_code == 200
    session.rollback()
    (row,) = session.scalars(select(ApiKey)).all()
    key = made.text.split('class="long-code">')[1].split("<")[0]
    assert key.startswith("sck_")
    assert key.endswith(row.last_signs)
    assert (row.user_id, row.can_order) == (number, True)
    assert key not in browser.page("/mijn/sleutels").html
    assert key not in str(row.key_hash)
    other = accounts.user(session, email="ander@post.example")
    with pytest.raises(NotFound):
        api_keys.end(session, user_id=other.id, public_id=row.public_id, by=SYSTEM, now=shop.now)
    session.rollback()
    assert browser.submit(browser.page("/mijn/sleutels").form("/weg")).status_code == 303
    assert "nog geen sleutels" in browser.page("/mijn/sleutels")


def test_lists_what_comes_back(call: Call, shop: Market, session: Session) -> None:
    from shortchain.containers.models import ContainerKind, ContainerType

    assert call("GET", "/containers").json == {"containers": []}
    jar = ContainerType(owner_id=shop.farms[0].id, kind=ContainerKind.JAR, deposit_cents=30, created_at=shop.now)
    save(session, jar)
    (told,) = call("GET", "/containers").json["containers"]
    assert (told["kind"], told["owner"]["name"], told["deposit"]["minor"], told["use"]) == ("jar", "Hof", 30, "goods")
