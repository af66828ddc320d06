"""A coordinator asks something on top of the goods; the customer sees it, cent by cent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import CycleFee, Order
from shortchain.ordering.orders import tracking_token
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill, order, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def desk(client: Any, session: Session, shop: Market) -> Browser:
    """A browser in which the coordinator of the market's hub is signed in."""
    coordinator = accounts.user(session)
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    enterprises.member(session, coordinator, hub, MemberRole.PLANNER)
    return accounts.signed_in(client, session, coordinator)


def test_asks_looks_and_takes_it_away(desk: Any, shop: Market, session: Session) -> None:
    page = desk.page("/hub/kosten")
    assert "Niets: de klant betaalt de goederen en het werk." in page
    form = page.form(f"/hub/kosten/{shop.cycle.public_id}")
    refused = desk.submit(form, basis="percent", rate="31")
    assert refused.status_code == 422
    again = Page(refused)
    assert "hoogstens € 20" in again
    assert again.form(f"/hub/kosten/{shop.cycle.public_id}").filled()["rate"] == ["31"]
    assert desk.submit(form, basis="percent", rate="een beetje").status_code == 422

    assert desk.submit(form, basis="percent", rate="2,5").status_code == 303
    assert desk.submit(form, basis="stop", rate="1").status_code == 303
    page = desk.page("/hub/kosten?goederen=80&kg=10&waar=thuis")
    assert "2,5 % van de goederen" in page
    assert "€ 83,00" in page  # 80 + 2.5 % + 1
    assert "€ 82,00" in desk.page("/hub/kosten?goederen=80&kg=10&waar=punt")
    session.rollback()
    for name in session.scalars(select(CycleFee.public_id)).all():
        assert desk.submit(desk.page("/hub/kosten").form(f"/hub/kosten/weg/{name}")).status_code == 303
    assert "Niets: de klant betaalt" in desk.page("/hub/kosten")


def test_customer_sees_it_before_and_after_ordering(desk: Any, client: Any, shop: Market, session: Session) -> None:
    form = desk.page("/hub/kosten").form(f"/hub/kosten/{shop.cycle.public_id}")
    assert desk.submit(form, basis="order", rate="1,25").status_code == 303
    guest = client.application.test_client()
    fill(guest, shop, 2, 1)
    page = priced(guest, shop.window.public_id)
    assert "Kosten van de ronde" in page
    assert "€ 1,25" in page
    assert order(guest, page, window=shop.window.public_id).status_code == 303
    session.rollback()
    row = session.scalars(select(Order)).one()
    followed = guest.page(f"/volg/{tracking_token(row.key)}")
    assert "Kosten van de ronde" in followed
    assert "Waar je geld naartoe gaat" in followed
    assert row.total_cents == row.goods_cents + row.services_cents
