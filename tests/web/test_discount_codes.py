"""A farmer and a hub make codes and stop them; a customer types one at the checkout."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering.discount_models import DiscountCode
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.transaction import transaction
from tests.support.client import Browser
from tests.support.codes import made_code
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill, order, priced
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def spoken(page: Page) -> str:
    return page.text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("place", ["farm", "hub"])
def test_an_owner_makes_stops_and_resumes_a_code(client: Browser, session: Session, shop: Market, place: str) -> None:
    owner, path = (shop.farms[0].id, "/boer/codes") if place == "farm" else (shop.cycle.hub_id, "/hub/codes")
    person = enter(client, session, owner)
    page = person.page(path)
    assert "Nog geen codes" in page.text
    form = page.form(path)
    refused = person.submit(form, code="LENTE10", value="veel", least="15")
    assert refused.status_code == 422
    assert 'value="LENTE10"' in refused.text
    assert 'value="15"' in refused.text
    assert person.submit(form, code="lente-10", value="10", least="15").status_code == 303
    shown = spoken(person.page(path))
    assert "LENTE10" in shown
    assert "vanaf € 15,00" in shown
    session.rollback()
    code = session.scalars(select(DiscountCode)).one()
    assert (code.owner_id, code.value, code.least_cents, code.per_customer) == (owner, 1000, 1500, 1)
    page = person.page(path)
    assert person.submit(page.form(f"{path}/{code.public_id}")).status_code == 303
    page = person.page(path)
    assert "Gestopt" in page.text
    assert person.submit(page.form(f"{path}/{code.public_id}")).status_code == 303
    assert "Loopt" in person.page(path).text


def test_nobody_changes_anothers_code(client: Browser, session: Session, shop: Market) -> None:
    made_code(shop, shop.farms[1].id)
    name = session.scalars(select(DiscountCode.public_id)).one()
    farmer = enter(client, session, shop.farms[0].id)
    farmer.page("/boer/codes")
    assert farmer.post(f"/boer/codes/{name}", data={"doe": "stop"}).status_code == 404


@pytest.mark.parametrize("by_hub", [True, False], ids=["hub", "farm"])
def test_a_customer_uses_a_code(client: Browser, session: Session, shop: Market, by_hub: bool) -> None:
    code = made_code(shop, shop.cycle.hub_id if by_hub else shop.farms[0].id, code="LENTE10")
    session.rollback()
    fill(client, shop, 2, 1)
    bad = priced(client, shop.window.public_id, discount_code="HERFST")
    assert "kennen we hier niet" in bad
    assert bad.form("/afrekenen").values["discount_code"] == ["HERFST"]
    refused = order(client, bad)
    assert refused.status_code == 422
    assert "HERFST" in refused.text
    page = priced(client, shop.window.public_id, discount_code=code.lower())
    off = 67 if by_hub else 48  # 10 % of 6,65 or of the farm's 4,80, rounded half up
    assert f"€ 0,{off}" in spoken(page)
    total, rest = (int(page.form("/afrekenen").values[name][0]) for name in ("total", "rest"))
    assert total - rest == (off if by_hub else 0)
    answer = order(client, page)
    assert answer.status_code == 303
    session.rollback()
    placed = session.scalars(select(Order)).one()
    assert placed.code_id is not None
    assert placed.total_cents == total
    shown = client.page(f"/volg/{tracking_token(placed.key)}")
    assert "LENTE10" in shown


def test_says_which_way_the_money_of_a_cancelled_order_goes(
    client: Browser, session: Session, gateways: Gateways, shop: Market
) -> None:
    code = made_code(shop, shop.cycle.hub_id)
    session.rollback()
    placed = shop.place(shop.basket(2, 1), code=code)
    shop.pay(placed)
    page = client.page(f"/volg/{placed.token}")
    assert client.submit(page.form("/annuleren")).status_code == 303
    total = session.get_one(Order, placed.order_id).total_cents
    told = [f"€ {cents // 100},{cents % 100:02}" for cents in (67, total - 67)]
    session.rollback()
    shown = spoken(client.page(f"/volg/{placed.token}"))
    assert f"{told[0]} aan wie de kortingscode betaalde" in shown
    assert f"{told[1]} Bancontact" in shown
    thanks = spoken(client.page(f"/bestelling/{placed.token}/dank"))
    assert f"We storten {told[1]} terug" in thanks
    assert f"We storten {told[0]} terug" not in thanks  # the hub's money, not the customer's


def test_asks_nothing_any_more_for_an_order_that_is_off(client: Browser, session: Session, shop: Market) -> None:
    placed = shop.place(shop.basket(2, 1), code=made_code(shop, shop.cycle.hub_id), method="transfer")
    page = client.page(f"/volg/{placed.token}")
    assert "nog te betalen" in page
    assert client.submit(page.form("/annuleren")).status_code == 303
    off = client.page(f"/volg/{placed.token}")
    assert "Geannuleerd" in off
    assert "nog te betalen" not in off


def test_a_code_that_stops_meanwhile_is_said_and_nothing_is_lost(
    client: Browser, session: Session, shop: Market
) -> None:
    code = made_code(shop, shop.farms[0].id)
    session.rollback()
    fill(client, shop, 2, 1)
    page = priced(client, shop.window.public_id, discount_code=code)
    with transaction(session):
        session.scalars(select(DiscountCode)).one().stopped_at = shop.now
    answer = order(client, page)
    assert answer.status_code in (409, 422)
    assert "geldt niet meer" in answer.text
    assert code in answer.text
    assert session.scalars(select(Order)).all() == []
