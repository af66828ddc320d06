"""A customer reports what is wrong with photos; the coordinator decides; the farmer and the customer see it."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.complaints.models import Complaint, ComplaintPhoto
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.kernel.ports import GatewayDown, Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Refund
from tests.support.client import Browser
from tests.support.complaining import complain, decide, lines_of, picture
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.support.pages import Page


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def enter(client: Browser, session: Session, enterprise_id: int, role: MemberRole = MemberRole.PLANNER) -> Browser:
    """Give a browser of its own to somebody of an enterprise."""
    session.rollback()
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), role)
    return accounts.signed_in(client.application.test_client(), session, person)


def photo_id(session: Session, place: int = 0) -> str:
    session.rollback()
    return session.scalars(select(ComplaintPhoto.public_id).order_by(ComplaintPhoto.id)).all()[place]


def test_from_report_to_money_and_answer(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(2, 3)
    link = f"/volg/{tracking_token(order.key)}"
    leek, cabbage = (line.id for line in lines_of(shop, order))
    session.rollback()
    form = client.page(f"{link}/probleem").form("/probleem")
    uploads = (io.BytesIO(picture()), "prei.jpg")
    said = client.submit(form, kind="bad", text="Slap en bruin.", **{f"photo-{leek}": uploads, "line": str(cabbage)})
    assert said.status_code == 303
    copy = session.scalars(select(Notice).where(Notice.template == "complaint_received")).one()
    assert (copy.context["text"], len(copy.context["lines"]), copy.to_email) == ("Slap en bruin.", 2, order.email)
    _subject, plain, html = shop.gateways.render_mail("complaint_received", language="en", context=copy.context)
    assert "Slap en bruin." in plain and "Slap en bruin." in html and "answers by mail" in plain
    session.rollback()
    mine = client.page(link)
    assert "wordt bekeken" in mine
    assert "Slap en bruin." in mine
    name = photo_id(session)
    seen = client.get(f"{link}/foto/{name}.jpg")
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    assert "private" in seen.headers["Cache-Control"]
    assert client.get(f"/media/klacht-{name}.jpg").status_code == 404  # no public address leads to it

    desk = enter(client, session, order.hub_id)
    today = desk.page("/hub")
    assert "Klant meldt een probleem" in today
    page = desk.page(next(url for text, url in today.links.items() if "Bekijk en beslis" in text))
    assert "hoogstens € 4,80" in page.text.lower()
    decision = page.form(has="answer")
    wrong = desk.submit(decision, answer="", **{f"cents-{leek}": "2,40"})
    assert wrong.status_code == 422
    assert 'value="2,40"' in wrong.text
    assert "Schrijf een antwoord" in wrong.text
    for typed, sentence in (("4,81", "hoogstens €\u00a04,80 terug"), ("veel", "Schrijf het bedrag als")):
        refused = desk.submit(decision, answer="Dat kan niet.", **{f"cents-{leek}": typed})
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'id="f-cents-{leek}-error"' in refused.text
    done = desk.submit(decision, answer="Sorry, dat hoort niet.", **{f"cents-{leek}": "2,40"})
    assert done.status_code == 303
    after = desk.page(done.location)
    assert "€ 2,40 gaat terug naar de klant" in after
    assert "Klant meldt een probleem" not in desk.page("/hub")
    again = desk.post(done.location, data={"answer": "Nog eens."}, follow_redirects=True)
    assert "Dit was al gedaan" in again.text
    session.rollback()
    assert [row.amount_cents for row in session.scalars(select(Refund))] == [240]

    mine = client.page(link)
    assert "Sorry, dat hoort niet." in mine
    assert "€ 2,40 terug" in mine
    assert "beslist" in desk.page(f"/hub/bestellingen/{order.public_id}")


def test_who_chooses_credit_gets_a_card(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(2, 1)
    link, hub_id = f"/volg/{tracking_token(order.key)}", order.hub_id
    leek = lines_of(shop, order)[0].id
    session.rollback()
    form = client.page(f"{link}/probleem").form("/probleem")
    assert form.values["back"] == ["money"], "money is a right, credit a choice"
    wrong = client.submit(form, kind="other", text="", line=str(leek), back="card")
    assert wrong.status_code == 422
    assert Page(wrong).form("/probleem").values["back"] == ["card"]
    assert client.submit(form, kind="bad", text="", line=str(leek), back="card").status_code == 303
    desk = enter(client, session, hub_id)
    today = desk.page("/hub")
    page = desk.page(next(url for text, url in today.links.items() if "Bekijk en beslis" in text))
    assert "De klant koos tegoed" in page
    desk.submit(page.form(has="answer"), answer="Sorry.", **{f"cents-{leek}": "2,40"})
    assert "als tegoed" in client.page(link)
    session.rollback()
    assert [(row.amount_cents, row.as_card) for row in session.scalars(select(Refund))] == [(240, True)]


def test_each_farm_sees_its_own_products_only(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 1)
    complain(shop, order, {0: [picture()], 1: [picture()]})
    for farm in shop.farms:
        page = enter(client, session, farm.id, MemberRole.OWNER).page("/boer/klachten")
        assert ("Prei" in page, "Kool" in page) == (farm is shop.farms[0], farm is shop.farms[1])
    own, foreign = (
        next(part.split('"')[0] for part in _page_of(client, session, farm.id).split('src="') if "/foto/" in part[:60])
        for farm in shop.farms
    )
    farmer = enter(client, session, shop.farms[0].id, MemberRole.OWNER)
    assert farmer.get(own).status_code == 200
    assert farmer.get(foreign).status_code == 404
    assert farmer.get("/boer/klachten/foto/niets.jpg").status_code == 404


def _page_of(client: Browser, session: Session, farm_id: int) -> str:
    return enter(client, session, farm_id, MemberRole.OWNER).page("/boer/klachten").html


def test_a_photo_is_not_for_another_order_or_hub(client: Browser, session: Session, shop: Market) -> None:
    order, other = shop.order(1, 1), shop.order(1, 1)
    complain(shop, order, {0: [picture()]})
    name = photo_id(session)
    assert client.get(f"/volg/{tracking_token(order.key)}/foto/{name}.jpg").status_code == 200
    assert client.get(f"/volg/{tracking_token(other.key)}/foto/{name}.jpg").status_code == 404
    assert client.get(f"/volg/{'x' * 43}/foto/{name}.jpg").status_code == 404
    assert client.get(f"/hub/klachten/foto/{name}.jpg").status_code == 302  # a guest is asked to sign in
    elsewhere = enter(client, session, enterprises.hub(session, name="Andere hub").id)
    assert elsewhere.get(f"/hub/klachten/foto/{name}.jpg").status_code == 404


def test_says_what_is_wrong_with_a_photo_and_keeps_what_was_typed(
    client: Browser, session: Session, shop: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = shop.order(1, 1)
    path = f"/volg/{tracking_token(order.key)}/probleem"
    line = lines_of(shop, order)[0].id
    session.rollback()
    form = client.page(path).form("/probleem")
    for content in (b"%PDF-1.7", b""):
        upload = {f"photo-{line}": (io.BytesIO(content), "x.jpg"), "line": str(line)}
        answer = client.submit(form, kind="bad", text="Slap.", **upload)
        assert answer.status_code == 422
        assert "geen foto die we kennen" in answer.text
        assert "Slap." in answer.text
        assert f'value="{line}" checked' in answer.text

    def away(*_args: object, **_values: object) -> None:
        raise GatewayDown("away")

    monkeypatch.setattr(shop.gateways.media, "put", away)
    answer = client.submit(form, kind="bad", **{f"photo-{line}": (io.BytesIO(picture()), "x.jpg")})
    assert (answer.status_code, "kon niet bewaard worden" in answer.text) == (422, True)
    session.rollback()
    assert session.scalars(select(Complaint)).all() == []


def test_takes_what_a_phone_makes_three_at_once(client: Browser, session: Session, shop: Market) -> None:
    """Photos of 4 MB each, one in the format of Apple's phones: together more than any other form may weigh."""
    order = shop.order(1, 1)
    link = f"/volg/{tracking_token(order.key)}"
    leek = lines_of(shop, order)[0].id
    session.rollback()
    form = client.page(f"{link}/probleem").form("/probleem")
    heavy = picture(form="HEIF"), *(picture() + b"\0" * 7_000_000 for _ in range(2))
    files = [(io.BytesIO(content), f"{place}.jpg") for place, content in enumerate(heavy)]
    assert client.submit(form, kind="bad", text="Slap.", **{f"photo-{leek}": files}).status_code == 303
    assert session.query(ComplaintPhoto).count() == 3
    session.rollback()
    form = client.page(f"{link}/probleem").form("/probleem")
    files = [(io.BytesIO(b"\0" * 12_000_000), f"{place}.jpg") for place in range(3)]
    refused = client.submit(form, kind="bad", text="Slap.", **{f"photo-{leek}": files})
    assert (refused.status_code, "te groot" in refused.text) == (413, True)


