"""The withdrawal function in a browser without an account: find the order, choose, confirm, read the proof."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.catalogue.models import Product
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.orders import tracking_token
from shortchain.transaction import transaction
from tests.support.client import Browser
from tests.support.complaining import lines_of
from tests.support.market import Market, market
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    with transaction(session):
        session.get_one(Product, made.offers[1].product_id).withdrawal = "14d"
    return made


def test_from_the_button_to_the_coordinator(
    client: Browser, session: Session, gateways: Gateways, shop: Market
) -> None:
    order = shop.order(2, 3)
    link = f"/volg/{tracking_token(order.key)}"
    cabbage = lines_of(shop, order)[1].id
    session.rollback()
    page = client.page(link)
    assert f"{link}/herroepen" in page.links.values()
    first = client.page(f"{link}/herroepen")
    form = first.form("/herroepen")
    assert f'value="{lines_of(shop, order)[0].id}"' not in first.text  # what spoils can not be chosen
    session.rollback()
    nothing = client.submit(form)
    assert nothing.status_code == 422
    assert "Kies minstens één product" in nothing.text
    again = client.submit(form, line=str(cabbage), name="Nele Peeters")
    assert again.status_code == 200
    assert "Je herroept de koop van" in again.text
    assert "Nele Peeters" in again.text
    confirm = client.post(f"{link}/herroepen", data={"line": str(cabbage), "name": "Nele Peeters", "confirm": "1"})
    assert confirm.status_code == 303
    after = client.page(confirm.location)
    assert "We ontvingen je herroeping" in after
    assert "Herroeping" in after
    assert f"{link}/herroepen" not in after.links.values()
    twice = client.post(f"{link}/herroepen", data={"line": str(cabbage), "name": "", "confirm": "1"})
    assert twice.status_code == 422
    assert "kun je niets (meer) herroepen" in twice.text

    desk = enter(client, session, order.hub_id)
    today = desk.page("/hub")
    decision = desk.page(next(url for text, url in today.links.items() if "Bekijk en beslis" in text))
    assert "De klant herroept: dat mag zonder reden" in decision
    assert "Klant herroept" in today
    assert decision.heading.startswith("Herroeping van")
    asked = decision.form(has=f"cents-{cabbage}")
    assert asked.values[f"cents-{cabbage}"] == ["5,55"]  # a right to all of it: nobody has to work it out
    desk.submit(asked, answer="Breng ze naar de hub.")
    session.rollback()
    mail = session.scalars(select(Notice).where(Notice.template == "complaint_decided")).one()
    subject, text, _html = gateways.render_mail("complaint_decided", language="nl", context=mail.context)
    assert "herroeping" in subject
    assert "melding" not in subject + text  # who withdraws does not complain


def test_the_confirmation_leads_to_the_function(session: Session, gateways: Gateways, shop: Market) -> None:
    """Directive 2011/83/EU art. 6 (1) h: a buyer is told that the function exists and where it is."""
    shop.order(2, 3)
    mail = session.scalars(select(Notice).where(Notice.template == "order_confirmed")).one()
    _subject, text, html = gateways.render_mail("order_confirmed", language="nl", context=mail.context)
    session.rollback()
    for words in (text, html):
        assert "Herroep de overeenkomst hier" in words
        assert "/volg/" in words


def test_offers_no_button_for_what_spoils(client: Browser, session: Session, shop: Market) -> None:
    link = f"/volg/{tracking_token(shop.order(2, 0).key)}"
    session.rollback()
    assert f"{link}/herroepen" not in client.page(link).links.values()
    assert "bederft snel" in client.page(f"{link}/herroepen")


def test_mails_the_link_to_who_lost_it(client: Browser, session: Session, shop: Market) -> None:
    number = shop.order(2, 3).number
    session.rollback()
    home = client.page("/winkel")
    assert home.links["Vind je bestelling"] == "/bestelling-vinden"
    form = client.page("/bestelling-vinden").form("/bestelling-vinden")
    wrong = client.submit(form, number=number, email="geen adres")
    assert wrong.status_code == 422
    assert f'value="{number}"' in wrong.text
    answers = set()
    for typed in (number, "SC-26-99999"):
        done = client.submit(form, number=typed, email="nele@post.example")
        assert done.status_code == 303
        answers.add(client.page(done.location).text.count("Klopt het nummer"))
    assert answers == {1}  # nobody learns which orders there are
    session.rollback()
    assert len(list(session.scalars(select(Notice).where(Notice.template == "order_link")))) == 1
    statuses = [
        client.submit(form, number=number, email="nele@post.example").status_code
        for _ in range(attempts.MAIL_ACCOUNT.most)
    ]
    assert statuses[-1] == 429
