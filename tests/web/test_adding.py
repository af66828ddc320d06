"""Adding to an order through the pages: from the follow page to the basket, the payment and back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments.models import Payment
from tests.support.clock import Clock
from tests.support.giving import bought_card, card_now
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def total_of(session: Session, order: Order) -> int:
    session.rollback()
    return session.get_one(Order, order.id, populate_existing=True).total_cents


def test_adds_what_lies_in_the_basket(client: Any, shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    before, token = order.total_cents, orders.tracking_token(order.key)
    path = f"/volg/{token}/bijbestellen"
    assert path in client.get(f"/volg/{token}").text
    assert "Leg in je mandje" in client.page(path)
    fill(client, shop, 2, 3)
    page = client.page(path)
    assert "Uit je mandje" in page.headings
    form = page.form(path)
    more = int(form.values["total"][0])
    answer = client.post(path, data=form.filled() | {"doe": "bestel"}, token=False)
    assert answer.location.startswith("https://pay.example/")
    assert total_of(session, order) == before  # nothing changed yet
    waiting = client.page(path)
    assert "Nog te betalen" in waiting
    gateways.payments.pay(answer.location.rsplit("/", 1)[1])
    back = client.get(path)
    assert back.location.endswith(f"/volg/{token}")
    assert "Toegevoegd aan je bestelling" in client.page(f"/volg/{token}")
    assert total_of(session, order) == before + more


def test_thinks_better_of_it(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    before, path = order.total_cents, f"/volg/{orders.tracking_token(order.key)}/bijbestellen"
    fill(client, shop, 2, 3)
    client.post(path, data=client.page(path).form(path).filled() | {"doe": "bestel"}, token=False)
    again = client.post(path, data={"doe": "betaal", "method": "card"}, token=False)
    assert again.location.startswith("https://pay.example/")
    answer = client.post(path, data={"doe": "laat"}, token=False, follow_redirects=True)
    assert "niets aangerekend" in answer.text
    assert total_of(session, order) == before


def test_says_that_the_cycle_closed_and_that_a_price_changed(
    client: Any, shop: Market, session: Session, clock: Clock
) -> None:
    order = shop.order(1, 1)
    path = f"/volg/{orders.tracking_token(order.key)}/bijbestellen"
    fill(client, shop, 2, 3)
    form = client.page(path).form(path).filled()
    answer = client.post(path, data=form | {"doe": "bestel", "total": "1"}, token=False)
    assert answer.status_code == 409
    assert "De prijs is intussen veranderd" in answer.text
    clock.now = session.get_one(type(shop.cycle), shop.cycle.id).closes_at
    session.rollback()
    assert "Bijbestellen kan niet" in client.page(path)
    answer = client.post(path, data=form | {"doe": "bestel"}, token=False)
    assert answer.status_code == 409


def test_pays_a_part_and_all_of_it_with_a_gift_card(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    order = shop.order(1, 1)
    card, code = bought_card(shop, 1000)
    before, path = order.total_cents, f"/volg/{orders.tracking_token(order.key)}/bijbestellen"
    fill(client, shop, 3, 4)
    form = client.page(path).form(path).filled()
    wrong = client.post(path, data=form | {"doe": "bon", "gift_codes": "AAAA BBBB"}, token=False)
    assert "We kennen deze cadeaubon niet" in wrong.text
    assert 'value="AAAA BBBB"' in wrong.text  # what was typed stays
    stale = client.post(path, data=form | {"doe": "bestel", "gift_codes": code}, token=False)
    assert stale.status_code == 409  # the page had not said what the card pays
    assert "Op je cadeaubon staat iets anders" in stale.text
    shown = Page(client.post(path, data=form | {"doe": "bon", "gift_codes": code, "method": "card"}, token=False))
    assert "Nu te betalen" in shown
    asked = shown.form(path).filled()
    assert (asked["gift_codes"], asked["method"]) == ([code], ["card"])
    more, rest = int(asked["total"][0]), int(asked["rest"][0])
    assert rest == more - 1000
    answer = client.post(path, data=asked | {"doe": "bestel"}, token=False)
    assert answer.location.startswith("https://pay.example/")
    assert "De andere € 10,00 betaalt je cadeaubon" in client.page(path)
    gateways.payments.pay(answer.location.rsplit("/", 1)[1])
    assert client.get(path).location.endswith(orders.tracking_token(order.key))
    assert total_of(session, order) == before + more
    other, code = bought_card(shop, 5000)
    fill(client, shop, 1, 0)
    form = client.page(path).form(path).filled()
    shown = Page(client.post(path, data=form | {"doe": "bon", "gift_codes": code}, token=False))
    asked = shown.form(path).filled()
    assert asked["rest"] == ["0"]
    assert "Bestellen en betalen met je cadeaubon" in shown
    for _press in range(2):
        answer = client.post(path, data=asked | {"doe": "bestel"}, token=False)
        assert answer.location.endswith(orders.tracking_token(order.key))
    assert total_of(session, order) == before + more + int(asked["total"][0])
    assert card_now(shop, other.id).balance_cents == 5000 - int(asked["total"][0])
    assert card_now(shop, card.id).balance_cents == 0


def test_shows_how_to_transfer_it_and_lets_pay_otherwise(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    before, path = order.total_cents, f"/volg/{orders.tracking_token(order.key)}/bijbestellen"
    fill(client, shop, 2, 3)
    form = client.page(path).form(path).filled()
    answer = client.post(path, data=form | {"doe": "bestel", "method": "transfer"}, token=False)
    assert answer.location.endswith(path)
    message = session.scalars(select(Payment.structured_message).where(Payment.method == "transfer")).one()
    session.rollback()
    page = client.page(path)
    assert message in page
    assert "Toch anders betalen?" in page
    again = client.post(path, data={"doe": "betaal", "method": "card"}, token=False)
    assert again.location.startswith("https://pay.example/")
    assert message not in client.page(path)
    assert total_of(session, order) == before


def test_knows_no_order_behind_a_wrong_link(client: Any, shop: Market) -> None:
    assert client.get("/volg/niets/bijbestellen").status_code == 404
    assert client.post("/volg/niets/bijbestellen", data={"doe": "laat"}, token=False).status_code == 404
