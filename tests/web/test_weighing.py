"""A customer agrees to pay by weight, a packer types it, and the customer sees what comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import MemberRole
from shortchain.fulfilment.models import JobState, Stage
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.orders import tracking_token
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.scales import add_chicken, pack, start_packing


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    found = market(session, gateways)
    add_chicken(found)
    return found


def test_packs_weighs_and_shows_the_difference(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 0, 1)
    follow = f"/volg/{tracking_token(order.key)}"
    assert "wordt nog gewogen: ongeveer 1,8 kg, hoogstens 1,98 kg" in client.page(follow)
    start_packing(shop, order)
    person = accounts.user(session)
    enterprises.member(session, person, shop.packers[0], MemberRole.WORKER)
    accounts.signed_in(client, session, person)
    [job] = shop.jobs(order.id, Stage.PACK)
    path = f"/werk/opdracht/{job.public_id}"
    assert "te wegen, hoogstens 1,98 kg" in client.page(f"/werk/lijst?dag={job.day}")
    answer = client.submit(client.page(path).form("/klaar"))
    assert "Nog niet alles is gewogen." in client.page(answer.location)
    for typed, sentence in (
        ("2,5", "zwaarder dan waarvoor de klant betaalde"),
        ("zwaar", "zoals de weegschaal het toont"),
        ("0", "zoals de weegschaal het toont"),
    ):
        wrong = client.submit(client.page(path).form("/gewichten"), **{"weight-2": typed})
        assert wrong.status_code == 422
        text = wrong.get_data(as_text=True)
        assert sentence in text
        assert f'value="{typed}"' in text
    saved = client.submit(client.page(path).form("/gewichten"), **{"weight-2": "1800 g"})
    assert saved.status_code == 303
    page = client.page(saved.location)
    assert 'value="1,8"' in page.html
    client.submit(page.form("/klaar"))
    assert shop.jobs(order.id, Stage.PACK)[0].state is JobState.READY
    mine = client.page(follow)
    assert "woog 1,8 kg, betaald voor 1,98 kg" in mine
    assert "Terug na het wegen" in mine
    assert "−€ 2,34" in mine


def test_says_before_the_order_what_is_paid_by_weight(client: Browser, shop: Market) -> None:
    path = f"/mandje/{shop.offers[2].public_id}"
    client.post(path, data={"amount": "2"})
    assert "ongeveer 3,6 kg, hoogstens 3,96 kg" in client.page("/mandje")
    page = client.page("/afrekenen")
    assert "ongeveer 3,6 kg, hoogstens 3,96 kg, hoogstens € 51,48" in page
    assert "Met je bestelling ga je akkoord" in page


def test_says_nothing_of_weighing_where_nothing_is_weighed(client: Browser, shop: Market) -> None:
    client.post(f"/mandje/{shop.offers[0].public_id}", data={"amount": "2"})
    assert "Wat we nog wegen" not in client.page("/afrekenen")


@pytest.mark.parametrize(
    ("language", "back"), [("nl", "Je krijgt"), ("fr", "Nous vous remboursons"), ("en", "You get")]
)
def test_mails_say_what_it_weighed(
    session: Session, gateways: Gateways, shop: Market, language: str, back: str
) -> None:
    order = shop.order(1, 0, 1)
    pack(shop, order, {2: 1800})
    for template, words in (("order_weighed", ("Hoevekip", back, "2,34")), ("order_confirmed", ("1,98", "1,8"))):
        notice = session.scalars(select(Notice).where(Notice.template == template)).one()
        _subject, text, html = gateways.render_mail(template, language=language, context=notice.context)
        for word in words:
            assert word in text.replace(".", ",")
            assert word in html.replace(".", ",")
    session.rollback()
