"""A customer takes something off an order in a browser, without an account."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering.orders import tracking_token
from tests.integration.workflows.test_shortages import order
from tests.support.client import Browser
from tests.support.complaining import lines_of
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=20)


def test_from_the_order_to_the_money_back(client: Browser, session: Session, shop: Market) -> None:
    bought = order(shop, 1, 3)
    link = f"/volg/{tracking_token(bought.key)}"
    carrots, cabbage = (f"keep-{line.id}" for line in lines_of(shop, bought))
    session.rollback()
    page = client.page(link)
    first = client.page(page.links["Minder nodig? Pas je bestelling aan"])
    form = first.form("/aanpassen", has=cabbage)
    assert form.values[cabbage] == ["3"]
    for typed, sentence in (
        ("veel", "Vul een hoeveelheid in"),
        ("4", "alleen minder kiezen"),
        ("3", "Je veranderde nog niets"),
    ):
        refused = client.submit(form, **{cabbage: typed})
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'value="{typed}"' in refused.text
    empty = client.submit(form, **{cabbage: "0", carrots: "0"})
    assert empty.status_code == 422
    assert "Annuleer dan de hele bestelling" in empty.text
    shown = client.submit(form, **{cabbage: "1"})
    assert shown.status_code == 200
    assert "2\N{NO-BREAK SPACE}stuks Kool" in shown.text
    assert "3,70" in shown.text
    assert [line.dropped for line in lines_of(shop, bought)] == [0, 0]  # nothing done yet
    session.rollback()
    done = client.post(f"{link}/aanpassen", data={cabbage: "1", "confirm": "1"})
    assert done.status_code == 303
    after = client.page(done.location)
    assert "Je bestelling is aangepast" in after
    assert "Eraf gehaald: 2 stuks" in after
    assert "Waar je geld naartoe gaat, na wat je terugkrijgt" in after
    assert [line.dropped for line in lines_of(shop, bought)] == [0, 2]


def test_of_a_cancelled_order_nobody_keeps_money(client: Browser, session: Session, shop: Market) -> None:
    bought = order(shop, 1, 3)
    link = f"/volg/{tracking_token(bought.key)}"
    session.rollback()
    page = client.page(link)
    assert "houdt niemand geld" not in page
    assert client.submit(page.form("/annuleren")).status_code == 303
    after = client.page(link)
    assert "Van deze bestelling houdt niemand geld" in after
    assert "price-bar" not in after.html


def test_offers_it_only_while_it_can(client: Browser, session: Session, shop: Market) -> None:
    placed = shop.place(shop.basket(1, 1))
    session.rollback()
    link = f"/volg/{placed.token}"
    assert f"{link}/aanpassen" not in client.page(link).links.values()
    assert "Aanpassen kan niet" in client.page(f"{link}/aanpassen")
    assert client.get("/volg/strange/aanpassen").status_code == 404
