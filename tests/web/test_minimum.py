"""A farm asks for a minimum per order: the basket says what is lacking, and nobody gets round it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import baskets
from shortchain.ordering.refusals import BelowMinimum
from shortchain.workflows import supply
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
