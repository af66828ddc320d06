"""A farm asks less of shops and for much; a shop is approved, pays it and gets its papers; nobody else sees it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts.models import User
from shortchain.catalogue.models import Product
from shortchain.documents.models import BusinessBuyer
from shortchain.enterprises import buying
from shortchain.enterprises.buyer import Buyer, BuyerState
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order, OrderLine
from shortchain.workflows import supply
from tests.support import paperwork
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market
from tests.web.test_buying_as_a_guest import order, priced

KBO = "0123.456.749"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def enter(client: Browser, session: Session, enterprise_id: int, role: MemberRole = MemberRole.PLANNER) -> Browser:
    session.rollback()
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), role)
    return accounts.signed_in(client.application.test_client(), session, person)


def as_buyer(client: Browser, session: Session, **values: Any) -> tuple[Browser, User]:
    session.rollback()
    person = accounts.user(session, **values)
    return accounts.signed_in(client.application.test_client(), session, person), person


def set_prices(client: Browser, session: Session, shop: Market) -> Browser:
    """Let the farm ask 200 of shops and 190 from twelve on, and 220 of everybody from six on."""
    farmer = enter(client, session, shop.farms[0].id)
    name = leeks(session, shop).public_id
    session.rollback()
    supply.set_price(
        session, product_public_id=name, farm_id=shop.farms[0].id, price_cents=240, by=SYSTEM, now=shop.now
    )
    form = farmer.page(f"/boer/aanbod/{name}/prijzen").form("/prijzen")
    done = farmer.submit(
        form,
        **{
            "list-0": "shop", "from-0": "", "price-0": "2,00",
            "list-1": "shop", "from-1": "12", "price-1": "1,90",
            "list-2": "consumer", "from-2": "6", "price-2": "2,20",
        },
    )  # fmt: skip
    assert done.status_code == 303, done.get_data(as_text=True)
    return farmer


def leeks(session: Session, shop: Market) -> Product:
    return session.scalars(select(Product).where(Product.farm_id == shop.farms[0].id)).one()


def become_a_shop(client: Browser, session: Session, shop: Market) -> tuple[Browser, User]:
    """Ask the hub, be approved, and come back."""
    buyer, person = as_buyer(client, session, name="Winkel Wout")
    hub = session.get_one(Enterprise, shop.cycle.hub_id).public_id
    session.rollback()
    form = buyer.page("/mijn/prijzen").form("/mijn/prijzen")
    said = {"company": "Wout BV", "kbo": KBO, "street": "Markt 1", "postcode": "9000", "municipality": "Gent"}
    assert buyer.submit(form, of=hub, list="shop", **said).status_code == 303
    assert "wacht op antwoord" in buyer.page("/mijn/prijzen")
    desk = enter(client, session, shop.cycle.hub_id)
    page = desk.page("/hub/klanten")
    assert "Wout BV" in page
    assert KBO in page.text
    session.rollback()
    name = session.scalars(select(Buyer.public_id)).one()
    assert desk.submit(page.form(f"/hub/klanten/{name}"), button="doe").status_code == 303
    return buyer, person


def plain(page: Any) -> str:
    return str(page.text).replace("\xa0", " ").replace("\u202f", " ")


def test_a_shop_pays_its_price_from_the_list_to_the_papers(client: Browser, session: Session, shop: Market) -> None:
    stranger, slug = client.application.test_client(), "/winkel?q=prei"
    assert "vanaf 6 stuks" not in plain(stranger.page(slug))
    set_prices(client, session, shop)
    before = plain(stranger.page(slug))
    assert "€ 2,40" in before
    assert "vanaf 6 stuks € 2,20/stuk" in before
    buyer, _person = become_a_shop(client, session, shop)

    seen = plain(buyer.page(slug))
    assert "prijs voor winkels, € 1,89 zonder btw" in seen
    assert "vanaf 12 stuks € 1,90/stuk" in seen
    assert "€ 2,00" in seen
    assert "€ 2,40" not in seen
    assert "€ 1,85" in seen.replace("prei", "") or "Kool" not in seen  # what has no list stays as it is
    leek = shop.offers[0].public_id
    session.rollback()
    assert buyer.post(f"/mandje/{leek}", data={"amount": "10"}, token=False).status_code == 303
    basket = plain(buyer.page("/mandje"))
    assert "€ 20,00" in basket
    assert "Neem nog 2 stuks: dan kost alles € 1,90/stuk." in basket
    assert "€ 18,87 zonder btw" in basket
    assert buyer.post("/mandje", data={leek: "12", "page": "basket"}, token=False).status_code == 303
    assert "€ 22,80" in plain(buyer.page("/mandje"))

    page = priced(buyer, shop.window.public_id)
    assert "De facturen komen op naam van Wout BV" in page
    assert order(buyer, page, window=shop.window.public_id).status_code == 303
    session.rollback()
    line = session.scalars(select(OrderLine)).one()
    assert (line.price_cents, line.total_cents, line.price_list) == (190, 2280, PriceList.SHOP)
    assert line.steps == [[0, 200], [12, 190]]
    named = session.scalars(select(BusinessBuyer)).one()
    assert (named.kbo, named.name) == ("0123456749", "Wout BV")


def test_nobody_else_sees_a_price_of_shops(client: Browser, session: Session, shop: Market) -> None:
    set_prices(client, session, shop)
    buyer, _person = become_a_shop(client, session, shop)
    product = f"/p/{leeks(session, shop).slug}"
    session.rollback()
    pages = ("/winkel", "/winkel?q=prei", "/winkel?sorteer=prijs", product, "/api/v1/offers", "/rond/9000", "/")
    stranger = client.application.test_client()
    other, _ = as_buyer(client, session)
    for path in pages:
        first = stranger.get(path)
        mine = buyer.get(path)  # between two looks of a stranger, who is shown a remembered page
        for answer in (first, stranger.get(path), other.get(path)):
            assert answer.status_code == 200
            text = answer.get_data(as_text=True)
            for price in ("2,00", "1,90", "€2.00", "1,89"):
                assert price not in text, (path, price)
            assert '"minor":200' not in text
            assert '"minor":190' not in text
            assert "winkels" not in text or path == "/"
        assert "public" not in mine.headers.get("Cache-Control", "")
    assert "2,00" in buyer.get(product).get_data(as_text=True)
    leek = shop.offers[0].public_id
    session.rollback()
    ticket = {"HX-Request": "true"}
    theirs = other.post("/mandje", data={"add": leek}, headers=ticket, token=False).get_data(as_text=True)
    own = buyer.post("/mandje", data={"add": leek}, headers=ticket, token=False).get_data(as_text=True)
    assert "2,00" in own
    assert "2,00" not in theirs
    assert "2,40" in theirs


def test_the_basket_asks_when_somebodys_kind_changes(client: Browser, session: Session, shop: Market) -> None:
    set_prices(client, session, shop)
    buyer, _person = become_a_shop(client, session, shop)
    leek = shop.offers[0].public_id
    session.rollback()
    assert buyer.post(f"/mandje/{leek}", data={"amount": "2"}, token=False).status_code == 303
    page = priced(buyer, shop.window.public_id)

    desk = enter(client, session, shop.cycle.hub_id)
    name = session.scalars(select(Buyer.public_id)).one()
    form = desk.page("/hub/klanten").form(f"/hub/klanten/{name}")
    refused = desk.post(f"/hub/klanten/{name}", data={"doe": "end"})
    assert refused.status_code == 422
    assert "Schrijf kort waarom" in refused.get_data(as_text=True)
    end = form.filled(**{f"answer-{name}": "De zaak is gestopt."}) | {"doe": "end"}
    assert desk.post(f"/hub/klanten/{name}", data=end).status_code == 303

    late = order(buyer, page, window=shop.window.public_id)  # pressed with the old prices on the screen
    assert late.status_code == 303
    assert late.location.endswith("/mandje")
    session.rollback()
    assert not session.scalars(select(Order)).all()
    basket = plain(buyer.page("/mandje"))
    assert "Nieuwe prijs: € 2,40, was € 2,00." in basket
    assert buyer.post("/mandje/nakijken", token=False).status_code == 303
    assert "€ 4,80" in plain(buyer.page("/mandje"))
    session.rollback()
    mails = {row.template: row for row in session.scalars(select(Notice).where(Notice.template.like("buyer%")))}
    assert set(mails) == {"buyer_asked", "buyer_decided"}
    assert "De zaak is gestopt." in str([row.context for row in session.scalars(select(Notice))])


def test_a_guests_basket_takes_the_lower_price_over_at_signing_in(
    client: Browser, session: Session, shop: Market
) -> None:
    set_prices(client, session, shop)
    _buyer, person = become_a_shop(client, session, shop)
    browser = client.application.test_client()
    leek = shop.offers[0].public_id
    session.rollback()
    assert browser.post(f"/mandje/{leek}", data={"amount": "2"}, token=False).status_code == 303
    assert "€ 4,80" in plain(browser.page("/mandje"))
    accounts.signed_in(browser, session, session.get_one(User, person.id))
    basket = plain(browser.page("/mandje"))
    assert "€ 4,00" in basket
    assert "Er is iets veranderd" not in basket


def test_the_farmer_is_told_which_row_is_wrong_and_loses_nothing(
    client: Browser, session: Session, shop: Market
) -> None:
    farmer = set_prices(client, session, shop)
    product = leeks(session, shop).public_id
    session.rollback()
    path = f"/boer/aanbod/{product}/prijzen"
    page = farmer.page(path)
    assert "vanaf 12 stuks € 1,90/stuk" in plain(page)
    form = page.form("/prijzen")
    for typed, told in (("veel", "Geef een prijs zoals 1,90"), ("2,40", "lager dan de gewone"), ("95 %", "90 procent")):
        refused = farmer.submit(form, **{"list-3": "member", "price-3": typed})
        assert refused.status_code == 422
        text = refused.get_data(as_text=True)
        assert told in text
        assert f'value="{typed}"' in text
        assert 'value="1,90"' in text
    assert farmer.submit(form, **{"from-1": "een paar"}).status_code == 422
    assert farmer.submit(form, **{"list-3": "member", "price-3": "-5 %"}).status_code == 303
    assert farmer.page(path).form("/prijzen").values["price-1"] == ["-5 %"]  # by list: consumer, member, shop
    other = enter(client, session, shop.farms[1].id)
    assert other.get(path).status_code == 404
    assert other.post(path, data={}).status_code == 404


def test_a_farm_approves_members_for_its_own_goods_only(client: Browser, session: Session, shop: Market) -> None:
    buyer, person = as_buyer(client, session)
    slug, own = shop.farms[0].slug, shop.farms[0].id
    session.rollback()
    assert f"/mijn/prijzen?boer={slug}" in buyer.page(f"/boer/{slug}").links.values()
    form = buyer.page(f"/mijn/prijzen?boer={slug}").form("/mijn/prijzen")
    assert form.values["of"] == [session.get_one(Enterprise, own).public_id]
    wrong = buyer.submit(form, list="canteen", kbo=KBO)
    assert wrong.status_code == 422
    assert "vraag je aan de hub" in wrong.get_data(as_text=True)
    assert buyer.submit(form, list="member", note="lid 12").status_code == 303
    assert buyer.submit(form, list="member").status_code == 422  # asked already
    farmer, stranger = enter(client, session, own), enter(client, session, shop.farms[1].id)
    name = session.scalars(select(Buyer.public_id)).one()
    session.rollback()
    assert "lid 12" in farmer.page("/boer/klanten")
    assert "lid 12" not in stranger.page("/boer/klanten")
    assert stranger.post(f"/boer/klanten/{name}", data={"doe": "approve"}).status_code == 404
    assert farmer.post(f"/boer/klanten/{name}", data={"doe": "approve"}).status_code == 303
    assert farmer.post(f"/boer/klanten/{name}", data={"doe": "refuse", f"answer-{name}": "nee"}).status_code == 303
    session.rollback()
    assert session.scalars(select(Buyer.state)).one() is BuyerState.APPROVED  # the second press changed nothing
    assert buying.grants_of(session, user_id=person.id) == {(own, PriceList.MEMBER)}
    session.rollback()
    assert buyer.post(f"/mijn/prijzen/{name}/weg").status_code == 303
    session.rollback()
    assert buying.grants_of(session, user_id=person.id) == frozenset()


def test_a_shop_needs_a_number_and_an_address(client: Browser, session: Session, shop: Market) -> None:
    buyer, _person = as_buyer(client, session)
    session.rollback()
    form = buyer.page("/mijn/prijzen").form("/mijn/prijzen")
    for said, told in (
        ({"kbo": "0123456700", "company": "X"}, "ondernemingsnummer"),
        ({"kbo": KBO, "company": "X"}, "Vul de naam en het adres"),
    ):
        refused = buyer.submit(form, list="shop", **said)
        assert refused.status_code == 422
        assert told.lower() in refused.get_data(as_text=True).lower()
        assert f'value="{said["kbo"]}"' in refused.get_data(as_text=True)
    unsure, _ = as_buyer(client, session, confirmed=False)
    answer = unsure.submit(unsure.page("/mijn/prijzen").form("/mijn/prijzen"), list="member")
    assert answer.status_code == 422
