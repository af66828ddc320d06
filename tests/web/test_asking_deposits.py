"""Owners say what comes back, and customers see what they pay for it before they order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.containers.models import ContainerType
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import SellUnit
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from tests.support import empties
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill, order, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def at_desk(client: Any, session: Session, enterprise_id: int) -> Browser:
    """A browser in which a planner of an enterprise is signed in."""
    planner = accounts.user(session)
    enterprises.member(session, planner, session.get_one(Enterprise, enterprise_id), MemberRole.PLANNER)
    return accounts.signed_in(client, session, planner)


def test_a_farmer_adds_changes_and_retires_a_jar(client: Any, session: Session, shop: Market) -> None:
    desk = at_desk(client, session, shop.farms[1].id)
    page = desk.page("/onderneming/leeggoed")
    assert "Nog niets." in page
    form = page.form("/onderneming/leeggoed")
    refused = desk.submit(form, kind="jar", name="720 ml", deposit="200")
    assert refused.status_code == 422
    assert Page(refused).form("/onderneming/leeggoed").filled()["name"] == ["720 ml"]
    assert desk.submit(form, kind="jar", name="720 ml", deposit="zoiets").status_code == 422
    assert desk.submit(form, kind="jar", name="720 ml", deposit="0,30").status_code == 303
    [jar] = session.scalars(select(ContainerType)).all()
    session.rollback()
    change = f"/onderneming/leeggoed/{jar.public_id}"
    page = desk.page("/onderneming/leeggoed")
    assert "Bokaal, 720 ml" in page
    refused = desk.submit(page.form(change), **{f"deposit-{jar.public_id}": "0"})
    assert refused.status_code == 422
    assert desk.submit(page.form(change), **{f"deposit-{jar.public_id}": "0,45"}).status_code == 303
    session.refresh(jar)
    assert (jar.deposit_cents, jar.is_active) == (45, True)
    session.rollback()
    assert desk.submit(desk.page("/onderneming/leeggoed").form(change), button="doe").status_code == 303
    assert "niet meer in gebruik" in desk.page("/onderneming/leeggoed")


def test_a_provider_sees_the_page_and_owns_nothing(client: Any, session: Session, shop: Market) -> None:
    desk = at_desk(client, session, shop.packers[0].id)
    assert "Voeg een soort toe" not in desk.page("/onderneming/leeggoed")
    assert desk.post("/onderneming/leeggoed", data={"kind": "jar", "deposit": "1"}).status_code == 404


def test_a_farmer_sells_in_jars_only_what_is_sold_by_the_piece(client: Any, session: Session, shop: Market) -> None:
    jar = empties.own(shop, shop.farms[1].id, "jar", 30)
    other = empties.own(shop, shop.farms[0].id, "jar", 99)
    product = session.get_one(Product, shop.offers[1].product_id)
    path = f"/boer/aanbod/{product.public_id}"
    session.rollback()
    desk = at_desk(client, session, shop.farms[1].id)
    page = desk.page(path)
    assert "Bokaal, € 0,30" in page
    assert "€ 0,99" not in page
    assert desk.submit(page.form(path), container=str(other.id)).status_code == 422
    assert desk.submit(page.form(path), container=str(jar.id)).status_code == 303
    session.refresh(product)
    assert product.container_id == jar.id
    session.rollback()
    loose = session.get_one(Product, shop.offers[1].product_id)
    loose.sell_unit = SellUnit.KG
    session.commit()
    assert "per stuk verkoopt" in Page(desk.submit(desk.page(path).form(path), least="1", step="1"))


def test_the_shop_shows_a_changed_deposit_at_once(client: Any, session: Session, shop: Market) -> None:
    jar = empties.in_jars(shop)
    slug = session.get_one(Product, shop.offers[1].product_id).slug
    session.rollback()
    guest = client.application.test_client()
    assert "+ € 0,30 waarborg" in guest.page(f"/p/{slug}")
    desk = at_desk(client, session, shop.farms[1].id)
    form = desk.page("/onderneming/leeggoed").form(f"/onderneming/leeggoed/{jar.public_id}")
    assert desk.submit(form, **{f"deposit-{jar.public_id}": "0,50"}).status_code == 303
    assert "+ € 0,50 waarborg" in guest.page(f"/p/{slug}")


def test_a_hub_packs_in_crates_and_the_customer_sees_it_all_the_way(
    client: Any, session: Session, shop: Market
) -> None:
    empties.in_jars(shop)
    desk = at_desk(client, session, shop.cycle.hub_id)
    page = desk.page("/onderneming/leeggoed")
    assert desk.submit(page.form("/onderneming/leeggoed"), kind="pool_crate", name="", deposit="4").status_code == 303
    crate = session.scalars(select(ContainerType).where(ContainerType.kind == "pool_crate")).one().public_id
    session.rollback()
    form = desk.page("/onderneming/leeggoed").form("/onderneming/leeggoed/krat")
    assert desk.submit(form, crate=crate).status_code == 303
    guest = client.application.test_client()
    fill(guest, shop, 2, 2)
    assert "€ 0,60 waarborg" in guest.page("/mandje")
    page = priced(guest, shop.window.public_id)
    assert "Waarborg" in page
    assert "€ 4,60" in page
    assert order(guest, page, window=shop.window.public_id).status_code == 303
    session.rollback()
    row = session.scalars(select(Order)).one()
    assert row.deposit_cents == 460
    followed = guest.page(f"/volg/{tracking_token(row.key)}")
    assert "2 bokalen" in followed
    assert "1 plooikrat" in followed
    assert "€ 4,60" in followed


def test_the_confirmation_names_it(session: Session, shop: Market, client: Any) -> None:
    empties.in_jars(shop)
    shop.order(1, 2)
    facts = session.scalars(select(Notice).where(Notice.template == "order_confirmed")).one().context
    [jar] = facts["deposits"]
    assert (jar["kind"], jar["count"], jar["cents"]) == ("jar", 2, 60)
