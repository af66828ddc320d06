"""Who lives above the ground floor says so with the address: kept, told, and proposed the next time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.ordering.orders import tracking_token
from tests.support.clock import Clock
from tests.support.factories import accounts
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import fill, order, placed, priced


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def test_keeps_the_floor_with_the_order_and_tells_it(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    fill(client, shop, 1, 1)
    page = priced(client, floor="3", has_lift="y")
    wrong = order(client, page, floor="boven")
    assert wrong.status_code == 422
    again = Page(wrong)
    assert "Schrijf een getal van 0 (gelijkvloers) tot 50." in again
    assert again.form("/afrekenen").values["floor"] == ["boven"], "what was typed stays"
    assert order(client, page, floor="51").status_code == 422
    answer = order(client, page)
    assert answer.status_code == 303, Page(answer).text
    bought = placed(session)
    assert (bought.floor, bought.has_lift) == (3, True)
    started = gateways.payments.calls[-1][1]
    gateways.payments.pay(answer.location.rsplit("/", 1)[1])
    client.page(re.sub("^http://[^/]+", "", started["success_url"]))
    story = client.page(f"/volg/{tracking_token(bought.key)}")
    assert "Kouter 1, 9000 Gent, verdieping 3, met lift" in story
    sending.send_due(session, gateways, now=clock.now)
    mail = next(mail for mail in gateways.mailer.sent if mail.to == "nele@post.example")
    assert "Hoe hoog: verdieping 3, met lift" in mail.text


def test_proposes_the_door_of_the_order_before(client: Any, shop: Market, session: Session) -> None:
    person = accounts.user(session)
    accounts.signed_in(client, session, person)
    fill(client, shop, 1, 1)
    form = client.page("/afrekenen").form("/afrekenen")
    assert form.values["street"] == [""]
    assert order(client, priced(client, street="Kouter 7", floor="2")).status_code == 303
    fill(client, shop, 1, 1)
    form = client.page("/afrekenen").form("/afrekenen")
    assert (form.values["postcode"], form.values["street"], form.values["floor"]) == (["9000"], ["Kouter 7"], ["2"])
    client.set_cookie("postcode", "9800")
    form = client.page("/afrekenen").form("/afrekenen")
    assert (form.values["postcode"], form.values["street"]) == (["9800"], [""]), "not the door of another town"