def test_a_lost_file_is_a_missing_picture_and_no_fault(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(1, 1)
    complain(shop, order, {0: [picture()]})
    name = photo_id(session)
    shop.gateways.media.delete(f"klacht-{name}.jpg")
    assert client.get(f"/volg/{tracking_token(order.key)}/foto/{name}.jpg").status_code == 404


def test_gives_money_back_with_a_reason(client: Browser, session: Session, shop: Market) -> None:
    order = shop.order(2, 1)
    desk = enter(client, session, order.hub_id)
    path = f"/hub/bestellingen/{order.public_id}"
    form = desk.page(path).form("/teruggeven")
    for amount, why, sentence in (
        ("", "te laat", "Schrijf het bedrag als"),
        ("0", "te laat", "Zoveel is er niet meer over"),
        ("999", "te laat", "Zoveel is er niet meer over"),
        ("1,23", " ", "Schrijf waarom"),
    ):
        refused = desk.submit(form, amount=amount, why=why)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'value="{amount}"' in refused.text
    assert desk.submit(form, amount="1,23", why="De bakfiets kwam een uur te laat.").status_code == 303
    session.rollback()
    assert [row.amount_cents for row in session.scalars(select(Refund))] == [123]
    notice = session.scalars(select(Notice).where(Notice.template == "money_back")).one()
    assert notice.context["why"] == "De bakfiets kwam een uur te laat."
    session.rollback()
    elsewhere = enter(client, session, enterprises.hub(session, name="Andere hub").id)
    assert elsewhere.post(f"{path}/teruggeven", data={"amount": "1", "why": "x"}).status_code == 404


def test_offers_no_money_back_of_what_nobody_paid(client: Browser, session: Session, shop: Market) -> None:
    placed = shop.place(shop.basket(1, 1))
    order = session.get_one(Order, placed.order_id)
    number, hub_id = order.public_id, order.hub_id
    desk = enter(client, session, hub_id)
    assert "/teruggeven" not in desk.page(f"/hub/bestellingen/{number}").html
    assert desk.post(f"/hub/bestellingen/{number}/teruggeven", data={"amount": "1", "why": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("language", "back", "words"),
    [("nl", "Je krijgt", "Waarom:"), ("fr", "Nous vous remboursons", "Pourquoi"), ("en", "You get", "Why:")],
)
def test_mails_say_what_was_decided(
    session: Session, gateways: Gateways, shop: Market, language: str, back: str, words: str
) -> None:
    order = shop.order(2, 1)
    decide(shop, order, complain(shop, order, {0: [], 1: []}), {0: 240})
    notice = session.scalars(select(Notice).where(Notice.template == "complaint_decided")).one()
    _subject, text, html = gateways.render_mail("complaint_decided", language=language, context=notice.context)
    for word in ("Prei", "Kool", "2,40", "Dat hoort niet zo.", back):
        assert word in text.replace("2.40", "2,40")
        assert word in html.replace("2.40", "2,40")
    given = {"number": "SC-1", "name": "Nele", "back_cents": 123, "why": "te laat", "token": "t"}
    _subject, text, html = gateways.render_mail("money_back", language=language, context=given)
    assert words in text
    assert back in html
    session.rollback()
