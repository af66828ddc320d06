"""A gift card through the pages: bought, looked at, spent at checkout, given back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.giftcards import codes
from shortchain.giftcards import operations as cards
from shortchain.giftcards.models import GiftCard
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment
from shortchain.transaction import transaction
from tests.support.giving import bought_card, card_now
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill, order, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def test_buys_a_card_and_gets_its_code(client: Any, shop: Market, gateways: Gateways, session: Session) -> None:
    key = client.page("/cadeaubon").form("/cadeaubon").values["key"][0]
    typed = {"key": key, "amount": "25", "name": "Nele", "email": "nele@post.example", "for_name": "Ward"}
    answer = client.post("/cadeaubon", data={**typed, "method": "card"}, token=False)
    assert answer.status_code == 303
    assert answer.location.startswith("https://pay.example/")
    again = client.post("/cadeaubon", data={**typed, "method": "card"}, token=False)
    assert again.location == answer.location  # the same press is the same card
    card = session.scalars(select(GiftCard)).one()
    gateways.payments.pay(card.reference)
    shown = client.get(f"/cadeaubon/{codes.page_token(card.key)}")
    assert codes.code_of(card.key) in shown.text
    assert "Ward" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert client.get("/cadeaubon/niets").status_code == 404


@pytest.mark.parametrize(("amount", "word"), [("9", "€ 10"), ("veel", "2,40"), ("", "bedrag")])
def test_says_what_is_wrong_and_keeps_what_was_typed(client: Any, shop: Market, amount: str, word: str) -> None:
    typed = {"key": "0" * 32, "amount": amount, "name": "Nele", "email": "nele@post.example", "message": "Smakelijk"}
    answer = client.post("/cadeaubon", data={**typed, "method": "card"}, token=False)
    assert answer.status_code == 422
    assert word in answer.text
    assert "Smakelijk" in answer.text


def test_tells_the_balance_and_stops_who_guesses(client: Any, shop: Market) -> None:
    _card, code = bought_card(shop, 2500)
    found = client.post("/cadeaubon/saldo", data={"code": code.lower()}, token=False)
    assert "25,00" in found.text
    for _ in range(30):
        answer = client.post("/cadeaubon/saldo", data={"code": "AAAA-BBBB-CCCC-DDDD"}, token=False)
    assert answer.status_code == 429


def test_names_what_went_back_on_the_providers_own_pages(client: Any, shop: Market, session: Session) -> None:
    card, _code = bought_card(shop, 2000)
    card_id, token = card.id, codes.page_token(card.key)
    session.rollback()
    with transaction(session):
        cards.lower(session, card=cards.lock(session, card_id=card_id), cents=300, ref="re_1", now=shop.now)
    page = client.page(f"/cadeaubon/{token}")
    assert "Terugbetaald" in page and "−€ 3,00" in page


def with_card(client: Any, shop: Market, code: str) -> Page:
    """Fill the basket and ask for the prices with a code typed in."""
    fill(client, shop, 2, 1)
    return priced(client, shop.window.public_id, gift_codes=code)


def test_pays_with_a_card_at_checkout(client: Any, shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 2000)
    page = with_card(client, shop, f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}")
    total = int(page.form("/afrekenen").values["total"][0])
    assert 0 < total < 2000
    assert page.form("/afrekenen").values["rest"] == ["0"]
    assert "Bestellen en betalen met je cadeaubon" in page
    answer = order(client, page)
    assert answer.status_code == 303
    assert session.scalars(select(Order)).one().state is OrderState.CONFIRMED
    assert "Cadeaubon" in client.get(answer.location).text
    assert card_now(shop, card.id).balance_cents == 2000 - total


def test_pays_the_rest_with_something_else(client: Any, shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    with transaction(session):
        cards.take(session, card_id=card.id, cents=800, ref="before", now=shop.now)
    page = with_card(client, shop, code)
    assert "€ 2,00" in page
    answer = order(client, page)
    assert answer.location.startswith("https://pay.example/")
    paying = session.scalars(select(Payment).order_by(Payment.id)).all()
    assert [(one.method, one.is_held) for one in paying] == [("gift_card", True), ("bancontact", False)]
    assert paying[0].amount_cents == 200


def test_shows_the_page_again_when_the_card_holds_less_by_now(client: Any, shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    page = with_card(client, shop, code)
    with transaction(session):
        cards.take(session, card_id=card.id, cents=800, ref="meanwhile", now=shop.now)
    answer = order(client, page)
    assert answer.status_code == 409
    assert "Op je cadeaubon staat iets anders dan daarnet" in answer.text
    assert code in answer.text  # what was typed is still there
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC-DDDD", "iets"])
def test_says_that_a_code_is_unknown(client: Any, shop: Market, session: Session, code: str) -> None:
    page = with_card(client, shop, code)
    assert "We kennen deze cadeaubon niet" in page
    answer = order(client, page)
    assert answer.status_code == 422
    assert session.scalars(select(Order)).all() == []


def test_gives_a_card_back(client: Any, shop: Market) -> None:
    card, _code = bought_card(shop, 2500)
    path = f"/cadeaubon/{codes.page_token(card.key)}"
    assert "Geef de bon terug" in client.get(path).text
    answer = client.post(f"{path}/teruggeven", token=False, follow_redirects=True)
    assert "Teruggegeven" in answer.text
    assert "Geef de bon terug" not in client.get(path).text
