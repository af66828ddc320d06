"""A farm asks for a minimum per order: the basket says what is lacking, and nobody gets round it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.ordering import baskets
from shortchain.ordering.models import OrderLine
from shortchain.ordering.refusals import BelowCycleMinimum, BelowMinimum
from shortchain.payments.order_changes import BelowCycle
from shortchain.workflows import changing, cycle_fees, supply
from tests.support.client import Browser
from tests.support.market import Market, market
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def ask(shop: Market, cents: int) -> None:
    number = shop.farms[0].id
    shop.session.rollback()
    supply.set_minimum(shop.session, farm_id=number, cents=cents, by=SYSTEM, now=shop.now)


@pytest.mark.parametrize(("cents", "lacking"), [(0, None), (480, None), (481, 1), (1000, 520)])
def test_counts_what_is_ordered_of_the_farm_alone(
    shop: Market, session: Session, cents: int, lacking: int | None
) -> None:
    ask(shop, cents)
    held = shop.basket(2, 3)
    view = baskets.view(session, public_id=held, now=shop.now)
    assert view is not None
    session.rollback()
    assert [one.lacking_cents for one in view.below] == ([] if lacking is None else [lacking])
    assert view.is_ready is (lacking is None)
    if lacking is None:
        shop.place(held)
    else:
        with pytest.raises(BelowMinimum):
            shop.place(held, total=0)
        session.rollback()
        again = baskets.view(session, public_id=held, now=shop.now)
        assert again is not None
        assert len(again.rows) == 2  # nothing is lost


def test_the_basket_says_what_is_lacking(client: Browser, session: Session, shop: Market) -> None:
    ask(shop, 1000)
    leek = shop.offers[0].public_id
    session.rollback()
    client.post(f"/mandje/{leek}", data={"amount": "2"}, token=False)
    page = client.page("/mandje")
    assert "minstens € 10,00. Nog € 5,20 te gaan" in page.text.replace("\xa0", " ").replace("\u202f", " ")
    assert "/afrekenen" not in page.links.values()
    assert client.get("/afrekenen").status_code in (302, 303)
    assert "Er is iets veranderd" not in client.page("/mandje")  # there is too little in it, and that is said


def test_the_farmer_sets_it(client: Browser, session: Session, shop: Market) -> None:
    farmer = enter(client, session, shop.farms[0].id)
    form = farmer.page("/boer/aanbod").form("/minimum")
    for typed in ("veel", "501", "-1"):
        refused = farmer.submit(form, least=typed)
        assert refused.status_code == 422
        assert f'value="{typed}"' in refused.text
    assert farmer.submit(form, least="15").status_code == 303
    assert farmer.page("/boer/aanbod").form("/minimum").values["least"] == ["15,00"]
    session.rollback()
    assert session.get_one(Enterprise, shop.farms[0].id, populate_existing=True).least_order_cents == 1500
    assert farmer.submit(form, least="").status_code == 303
    session.rollback()
    assert session.get_one(Enterprise, shop.farms[0].id, populate_existing=True).least_order_cents == 0


def ask_cycle(shop: Market, /, **cents: int) -> None:
    public_id, hub_id = shop.cycle.public_id, shop.cycle.hub_id
    shop.session.rollback()
    wanted = {PriceList(name): amount for name, amount in cents.items()}
    cycle_fees.set_minimums(
        shop.session, cycle_public_id=public_id, hub_id=hub_id, wanted=wanted, by=SYSTEM, now=shop.now
    )


def test_a_cycle_asks_for_a_minimum(client: Browser, session: Session, shop: Market) -> None:
    ask_cycle(shop, consumer=1036)
    held = shop.basket(2, 3)  # 480 + 555
    with pytest.raises(BelowCycleMinimum) as refusal:
        shop.place(held, total=0)
    assert refusal.value.values == {"least": Money(1036), "lacking": Money(1)}
    session.rollback()
    ask_cycle(shop, consumer=1035, shop=90_00)  # nothing is bought at the prices of shops
    placed = shop.place(held)
    shop.pay(placed)
    token = placed.token
    line = session.scalars(select(OrderLine.id).where(OrderLine.order_id == placed.order_id)).first()
    session.rollback()
    with pytest.raises(BelowCycle):
        changing.take_off(session, token=token, keep={line or 0: 1}, by=GUEST, now=shop.now)
    session.rollback()
    ask_cycle(shop, consumer=1000)
    leek = shop.offers[0].public_id
    session.rollback()
    client.post(f"/mandje/{leek}", data={"amount": "2"}, token=False)
    page = client.page("/mandje")
    words = page.text.replace("\xa0", " ").replace("\u202f", " ")
    assert "minstens € 10,00 aan producten. Nog € 5,20 te gaan." in words
    assert "/afrekenen" not in page.links.values()


def test_a_hub_sets_the_minimum(client: Browser, session: Session, shop: Market) -> None:
    hub_id, cycle_id = shop.cycle.hub_id, shop.cycle.id
    hub = enter(client, session, hub_id)
    form = hub.page("/hub/kosten").form(has="least-shop")
    refused = hub.submit(form, **{"least-consumer": "25", "least-shop": "veel"})
    assert refused.status_code == 422
    assert 'value="25"' in refused.text
    assert hub.submit(form, **{"least-consumer": "25", "least-shop": "500,01"}).status_code == 422
    assert hub.submit(form, **{"least-consumer": "25", "least-shop": "100"}).status_code == 303
    session.rollback()
    assert session.get_one(OrderCycle, cycle_id, populate_existing=True).minimums == {"consumer": 2500, "shop": 10_000}
