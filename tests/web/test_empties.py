"""Empties at the door, at the desk, and on the customer's page."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.containers.models import ContainerType, PackagingMove
from shortchain.delivery.models import Stop, Tour
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.workflows import dispatch
from shortchain.workflows import fulfilment as deeds
from tests.support import empties
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises, fulfilment
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.support.scales import pack


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    empties.in_jars(made)
    empties.in_crates(made)
    return made


def at_desk(client: Any, session: Session, enterprise_id: int, role: MemberRole = MemberRole.PLANNER) -> Browser:
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), role)
    return accounts.signed_in(client, session, person)


def field(session: Session, kind: str) -> str:
    found = session.scalars(select(ContainerType).where(ContainerType.kind == kind)).one().public_id
    session.rollback()
    return f"n-{found}"


def delivered(shop: Market, *amounts: int) -> Order:
    order = shop.order(*amounts)
    empties.deliver(shop, order)
    return order


def test_a_hub_takes_what_a_customer_brings(client: Any, session: Session, shop: Market) -> None:
    order = delivered(shop, 1, 3)
    number, token = order.number, tracking_token(order.key)
    jar = field(session, "jar")
    desk = at_desk(client, session, shop.cycle.hub_id)
    start = desk.page("/onderneming/leeggoed").form("/onderneming/leeggoed/terug")
    assert "kennen we niet" in Page(desk.submit(start, bestelling="SC-26-99999"))
    page = desk.page(f"/onderneming/leeggoed/terug?bestelling={number.lower()}")
    assert "3 staan er uit" in page
    form = page.form("/onderneming/leeggoed/terug")
    for wrong in ("4", "twee", "-1", ""):
        refused = desk.submit(form, **{jar: wrong})
        assert refused.status_code == 422, wrong
    assert Page(desk.submit(form, **{jar: "4"})).form("/onderneming/leeggoed/terug").filled()[jar] == ["4"]
    done = desk.submit(form, **{jar: "2"})
    assert done.status_code == 303
    assert "€ 0,60" in desk.page(done.location)
    guest = client.application.test_client()
    assert "nog 1 bij jou" in guest.page(f"/volg/{token}")


def test_a_farm_sees_its_own_and_no_other_customers(client: Any, session: Session, shop: Market) -> None:
    order = delivered(shop, 1, 2)
    other = delivered(shop, 1, 0)
    desk = at_desk(client, session, shop.farms[1].id)
    page = desk.page(f"/onderneming/leeggoed/terug?bestelling={order.number}")
    assert "Bokaal" in page
    assert "Plooikrat" not in page
    assert "kennen we niet" in Page(desk.get(f"/onderneming/leeggoed/terug?bestelling={other.number}"))


def test_books_what_goes_from_hand_to_hand_and_gives_it_as_a_file(client: Any, session: Session, shop: Market) -> None:
    delivered(shop, 1, 1)
    packer = shop.packers[0].public_id
    crate = field(session, "pool_crate")[2:]
    desk = at_desk(client, session, shop.cycle.hub_id)
    page = desk.page("/onderneming/leeggoed")
    assert "Minder dan nul" in page  # the packer gave out a crate that nobody booked in
    form = page.form("/onderneming/leeggoed/doorgeven")
    refused = desk.submit(form, way="gives", party=packer, container=crate, count="geen")
    assert refused.status_code == 422
    assert "geheel getal" in Page(refused)
    for _press in range(2):
        assert desk.submit(form, way="gives", party=packer, container=crate, count="10").status_code == 303
    assert session.query(PackagingMove).filter_by(reason="handed").count() == 1
    session.rollback()
    page = desk.page("/onderneming/leeggoed")
    assert "Minder dan nul" not in page
    assert "10 plooikratten" in page
    text = desk.get("/onderneming/leeggoed/bewegingen.csv").get_data(as_text=True)
    assert "De Pakker" in text
    assert text.count("\n") == 3
    assert desk.get("/onderneming/leeggoed/bewegingen.exe").status_code == 404


def test_a_customer_sees_what_is_still_out(client: Any, session: Session, shop: Market) -> None:
    order = delivered(shop, 1, 2)
    person = accounts.user(session)
    session.get_one(Order, order.id).user_id = person.id
    session.commit()
    browser = accounts.signed_in(client, session, person)
    page = browser.page("/mijn/leeggoed")
    assert "2 bokalen" in page
    assert "€ 4,60" in page


def test_a_customer_without_empties_reads_so(client: Any, session: Session) -> None:
    browser = accounts.signed_in(client, session, accounts.user(session))
    assert "Geen leeggoed bij jou" in browser.page("/mijn/leeggoed")


class TestAtTheDoor:
    """The driver brings one order and takes the empties of an earlier one along."""

    @pytest.fixture
    def stop(self, session: Session, gateways: Gateways, shop: Market, client: Any) -> str:
        """The address of the stop at the customer's door, opened by a planner of the carrier."""
        delivered(shop, 0, 4)
        order = shop.order(0, 1)
        pack(shop, order, {})
        job = shop.jobs(order.id, Stage.DELIVER)[0]
        carrier = job.enterprise_id
        values = {"job_public_id": job.public_id, "enterprise_id": carrier, "by": SYSTEM, "now": shop.now}
        session.rollback()
        deeds.accept_job(session, **values)
        fulfilment.courier(session, session.get_one(Enterprise, carrier))
        session.commit()
        dispatch.plan_everybody(session, gateways, day=local_day(shop.window.starts_at), now=shop.now)
        tour = session.scalars(select(Tour)).one().public_id
        session.rollback()
        dispatch.publish_tour(session, public_id=tour, enterprise_id=carrier, now=shop.now, by=SYSTEM)
        door = session.scalars(select(Stop).where(Stop.kind == "dropoff")).one().public_id
        at_desk(client, session, carrier)
        return f"/rit/{door}"

    def test_notes_them_and_the_customer_gets_the_deposit(
        self, client: Any, session: Session, shop: Market, stop: str
    ) -> None:
        jar = field(session, "jar")
        page = client.page(stop)
        assert "4 staan er uit" in page
        form = page.form(f"{stop}/leeggoed")
        assert "niet zoveel uit" in client.page(client.submit(form, **{jar: "5"}).location)
        done = client.submit(form, **{jar: "3"})
        assert done.status_code == 303
        assert "€ 0,90" in client.page(done.location)
        move = session.scalars(select(PackagingMove).where(PackagingMove.reason == "returned")).one()
        assert move.to_id in {bike.id for bike in shop.bikes}
        session.rollback()
        assert "1 staan er uit" in client.page(stop)

    def test_what_was_delivered_a_moment_ago_can_go_along_and_the_delivery_be_taken_back(
        self, client: Any, session: Session, gateways: Gateways, shop: Market, stop: str
    ) -> None:
        public_id = stop.rpartition("/")[2]
        carrier = session.scalars(select(Tour)).one().enterprise_id
        values = {"public_id": public_id, "enterprise_id": carrier, "now": shop.now, "by": SYSTEM}
        session.rollback()
        for key in ("first", "again"):
            dispatch.record_stop(session, outcome="delivered", note="", key=key, tapped_at=shop.now, **values)
            assert "5 staan er uit" in client.page(stop)
            if key == "first":
                crate = field(session, "pool_crate")
                assert client.submit(client.page(stop).form(f"{stop}/leeggoed"), **{crate: "2"}).status_code == 303
                dispatch.undo_stop(session, **values)
                assert "4 staan er uit" in client.page(stop)
        found = checks.check_all(session, now=shop.now)
        assert [one.what for one in found if "deposits" in one.promise] == []

    def test_another_carrier_finds_no_such_stop(self, client: Any, session: Session, shop: Market, stop: str) -> None:
        jar = field(session, "jar")
        form = client.page(stop).form(f"{stop}/leeggoed")
        other = at_desk(client.application.test_client(), session, enterprises.deliverer(session, name="Ander").id)
        typed = {name: value for name, value in form.filled().items() if name != "csrf_token"}
        assert other.post(form.action, data={**typed, jar: "1"}).status_code == 404
