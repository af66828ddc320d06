"""An order holds food for others until it is paid, so nobody may place them without end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Basket, Order
from shortchain.transaction import transaction
from tests.support.clock import Clock
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import GUEST, fill, order, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def test_takes_no_more_orders_than_a_household_can_mean(
    client: Any, shop: Market, session: Session, clock: Clock
) -> None:
    with transaction(session):
        for _ in range(attempts.ORDER_EMAIL.most):
            attempts.count(session, attempts.ORDER_EMAIL, of=GUEST["email"], now=clock())
    fill(client, shop, 1, 1)
    answer = order(client, priced(client, shop.window.public_id))
    assert answer.status_code == 429
    page = Page(answer)
    assert "Te veel pogingen" in page
    assert page.form("/afrekenen").values["name"] == [GUEST["name"]]
    assert session.scalars(select(Order)).all() == []


def test_starts_no_more_baskets_than_an_office_can_need(
    client: Any, shop: Market, session: Session, clock: Clock
) -> None:
    with transaction(session):
        for _ in range(attempts.BASKET_ADDRESS.most):
            attempts.count(session, attempts.BASKET_ADDRESS, of="127.0.0.1", now=clock())
    answer = client.post("/mandje", data={"add": shop.offers[0].public_id}, token=False)
    assert answer.status_code == 429
    session.rollback()
    assert session.scalars(select(Basket)).all() == []
