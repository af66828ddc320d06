"""A coordinator sees what is at risk, settles it, and reads what happened."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from shortchain.fulfilment.models import Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.workflows import declining
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def desk(client: Any, session: Session, shop: Market) -> Any:
    """A browser in which the coordinator of the market's hub is signed in."""
    from shortchain.enterprises.models import Enterprise, MemberRole

    coordinator = accounts.user(session)
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    enterprises.member(session, coordinator, hub, MemberRole.PLANNER)
    return accounts.signed_in(client, session, coordinator)


def decline_all(shop: Market, order: Order) -> None:
    for packer in shop.packers:
        job = shop.jobs(order.id, Stage.PACK)[-1]
        declining.decline_job(
            shop.session,
            shop.gateways,
            job_public_id=job.public_id,
            enterprise_id=packer.id,
            reason="",
            now=shop.now,
            by=Actor("user", 1),
        )


def test_says_that_all_is_well(desk: Any) -> None:
    assert "Alles loopt" in desk.get("/hub").text


def test_shows_an_order_that_nobody_packs_and_finds_somebody_again(desk: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    decline_all(shop, order)
    page = desk.get("/hub")
    assert "Niemand gevonden" in page.text
    assert "2 zei nee" in page.text
    from shortchain.notifications import desk as reads

    task = reads.open_tasks(session, hub_id=order.hub_id)[0][0]
    session.rollback()
    assert (
        "Ook nu vinden we niemand"
        in desk.post(f"/hub/taken/{task.public_id}/zoek", data={}, follow_redirects=True).text
    )
    found = desk.post(f"/hub/taken/{task.public_id}/zoek", data={"all": "1"}, follow_redirects=True)
    assert "Gevonden" in found.text
    assert len(shop.jobs(order.id, Stage.PACK)) == 3


def test_opens_an_order_with_chain_money_and_history(desk: Any, shop: Market) -> None:
    order = shop.order(2, 1)
    page = desk.get(f"/hub/bestellingen/{order.public_id}").text
    for word in ("De Pakker", "Prei", "Betaald en bevestigd", "Waarom deze keten?"):
        assert word in page
    assert order.number in desk.get("/hub/bestellingen?q=nele").text
    assert "Betaald en bevestigd" in desk.get("/hub/journaal").text


def test_cancels_an_order_with_a_reason(desk: Any, shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    page = desk.post(f"/hub/bestellingen/{order.public_id}/annuleren", data={"reason": "storm"}, follow_redirects=True)
    assert "Geannuleerd" in page.text
    session.rollback()
    assert session.get_one(Order, order.id, populate_existing=True).state is OrderState.CANCELLED


def test_ticks_off_a_bank_transfer(desk: Any, shop: Market, session: Session) -> None:
    placed = shop.place(shop.basket(1, 0), method="transfer")
    public_id = session.get_one(Order, placed.order_id).public_id
    session.rollback()
    assert "Wacht op overschrijving" in desk.get("/hub").text
    page = desk.post(f"/hub/bestellingen/{public_id}/ontvangen", data={}, follow_redirects=True)
    assert "Betaald" in page.text
    session.rollback()
    assert session.get_one(Order, placed.order_id, populate_existing=True).state is OrderState.CONFIRMED


def test_hides_the_orders_of_another_hub(desk: Any, shop: Market, session: Session) -> None:
    other = market(session, shop.gateways)
    order = other.order(1, 0)
    session.rollback()
    assert desk.get(f"/hub/bestellingen/{order.public_id}").status_code == 404
