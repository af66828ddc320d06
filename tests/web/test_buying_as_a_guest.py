"""A guest fills a basket of two farms, orders, pays and follows the order; without script or account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow, WindowKind
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.workflows import asking_payment
from tests.support.clock import Clock
from tests.support.factories import accounts, catalogue, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page

GUEST = {
    "name": "Nele Peeters",
    "email": "nele@post.example",
    "phone": "0470 12 34 56",
    "postcode": "9000",
    "street": "Kouter 1",
}


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways)
    point = enterprises.pickup_point(
        session, session.get_one(type(made.farms[0]), made.cycle.hub_id), name="Het Atelier"
    )
    catalogue.window(session, made.cycle, point=point)
    return made


def fill(client: Any, shop: Market, *amounts: int) -> None:
    for offer, amount in zip(shop.offers, amounts, strict=True):
        answer = client.post(f"/mandje/{offer.public_id}", data={"amount": str(amount)}, token=False)
        assert answer.status_code == 303, answer.get_data(as_text=True)[:500]


def lies_in(client: Any, offer: str) -> str:
    """Read the amount in the field of a line of the basket."""
    return client.page("/mandje").form("/mandje").values[offer][0]


def priced(client: Any, window: str = "", **changes: str) -> Page:
    """Open the checkout page, fill it in, choose a window and ask for the prices."""
    form = client.page("/afrekenen").form("/afrekenen")
    data = form.filled(**{**GUEST, **changes}) | {"doe": "bekijk"}
    answer = client.post("/afrekenen", data=data | ({"window": window} if window else {}), token=False)
    assert answer.status_code == 200
    return Page(answer)


def order(client: Any, page: Page, **changes: str) -> Any:
    data = page.form("/afrekenen").filled(**changes) | {"doe": "bestel"}
    return client.post("/afrekenen", data=data, token=False)


def pickup_window(session: Session) -> str:
    session.rollback()
    return session.scalars(select(DeliveryWindow.public_id).where(DeliveryWindow.kind == WindowKind.PICKUP)).one()


def placed(session: Session) -> Order:
    session.rollback()
    return session.scalars(select(Order).execution_options(populate_existing=True)).one()


def token_of(answer: Any) -> str:
    found = re.search(r"/bestelling/([^/]+)/", answer.location)
    assert found
    return found[1]


def test_shows_what_lies_in_the_basket_per_farm(client: Any, shop: Market) -> None:
    fill(client, shop, 2, 3)
    page = client.page("/mandje")
    assert page.response.mimetype == "text/html"
    assert "Hof" in page.headings
    assert "Akker" in page.headings
    assert "€ 10,35" in page  # 2 × 2,40 + 3 × 1,85
    assert "Afrekenen" in page


def test_orders_pays_and_follows_without_script(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    fill(client, shop, 2, 3)
    page = priced(client, shop.window.public_id)
    assert "De Pakker" in page  # who packs
    assert "De Fiets" in page or "De Bakfiets" in page  # who brings
    assert "Bestellen en betalen – €" in page
    answer = order(client, page)
    assert answer.status_code == 303
    assert answer.location.startswith("https://pay.example/")
    bought = placed(session)
    assert (bought.state, bought.street, bought.municipality) == (OrderState.AWAITING_PAYMENT, "Kouter 1", "Gent")
    started = gateways.payments.calls[-1][1]
    gateways.payments.pay(answer.location.rsplit("/", 1)[1])
    assert page.response.mimetype == "text/html"
    thanks = client.page(re.sub("^http://[^/]+", "", started["success_url"]))
    assert "Dank je, Nele Peeters" in thanks.heading
    assert placed(session).state is OrderState.CONFIRMED
    jobs = session.scalars(select(Job)).all()
    assert {job.state for job in jobs} == {JobState.OFFERED}
    story = client.page(thanks.link("Volg je bestelling"))
    assert "Waar je eten is" in story
    assert "Hof" in story
    assert sending.send_due(session, gateways, now=clock.now) >= 1
    mail = next(mail for mail in gateways.mailer.sent if mail.to == "nele@post.example")
    assert bought.number in mail.subject
    assert "€ " in mail.text.replace("\u00a0", " ")


def test_gives_the_same_order_for_the_same_press_again(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    fill(client, shop, 1, 1)
    page = priced(client)
    first, second = order(client, page), order(client, page)
    assert first.location == second.location
    placed(session)  # exactly one
    assert gateways.payments.names().count("start_checkout") == 1


def test_orders_for_a_pickup_point_without_a_street(client: Any, shop: Market, session: Session) -> None:
    fill(client, shop, 1, 1)
    answer = order(client, priced(client, pickup_window(session), street="", floor="4", has_lift="y"))
    assert answer.status_code == 303, Page(answer).text
    bought = placed(session)
    assert bought.pickup_point_id is not None
    assert (bought.floor, bought.has_lift) == (0, False), "nobody climbs to a point"


def test_asks_again_when_another_moment_has_another_price(client: Any, shop: Market, session: Session) -> None:
    fill(client, shop, 1, 1)
    answer = order(client, priced(client, pickup_window(session)), window=shop.window.public_id)
    assert answer.status_code == 409
    assert "Klopt het" in Page(answer)
    assert session.scalar(select(Order.id)) is None


def test_keeps_what_was_typed_when_something_is_missing(client: Any, shop: Market) -> None:
    fill(client, shop, 1, 1)
    answer = order(client, priced(client, shop.window.public_id), email="geen adres", street="")
    page = Page(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Fout:")
    assert page.form("/afrekenen").values["name"] == ["Nele Peeters"]
    assert "Schrijf een e-mailadres" in page
    assert "straat en huisnummer" in page


def test_sends_back_to_the_basket_what_sold_out_meanwhile(client: Any, shop: Market, session: Session) -> None:
    fill(client, shop, 2, 2)
    page = priced(client)
    rival = shop.basket(99, 0)
    shop.place(rival)
    answer = order(client, page)
    assert answer.status_code == 303
    assert answer.location.endswith("/mandje")
    basket = client.page("/mandje")
    assert "Er is nog" in basket
    assert "Akkoord" in basket
    client.post("/mandje/nakijken", token=False)
    assert lies_in(client, shop.offers[0].public_id) == "1"


def test_shows_a_new_price_and_waits_for_a_yes(client: Any, shop: Market, session: Session) -> None:
    fill(client, shop, 2, 2)
    shop.offers[0].price_cents = 300
    session.commit()
    page = client.page("/mandje")
    assert "Nieuwe prijs: € 3,00, was € 2,40" in page
    assert client.get("/afrekenen").status_code == 303
    client.post("/mandje/nakijken", token=False)
    assert "Nieuwe prijs" not in client.page("/mandje")
    assert client.get("/afrekenen").status_code == 200


def test_keeps_everything_when_the_last_place_of_the_moment_goes(client: Any, shop: Market, session: Session) -> None:
    fill(client, shop, 1, 1)
    page = priced(client, shop.window.public_id)
    shop.window.taken = shop.window.places
    session.commit()
    answer = order(client, page)
    assert answer.status_code in (409, 422)
    again = Page(answer)
    assert "Volzet" in again
    assert again.form("/afrekenen").values["name"] == ["Nele Peeters"]


def test_is_too_late_after_the_cycle_closed(client: Any, shop: Market, session: Session, clock: Clock) -> None:
    fill(client, shop, 1, 1)
    page = priced(client)
    clock.move(days=2, hours=3)
    assert order(client, page).status_code == 303
    assert "ronde is gesloten" in client.page("/mandje")
    assert session.scalar(select(Order.id)) is None


def test_takes_out_and_puts_back(client: Any, shop: Market) -> None:
    fill(client, shop, 2, 1)
    offer = shop.offers[0].public_id
    answer = client.post(f"/mandje/{offer}/weg", token=False)
    page = client.page(answer.location)
    assert "Prei ligt niet meer in je mandje" in page
    form = page.form("/terug")
    client.post(form.action, data=form.filled(), token=False)
    assert lies_in(client, offer) == "2"


def test_steps_up_and_down_by_the_rules_of_the_product(client: Any, shop: Market, session: Session) -> None:
    product = catalogue.product(
        session, shop.farms[0], name="Aardappel", sell_unit="kg", weight_g=1000, least=1000, step=500, most=2000
    )
    offer = catalogue.offer(session, product, shop.cycle).public_id
    for wanted in ("1", "1,5", "2"):
        client.post("/mandje", data={"add": offer}, token=False)
        assert lies_in(client, offer) == wanted
    refused = client.post("/mandje", data={"add": offer}, token=False)
    assert refused.status_code == 422
    assert "hoogstens 2000 g" in Page(refused)
    answer = client.post(f"/mandje/{offer}", data={"amount": "1,2"}, token=False)
    assert answer.status_code == 422


def test_refuses_a_press_from_another_site(client: Any, shop: Market) -> None:
    answer = client.post("/mandje", data={"add": shop.offers[0].public_id}, token=False, cross_site=True)
    assert answer.status_code == 400


def test_cancels_and_gets_the_money_back(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    bought = shop.order(2, 2)
    token = tracking_token(bought.key)
    form = client.page(f"/volg/{token}").form("/annuleren")
    client.post(form.action, data=form.filled(), token=False)
    page = client.page(f"/volg/{token}")
    assert "Geannuleerd" in page
    assert "Terugbetaling" in page
    assert placed(session).state is OrderState.CANCELLED


def test_knows_no_order_by_a_guessed_link(client: Any, shop: Market) -> None:
    for path in ("/volg/abc", "/bestelling/abc/dank", "/bestelling/abc/betalen", "/bestelling/abc/agenda.ics"):
        assert client.get(path).status_code == 404


def test_pays_by_transfer_with_a_message_and_a_code_to_scan(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    fill(client, shop, 1, 1)
    answer = order(client, priced(client), method="transfer")
    page = client.page(answer.location)
    bought = placed(session)
    assert "+++" in page
    assert "BE49" in page
    assert "data:image/svg+xml" in page.html
    sending.send_due(session, gateways, now=clock.now)
    [mail] = [mail for mail in gateways.mailer.sent if mail.to == "nele@post.example"]
    assert "+++" in mail.text
    assert bought.number in mail.subject


def test_says_why_a_payment_failed_and_tries_again_another_way(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    fill(client, shop, 1, 1)
    answer = order(client, priced(client))
    reference = answer.location.rsplit("/", 1)[1]
    cancel_url = re.sub("^http://[^/]+", "", gateways.payments.calls[-1][1]["cancel_url"])
    gateways.payments.fail(reference)
    page = client.page(cancel_url)
    assert "weigerde de betaling" in page
    assert "houden we alles voor je vast" in page
    again = client.post(cancel_url, data={"method": "card"}, token=False)
    assert again.location.startswith("https://pay.example/")
    assert again.location != answer.location
    assert placed(session).state is OrderState.AWAITING_PAYMENT


def test_keeps_the_order_when_the_provider_is_away(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    fill(client, shop, 1, 1)
    page = priced(client)
    gateways.payments.down = True
    answer = order(client, page)
    assert answer.location.endswith("/betalen")
    assert "betaaldienst antwoordt niet" in client.page(answer.location)
    gateways.payments.down = False
    again = order(client, page)
    assert again.location.startswith("https://pay.example/")
    placed(session)  # still exactly one


def test_says_that_it_looks_while_nobody_knows(client: Any, shop: Market, gateways: Gateways) -> None:
    fill(client, shop, 1, 1)
    order(client, priced(client))
    thanks = re.sub("^http://[^/]+", "", gateways.payments.calls[-1][1]["success_url"])
    page = client.page(thanks)
    assert "We kijken of je betaling gelukt is" in page.heading
    assert 'http-equiv="refresh"' in page.html


def test_puts_the_goods_of_an_expired_order_back(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    fill(client, shop, 2, 1)
    answer = order(client, priced(client))
    token = re.sub("^http://[^/]+", "", gateways.payments.calls[-1][1]["success_url"]).split("/")[2]
    assert answer.status_code == 303
    asking_payment.expire_orders(session, gateways, now=clock.move(minutes=31))
    page = client.page(f"/bestelling/{token}/dank")
    assert "Niet op tijd betaald" in page.heading
    form = page.form(f"/opnieuw/{token}")
    client.post(form.action, data=form.filled(), token=False)
    assert lies_in(client, shop.offers[0].public_id) == "2"


def test_tells_the_coordinator_what_went_wrong(client: Any, shop: Market, session: Session) -> None:
    token = tracking_token(shop.order(2, 2).key)
    page = client.page(f"/volg/{token}/probleem")
    empty = client.post(f"/volg/{token}/probleem", data={}, token=False)
    assert empty.status_code == 422
    form = page.form("/probleem")
    line = session.scalar(select(OrderLine.id))
    session.rollback()
    answer = client.submit(form, kind="missing", line=str(line), text="Er was geen prei.")
    assert answer.status_code == 303
    session.rollback()
    task = session.scalars(select(CoordinatorTask)).one()
    assert (task.kind, task.data["what"], task.data["lines"]) == ("complaint", "missing", [line])


def test_gives_the_moment_as_a_calendar_file(client: Any, shop: Market) -> None:
    bought = shop.order(1, 1)
    answer = client.get(f"/bestelling/{tracking_token(bought.key)}/agenda.ics")
    assert answer.mimetype == "text/calendar"
    text = answer.get_data(as_text=True)
    assert "DTSTART:20261126T160000Z\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_answers_htmx_with_the_ticket_and_the_count(client: Any, shop: Market) -> None:
    answer = client.post("/mandje", data={"add": shop.offers[0].public_id}, headers={"HX-Request": "true"}, token=False)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'id="b-{shop.offers[0].public_id}"' in text
    assert 'id="mandje"' in text
    assert text.count("hx-swap-oob") == 2


def test_keeps_one_persons_basket_from_another(client: Any, app: Any, shop: Market, session: Session) -> None:
    person = accounts.user(session)
    fill(client, shop, 2, 1)
    accounts.signed_in(client, session, person)
    assert lies_in(client, shop.offers[0].public_id) == "2"  # taken along at sign-in
    cookie = client.get_cookie("mandje")
    assert cookie is not None
    stranger = app.test_client()
    stranger.set_cookie("mandje", cookie.value)
    assert "Je mandje is leeg" in stranger.page("/mandje")
    elsewhere = accounts.signed_in(app.test_client(), session, person)
    assert lies_in(elsewhere, shop.offers[0].public_id) == "2"
