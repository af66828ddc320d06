"""A returning customer agrees to a direct debit, pays the next order in one press, and takes it back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments.models import Mandate, Payment
from shortchain.transaction import transaction
from shortchain.workflows import payment_events
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_buying_as_a_guest import GUEST, fill


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def buy(client: Any, shop: Market, method: str) -> Any:
    """Fill a basket and order; gives the answer to the last press."""
    fill(client, shop, 1, 1)
    form = client.page("/afrekenen").form("/afrekenen")
    answer = client.post("/afrekenen", data=form.filled(**GUEST) | {"doe": "bekijk", "window": shop.window.public_id})
    form = Page(answer).form("/afrekenen")
    return client.post("/afrekenen", data=form.filled(method=method) | {"doe": "bestel"})


def newest(session: Session) -> Payment:
    session.rollback()
    return session.scalars(
        select(Payment).order_by(Payment.id.desc()).execution_options(populate_existing=True)
    ).first()  # type: ignore[return-value]


def test_agrees_once_pays_in_one_press_and_withdraws(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    payments: Any = gateways.payments
    accounts.signed_in(client, session, accounts.user(session, email="nele@post.example"))
    fill(client, shop, 1, 1)
    assert "vanaf je tweede bestelling" in client.get("/afrekenen").text
    assert buy(client, shop, "bancontact").status_code == 303
    first = newest(session)
    payments.pay(first.reference)
    payment_events.look_up(session, gateways, payment_id=first.id, now=shop.now)

    answer = buy(client, shop, "sepa_debit")
    agreed = newest(session)
    assert answer.location == agreed.url
    payments.agree(agreed.reference)
    payment_events.look_up(session, gateways, payment_id=agreed.id, now=shop.now)
    assert "MANDATE1" in client.get("/mijn/betalen").text

    fill(client, shop, 1, 1)
    assert "•••• 7034" in client.get("/afrekenen").text
    answer = buy(client, shop, "sepa_debit")
    assert answer.location.endswith("/dank")
    client.get(answer.location)
    pressed = newest(session)
    assert pressed.is_promised
    assert session.get_one(Order, pressed.order_id).state.value == "confirmed"
    mails = session.scalars(select(Notice).where(Notice.template == "order_confirmed").order_by(Notice.id)).all()
    told = [gateways.render_mail(one.template, language="nl", context=one.context)[1] for one in mails]
    for text in (client.page(answer.location).text, told[-1]):  # nothing came in yet
        assert "is bevestigd. We innen het bedrag van je rekening." in text
        assert "is betaald" not in text
    assert "is betaald en bevestigd" in told[0]

    page = client.page("/mijn/betalen")
    assert client.submit(page.form("/intrekken")).status_code == 303
    assert "ingetrokken" in client.get("/mijn/betalen").text
    session.rollback()
    (mandate,) = session.scalars(select(Mandate).execution_options(populate_existing=True)).all()
    assert mandate.withdrawn_at is not None
    assert mandate.method in payments.forgotten


def test_nobody_withdraws_for_another(client: Any, shop: Market, session: Session) -> None:
    owner = accounts.user(session, email="nele@post.example")
    session.add(
        Mandate(
            user_id=owner.id, customer="cus_1", method="pm_1", reference="M1", account_end="7034", agreed_at=shop.now
        )
    )
    session.commit()
    public_id = session.scalars(select(Mandate.public_id)).one()
    accounts.signed_in(client, session, accounts.user(session, email="ander@post.example"))
    assert "7034" not in client.get("/mijn/betalen").text
    assert client.post(f"/mijn/betalen/{public_id}/intrekken").status_code == 404
    session.rollback()
    assert session.scalars(select(Mandate)).one().withdrawn_at is None


def test_pays_otherwise_what_the_bank_refused_or_the_platform_does(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    payments: Any = gateways.payments
    person = accounts.user(session, email="nele@post.example")
    session.commit()
    shop.pay(shop.place(shop.basket(1, 1), user_id=person.id))
    accounts.signed_in(client, session, person)
    buy(client, shop, "sepa_debit")
    debit = newest(session)
    payments.agree(debit.reference)
    payment_events.look_up(session, gateways, payment_id=debit.id, now=shop.now)
    with transaction(session):
        row = orders.lock(session, order_id=debit.order_id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
        token, hub_id = orders.tracking_token(row.key), row.hub_id
    payments.fail(debit.reference)
    payment_events.look_up(session, gateways, payment_id=debit.id, now=shop.now)
    page = client.page(f"/bestelling/{token}/betalen")
    assert "niet uit" in page
    answer = client.submit(page.form("/betalen"), method="card")
    assert answer.location == newest(session).url

    coordinator = accounts.user(session)
    enterprises.member(session, coordinator, session.get_one(Enterprise, hub_id), MemberRole.PLANNER)
    accounts.signed_in(client, session, coordinator)
    desk = client.page("/hub")
    assert "Domiciliëring mislukt" in desk
    assert client.submit(desk.form("/dragen")).status_code == 303
    assert "Het platform betaalt" in client.get("/hub").text
    assert newest(session).method == "platform"
