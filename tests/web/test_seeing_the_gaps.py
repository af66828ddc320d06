"""A coordinator sees which work nobody does, and asks somebody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises import directory
from shortchain.enterprises.models import Capability, Enterprise, MemberRole
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.workflows import coverage as deeds
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    deeds.forget()
    return market(session, gateways)


@pytest.fixture
def desk(client: Any, session: Session, shop: Market) -> Any:
    """A browser in which the coordinator of the market's hub is signed in."""
    coordinator = accounts.user(session)
    enterprises.member(session, coordinator, session.get_one(Enterprise, shop.cycle.hub_id), MemberRole.PLANNER)
    return accounts.signed_in(client, session, coordinator)


def no_rider(session: Session) -> None:
    for row in session.scalars(select(Capability).where(Capability.service == "DELIVER_BIKE")):
        row.radius_m = 10
    directory.touch(session)
    session.commit()


def test_says_that_everything_is_covered(desk: Any) -> None:
    page = desk.get("/hub/dekking").text
    assert "Overal kan iemand het" in page
    assert "Er mislukte niets." in page


def test_says_that_nothing_is_sold_yet(client: Any, session: Session) -> None:
    person, hub = accounts.user(session), enterprises.hub(session)
    enterprises.member(session, person, hub, MemberRole.PLANNER)
    assert "Nog niets te dekken" in accounts.signed_in(client, session, person).get("/hub/dekking").text


def test_a_customer_who_cannot_be_served_shows_up(client: Any, desk: Any, shop: Market, session: Session) -> None:
    no_rider(session)
    basket = shop.basket(1, 0)
    client.set_cookie("mandje", basket)
    page = client.get("/afrekenen?postcode=9000")
    assert page.status_code == 200
    text = desk.get("/hub/dekking").text
    assert "leveren, koel (tot 12" in text
    assert "te ver (1)" in text
    assert "9000 Gent" in text


def test_asks_a_rider_once_a_fortnight(desk: Any, shop: Market, session: Session) -> None:
    no_rider(session)
    page = desk.get("/hub/dekking?stap=deliver&klasse=COOL").text
    assert "De Fiets" in page
    assert "Vraag het per mail" in page
    form = {"wie": shop.bikes[0].public_id, "stap": "deliver", "klasse": "COOL"}
    for _press in range(2):
        answer = desk.post("/hub/dekking/vragen", data=form, follow_redirects=True)
        assert "Gevraagd. De mail is onderweg." in answer.text
    assert "Gevraagd op ma 23 nov" in answer.text.replace("\xa0", " ")
    notice = session.scalars(select(Notice).where(Notice.template == "coverage_asked")).one()
    assert notice.to_email == shop.bikes[0].email
    assert notice.context["classes"][0]["en"] == "cool (up to 12 °C)"


def test_the_mail_says_what_where_and_whom_to_call(
    desk: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    no_rider(session)
    desk.post("/hub/dekking/vragen", data={"wie": shop.bikes[0].public_id, "stap": "deliver", "klasse": "COOL"})
    notice = session.scalars(select(Notice).where(Notice.template == "coverage_asked")).one()
    for language, word in (("nl", "zoekt hulp"), ("fr", "cherche"), ("en", "looking for")):
        subject, text, html = gateways.render_mail(notice.template, language=language, context=notice.context)
        assert word in subject
        what, where, *_rest = [line for line in text.splitlines() if line.startswith("- ")]
        assert "9000" in where and "9000" not in what
        assert f"{where}\n\n" in text, "the question begins a paragraph of its own"
        assert "/onderneming" in html


def test_refuses_who_could_not_help(desk: Any, shop: Market, session: Session) -> None:
    no_rider(session)
    form = {"wie": shop.farms[0].public_id, "stap": "deliver", "klasse": "COOL"}
    assert "past niet meer" in desk.post("/hub/dekking/vragen", data=form, follow_redirects=True).text
    form = {"wie": shop.bikes[0].public_id, "stap": "drogen", "klasse": "COOL"}
    desk.post("/hub/dekking/vragen", data=form)
    assert session.scalars(select(Notice)).all() == []
