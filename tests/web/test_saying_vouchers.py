"""A farm or a hub says which vouchers may pay a product; the hub has the last word, the customer reads why."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.catalogue.voucher_choices import BadChoice, HubDecided
from shortchain.data.terms import voucher_pays
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import baskets
from shortchain.payments import vouchers
from shortchain.workflows import voucher_choices
from tests.support.client import Browser
from tests.support.complaining import lines_of
from tests.support.market import Market, market
from tests.web.test_complaining import enter

DAY = date(2026, 11, 26)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def say(shop: Market, *, by_hub: bool, why: str = "geen voeding", **said: str) -> None:
    owner = shop.cycle.hub_id if by_hub else shop.farms[0].id
    name = shop.session.get_one(Product, shop.offers[0].product_id).public_id
    now = shop.now
    shop.session.rollback()
    voucher_choices.say(
        shop.session, public_id=name, enterprise_id=owner, by_hub=by_hub, said=said, why=why, by=SYSTEM, now=now
    )


@pytest.mark.parametrize(
    ("method", "category", "is_organic", "said", "may"),
    [
        ("meal_voucher", "VEG", False, "", True),
        ("meal_voucher", "VEG", False, "no", False),
        ("meal_voucher", "DRI.ALC", False, "yes", False),  # never is never
        ("meal_voucher", "NON", False, "yes", False),
        ("eco_voucher", "VEG", False, "", False),
        ("eco_voucher", "VEG", False, "yes", True),
        ("eco_voucher", "VEG", True, "no", False),
    ],
)
def test_a_word_about_a_product_goes_before_the_rule(
    method: str, category: str, is_organic: bool, said: str, may: bool
) -> None:
    assert voucher_pays(method, category=category, is_organic=is_organic, on=DAY, said=said) is may


def test_it_holds_in_the_basket_and_is_frozen_with_the_line(shop: Market, session: Session) -> None:
    say(shop, by_hub=False, meal_voucher="no")
    held = shop.basket(2, 3)
    view = baskets.view(session, public_id=held, now=shop.now)
    assert view is not None
    assert vouchers.eligible_in(view.rows, on=DAY)["meal_voucher"] == 555
    session.rollback()
    order = shop.order(2, 3)
    say(shop, by_hub=False)
    leek, cabbage = lines_of(shop, order)
    assert (leek.meal_voucher, cabbage.meal_voucher) == (False, True)


def test_the_hub_has_the_last_word(shop: Market, session: Session) -> None:
    with pytest.raises(BadChoice):
        say(shop, by_hub=False, why=" ", eco_voucher="yes")
    session.rollback()
    with pytest.raises(BadChoice):
        say(shop, by_hub=False, eco_voucher="misschien")
    session.rollback()
    say(shop, by_hub=True, eco_voucher="no")
    with pytest.raises(HubDecided):
        say(shop, by_hub=False, eco_voucher="yes")
    session.rollback()
    say(shop, by_hub=True)
    say(shop, by_hub=False, eco_voucher="yes")


@pytest.mark.parametrize("place", ["farm", "hub"])
def test_says_it_on_a_page(client: Browser, session: Session, shop: Market, place: str) -> None:
    owner = shop.farms[0].id if place == "farm" else shop.cycle.hub_id
    product_id = shop.offers[0].product_id
    name = session.get_one(Product, product_id).public_id
    person = enter(client, session, owner)
    path = f"/boer/aanbod/{name}/cheques" if place == "farm" else "/hub/chequeregels"
    asked = path if place == "farm" else f"{path}?zoek=prei"
    form = person.page(asked).form(path, has="why")
    more = {} if place == "farm" else {"product": name}
    refused = person.submit(form, meal_voucher="no", why="", **more)
    assert refused.status_code == 422
    assert person.submit(form, meal_voucher="no", why="Dit is zeep.", **more).status_code == 303
    assert "Dit is zeep." in person.page(path)
    session.rollback()
    assert session.get_one(Product, product_id, populate_existing=True).vouchers["by"] == place


def test_a_hub_finds_the_product_and_says_when_there_is_none(client: Browser, session: Session, shop: Market) -> None:
    name = session.get_one(Product, shop.offers[0].product_id).public_id
    desk = enter(client, session, shop.cycle.hub_id)
    path = "/hub/chequeregels"
    assert "Zoek eerst het product" in desk.page(path)
    assert "past hierbij" in desk.page(f"{path}?zoek=ananas")
    found = desk.page(f"{path}?zoek=preien").form(path, has="why")
    assert found.values["product"] == [name]
    say(shop, by_hub=True, eco_voucher="yes", why="label gezien")
    chosen = desk.page(f"{path}?product={name}").form(path, has="why")
    assert (chosen.values["eco_voucher"], chosen.values["why"]) == (["yes"], ["label gezien"])
