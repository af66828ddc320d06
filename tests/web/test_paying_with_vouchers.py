"""Meal vouchers through the pages: choose how much, approve at the issuer, pay the rest, done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Payment
from tests.support.clock import MONDAY_MORNING
from tests.support.issuer import Issuer, running_issuer
from tests.support.market import Market, market
from tests.web.test_buying_as_a_guest import fill, order, placed, priced


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        running.ahead((MONDAY_MORNING - datetime.now(UTC)).total_seconds())
        yield running


@pytest.fixture
def gateways(gateways: Gateways, issuer: Issuer) -> Gateways:
    return dataclasses.replace(gateways, vouchers=issuer.gateway())


@pytest.fixture
def shop(app: Flask, session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def test_pays_a_part_with_meal_vouchers(
    client: Any, shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    fill(client, shop, 2, 3)
    page = priced(client, shop.window.public_id)
    assert "Hoogstens € 10,00." in page  # the goods cost 10,35, a day allows ten
    page = priced(client, shop.window.public_id, meal_voucher="4,50")
    assert "−€ 4,50" in page
    answer = order(client, page)
    assert answer.location.startswith(issuer.url)  # the holder approves first
    bought = placed(session)
    voucher = session.scalars(select(Payment).where(Payment.method == "meal_voucher")).one()
    issuer.answer(voucher.reference or "")
    token = session.get_one(Order, bought.id).key
    back = client.get(f"/bestelling/{tracking_token(token)}/dank")
    assert back.status_code == 303
    assert back.location.startswith("https://pay.example/")
    gateways.payments.pay(back.location.rsplit("/", 1)[1])
    thanks = client.page(f"/bestelling/{tracking_token(token)}/dank")
    assert "Dank je, Nele Peeters" in thanks
    assert "Maaltijdcheques" in thanks
    assert placed(session).state is OrderState.CONFIRMED


@pytest.mark.parametrize(("typed", "says"), [("10,01", "hoogstens € 10,00"), ("veel", "Schrijf het bedrag")])
def test_says_how_much_is_possible(client: Any, shop: Market, session: Session, typed: str, says: str) -> None:
    fill(client, shop, 2, 3)
    page = priced(client, shop.window.public_id, meal_voucher=typed)
    assert says in page
    answer = order(client, page)
    assert answer.status_code == 422
    assert session.scalars(select(Order)).all() == []


def test_a_holder_who_says_no_chooses_another_way(
    client: Any, shop: Market, session: Session, gateways: Gateways, issuer: Issuer
) -> None:
    fill(client, shop, 2, 3)
    order(client, priced(client, shop.window.public_id, meal_voucher="4,50"))
    bought = placed(session)
    voucher = session.scalars(select(Payment).where(Payment.method == "meal_voucher")).one()
    issuer.answer(voucher.reference or "", approves=False)
    session.rollback()
    path = f"/bestelling/{tracking_token(bought.key)}"
    assert client.get(f"{path}/dank").location.endswith("/betalen")
    assert "Betalen – € 4,50" in client.page(f"{path}/betalen")
    again = client.post(f"{path}/betalen", data={"method": "card"}, token=False)
    gateways.payments.pay(again.location.rsplit("/", 1)[1])
    rest = client.get(f"{path}/dank")
    assert rest.status_code == 303
    gateways.payments.pay(rest.location.rsplit("/", 1)[1])
    assert "Dank je, Nele Peeters" in client.page(f"{path}/dank")


def test_asks_for_no_vouchers_where_no_issuer_is_connected(
    client: Any, app: Flask, shop: Market, gateways: Gateways
) -> None:
    app.extensions["shortchain.gateways"] = dataclasses.replace(gateways, vouchers=None)
    fill(client, shop, 2, 3)
    assert "cheques" not in priced(client, shop.window.public_id)
