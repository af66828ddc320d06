"""A farmer tells a shortage from the picking list; the customer said per product what may come instead."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.blueprints.checkout.forms import CheckoutForm
from shortchain.catalogue.models import Product
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.models import BasketLine
from shortchain.ordering.orders import tracking_token
from shortchain.workflows import basket as basket_deeds
from tests.integration.workflows.test_shortages import order, other
from tests.support.client import Browser
from tests.support.market import Market, market
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=20)


def test_from_the_picking_list_to_the_customer(client: Browser, session: Session, shop: Market) -> None:
    spare = other(shop)
    first, last = order(shop, 0, 2), order(shop, 0, 2, replace=True)
    links = [f"/volg/{tracking_token(one.key)}" for one in (first, last)]
    numbers = [first.number, last.number]
    farmer = enter(client, session, shop.farms[1].id)
    picking = farmer.page("/boer/plukken")
    page = farmer.page(picking.links["Kom je iets tekort? Meld het"])
    form = page.form(has="missing")
    assert "Kool: 4 stuks" in page
    product = session.get_one(Product, shop.offers[1].product_id).public_id
    session.rollback()
    for typed, sentence in (
        ({"product": "", "missing": "3"}, "Kies het product"),
        ({"product": product, "missing": "veel"}, "Kies een"),
        ({"product": product, "missing": "5"}, "hoogstens wat er nog te brengen is"),
    ):
        refused = farmer.submit(form, **typed)
        assert refused.status_code == 422
        assert f'value="{typed["missing"]}"' in refused.text
        if typed["missing"] != "veel":
            assert sentence in refused.text
    shown = farmer.submit(form, product=product, missing="3", instead=spare.public_id)
    assert shown.status_code == 200
    assert shown.text.index(numbers[1]) < shown.text.index(numbers[0])  # the last one first
    assert "Spitskool, als het past" in shown.text
    assert "krijgt het geld terug" in shown.text
    session.rollback()
    assert list(session.scalars(select(Notice).where(Notice.template == "goods_short"))) == []  # nothing done yet
    values = {"product": product, "missing": "3", "instead": spare.public_id, "confirm": "1"}
    done = farmer.post("/boer/tekort", data={**values, "dag": form.values["dag"][0]})
    assert done.status_code == 303
    assert "1 klant krijgt iets anders" in farmer.page(done.location)
    assert "Kwam niet: 1 stuk" in client.page(links[0])
    assert "in de plaats: 2 stuks Spitskool" in client.page(links[1])


@pytest.mark.parametrize(
    ("choice", "ticked", "may_come"),
    [("refund", "", set()), ("replace", "", {"a", "b"}), ("refund", "b", {"b"}), ("refund", "strange", set())],
)
def test_reads_the_choice_of_the_checkout(app: Flask, choice: str, ticked: str, may_come: set[str]) -> None:
    with app.test_request_context("/afrekenen", method="POST", data={"if_missing": choice, "replace": ticked}):
        assert CheckoutForm().replaceable(["a", "b"]) == may_come


def test_the_customer_chooses_per_product(client: Browser, session: Session, shop: Market) -> None:
    held = shop.basket(1, 1)
    session.rollback()
    basket_deeds.choose_if_missing(session, basket=held, replace={shop.offers[1].public_id}, now=shop.now)
    session.rollback()
    lines = session.scalars(select(BasketLine).order_by(BasketLine.offer_id)).all()
    assert [line.if_missing.value for line in lines] == ["refund", "replace"]
    session.rollback()
    basket_deeds.choose_if_missing(session, basket=held, replace=set(), now=shop.now)
    session.rollback()
    lines = session.scalars(select(BasketLine).execution_options(populate_existing=True)).all()
    assert {line.if_missing.value for line in lines} == {"refund"}
