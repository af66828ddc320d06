"""A farmer lists a harvest from the field, looks after the products, hands over and gets paid."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shortchain import data as tables
from shortchain.catalogue.models import Offer, Photo, Product
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import Enterprise
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import SellUnit
from shortchain.stock.models import Lot
from shortchain.transaction import transaction
from shortchain.workflows import onboarding, supply
from tests.support.client import Browser
from tests.support.clock import MONDAY_MORNING, Clock
from tests.support.factories import accounts, catalogue, enterprises, stock
from tests.support.market import market
from tests.support.pages import Form, Page


def sign_in(client: Browser, session: Session, farm: Enterprise) -> None:
    person = accounts.user(session)
    enterprises.member(session, person, farm)
    accounts.signed_in(client, session, person)


@pytest.fixture
def farm(client: Browser, session: Session) -> Enterprise:
    """A farm with an open cycle, whose farmer is signed in."""
    made = enterprises.farm(session, name="Hof ten Akker")
    catalogue.cycle(session)
    sign_in(client, session, made)
    return made


def leek(session: Session, farm: Enterprise, *, cents: int = 240, sold_before: bool = True) -> Product:
    product = catalogue.product(session, farm, name="Prei", sell_unit=SellUnit.KG, produce="prei")
    if sold_before:
        stock.lot(session, product, quantity=20_000)
        price(session, farm, product, cents)
    return product


def price(session: Session, farm: Enterprise, product: Product, cents: int) -> None:
    supply.set_price(
        session,
        product_public_id=product.public_id,
        farm_id=farm.id,
        price_cents=cents,
        by=GUEST,
        now=MONDAY_MORNING,
    )


def press(client: Browser, form: Form, deed: str, **values: str) -> TestResponse:
    """Press one of the buttons of the quick list."""
    return client.post(form.action, data={**form.filled(**values), "doe": deed})


def lots(session: Session, product: Product) -> list[int]:
    session.rollback()
    return list(session.scalars(select(Lot.quantity).where(Lot.product_id == product.id).order_by(Lot.id)))


def test_lists_a_harvest_as_last_time_and_takes_it_back(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    page = client.page("/boer/oogst")
    assert "vorige keer 20 kg" in page
    form = page.form("/boer/oogst")
    assert form.values[f"p-{product.public_id}"] == ["2,40"]
    filled = press(client, form, "vorige")
    form = Page(filled).form("/boer/oogst")
    assert form.values[f"n-{product.public_id}"] == ["20"]
    answer = press(client, form, "publiceer")
    assert answer.status_code == 303
    page = client.page(answer.location)
    assert "1 product staat in de winkel." in page
    assert lots(session, product) == [20_000, 20_000]
    back = client.page(client.submit(page.form("/terug")).location)
    assert "1 product is teruggehaald." in back
    assert lots(session, product) == [20_000, 0]


def test_counts_and_scales_without_script(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    name = f"n-{product.public_id}"
    data = client.page("/boer/oogst").form("/boer/oogst").filled()
    page = Page(client.post("/boer/oogst", data={**data, "more": name}))
    assert page.form("/boer/oogst").values[name] == ["5"]
    data = page.form("/boer/oogst").filled(**{name: "12,5"})
    page = Page(client.post("/boer/oogst", data={**data, "doe": "schaal"}))
    assert page.form("/boer/oogst").values[name] == ["10"]
    data = page.form("/boer/oogst").filled()
    page = Page(client.post("/boer/oogst", data={**data, "less": name}))
    assert page.form("/boer/oogst").values[name] == ["5"]
    assert lots(session, product) == [20_000]


def test_adds_something_by_three_letters(client: Browser, session: Session, farm: Enterprise) -> None:
    form = client.page("/boer/oogst").form("/boer/oogst")
    assert "Je hebt nog geen producten" in client.page("/boer/oogst")
    page = Page(press(client, form, "erbij", wat="wor"))
    form = page.form("/boer/oogst")
    name = next(one for one in form.fields if one.startswith("n-new."))
    answer = press(client, form, "publiceer", **{name: "30", f"p-{name[2:]}": "1,80"})
    if answer.status_code == 200:  # out of the usual range: it asks once
        answer = press(client, Page(answer).form("/boer/oogst"), "publiceer")
    assert answer.status_code == 303
    assert session.scalars(select(Offer.price_cents)).all() == [180]
    unknown = press(client, client.page("/boer/oogst").form("/boer/oogst"), "erbij", wat="xyzzy")
    assert unknown.status_code == 422
    assert "Dat kennen we niet" in Page(unknown)


def test_asks_once_about_an_odd_price_and_does_not_block(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    name = product.public_id
    form = client.page("/boer/oogst").form("/boer/oogst")
    asked = press(client, form, "publiceer", **{f"n-{name}": "4", f"p-{name}": "24,00"})
    assert asked.status_code == 200
    page = Page(asked)
    assert "meer dan drie keer je gewone prijs" in page
    assert lots(session, product) == [20_000]
    answer = press(client, page.form("/boer/oogst"), "publiceer")
    assert answer.status_code == 303
    assert lots(session, product) == [20_000, 4_000]


def test_keeps_what_was_typed_when_something_is_wrong(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    name = product.public_id
    form = client.page("/boer/oogst").form("/boer/oogst")
    answer = press(client, form, "publiceer", **{f"n-{name}": "veel"})
    assert answer.status_code == 422
    assert Page(answer).form("/boer/oogst").values[f"n-{name}"] == ["veel"]
    empty = press(client, form, "publiceer")
    assert empty.status_code == 422
    assert "minstens één product" in Page(empty)
    free = press(client, form, "publiceer", **{f"n-{name}": "4", f"p-{name}": ""})
    assert free.status_code == 422


def test_makes_a_product_from_the_table_and_asks_what_the_law_asks(
    client: Browser, session: Session, farm: Enterprise
) -> None:
    form = client.page("/boer/aanbod/nieuw?wat=wortel").form("/boer/aanbod/nieuw")
    answer = client.submit(form)
    assert answer.status_code == 303
    assert "Het product is gemaakt" in client.page(answer.location)
    made = next(slug for slug in ("pompoensoep", "tomatensoep", "groentesoep", "soep") if _known(slug))
    form = client.page(f"/boer/aanbod/nieuw?wat={made}").form("/boer/aanbod/nieuw")
    refused = client.submit(form)
    assert refused.status_code == 422
    assert "alle 14 allergenen" in Page(refused)
    answers = {name: "free" for name in form.fields if name.startswith("a-")}
    answer = client.submit(form, **answers)
    assert answer.status_code == 303
    organic = client.submit(form, **answers, is_organic="y")
    assert organic.status_code == 422
    assert "geldig certificaat" in Page(organic)


def test_folds_what_is_filled_in_and_opens_what_is_wrong(client: Browser, session: Session, farm: Enterprise) -> None:
    path = f"/boer/aanbod/{leek(session, farm).public_id}"
    form = client.page(path).form(path)
    assert _open_parts(client.get(path).text) == []
    refused = client.submit(form, net_amount="veel", description_nl="Van eigen grond", sell_unit="piece")
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert _open_parts(html) == ["Hoe je het verkoopt"]
    assert "Van eigen grond" in html
    late = client.submit(form, description_nl="Van eigen grond", origin_country="")
    assert _open_parts(late.get_data(as_text=True)) == ["Herkomst en bio"]


def test_says_on_a_folded_part_what_is_in_it(client: Browser, session: Session, farm: Enterprise) -> None:
    page = client.page("/boer/aanbod/nieuw?wat=pompoensoep")
    assert "pot · 1 l · vanaf 1" in page.text.replace("\u00a0", " ")
    assert "Bevat selder" in page
    assert "KNOLSELDER" in page.html
    assert "**" not in page.html
    assert _open_parts(page.html) == ["Wat het is", "Bereiding en allergenen"]


def _open_parts(html: str) -> list[str]:
    """Name the parts of a long form that are open."""
    return re.findall(r'<details class="form-group[^"]*" open>.*?form-group-title">([^<]+)<', html, re.S)


def _known(slug: str) -> bool:
    return slug in tables.produce()


def test_says_who_changed_it_first(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    path = f"/boer/aanbod/{product.public_id}"
    form = client.page(path).form(path)
    assert client.submit(form, name_nl="Winterprei").status_code == 303
    stale = client.submit(form, name_nl="Zomerprei")
    assert stale.status_code == 422
    assert "Iemand anders" in Page(stale)
    assert "Winterprei" in client.page("/boer/aanbod")


def test_prices_pauses_and_counts(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    path = f"/boer/aanbod/{product.public_id}"
    client.submit(client.page(path).form("/prijs"), price="2,95")
    assert session.scalars(select(Offer.price_cents)).all() == [295]
    assert "op pauze" in client.page(client.submit(client.page(path).form("/pauze")).location)
    client.submit(client.page(path).form("/pauze"))
    page = client.page(client.submit(client.page(path).form(has="amount"), amount="7,5").location)
    assert "7,5 kg" in page
    assert lots(session, product) == [7_500]
    form = client.page(path).form(has="amount")
    client.post(form.action, data={**form.filled(), "doe": "weg"})
    assert lots(session, product) == [0]


def test_shows_a_photo_made_small(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm)
    path = f"/boer/aanbod/{product.public_id}"
    file = io.BytesIO()
    Image.new("RGB", (900, 1200), "green").save(file, "JPEG")
    answer = client.submit(client.page(path).form("/foto"), photo=(io.BytesIO(file.getvalue()), "prei.jpg"))
    assert answer.status_code == 303
    photo = session.scalars(select(Photo.public_id)).one()
    for width in (360, 720, 1080):
        for form in ("avif", "webp", "jpg"):
            assert client.get(f"/media/{photo}-{width}.{form}").status_code == 200
    bad = client.submit(client.page(path).form("/foto"), photo=(io.BytesIO(b"<svg/>"), "prei.jpg"))
    assert bad.status_code == 422


def test_picks_hands_over_and_sees_the_money(
    client: Browser, session: Session, gateways: Gateways, clock: Clock
) -> None:
    shop = market(session, gateways)
    order = shop.order(3, 2)
    sign_in(client, session, shop.farms[0])
    today = client.page("/boer/vandaag")
    assert "Oogst ingeven" in today
    assert "€ 7,20" in today
    page = client.page("/boer/plukken")
    assert "3 stuks Prei" in page
    assert "De Pakker" in page
    assert order.number in page
    after = client.page(client.submit(page.form("/afgeven")).location)
    assert "Afgegeven voor 1 bestelling." in after
    states = set(session.scalars(select(Leg.state).where(Leg.carrier_id == shop.farms[0].id)))
    assert states == {LegState.DELIVERED}
    assert order.number in client.page("/boer/geld")


def test_says_truly_what_an_account_lacks(client: Browser, session: Session, farm: Enterprise) -> None:
    farm.stripe_account, farm.payouts_enabled = None, False
    session.commit()
    assert "Er is nog geen rekening voor uitbetalingen" in client.page("/boer/geld")
    farm.stripe_account = "acct_stopped"
    session.commit()
    page = client.page("/boer/geld")
    assert "Je rekening voor uitbetaling is nog niet klaar" in page
    assert "nog geen rekening" not in page


def test_hides_the_products_of_others(client: Browser, session: Session, farm: Enterprise) -> None:
    other = leek(session, enterprises.farm(session))
    for path in (f"/boer/aanbod/{other.public_id}",):
        client.page(path, status=404)
    assert client.post(f"/boer/aanbod/{other.public_id}/pauze").status_code == 404
    packer = enterprises.packer(session)
    sign_in(client, session, packer)
    client.page("/boer/vandaag", status=404)


def test_sells_nothing_before_a_coordinator_has_looked(client: Browser, session: Session, farm: Enterprise) -> None:
    with transaction(session):
        session.get_one(Enterprise, farm.id).verified_at = None
    product = leek(session, farm)
    offer = session.scalars(select(Offer)).one().public_id
    assert "Een coördinator kijkt je gegevens nog na." in client.page("/boer/vandaag")
    assert "Prei" not in client.page("/winkel").text
    assert offer not in client.page(f"/p/{product.slug}").html
    refused = client.post(f"/mandje/{offer}", data={"amount": "1"}, token=False)
    assert refused.status_code == 404
    session.rollback()
    onboarding.verify_enterprise(session, public_id=farm.public_id, now=MONDAY_MORNING, by=GUEST)
    assert "Een coördinator kijkt" not in client.page("/boer/vandaag")
    assert "Prei" in client.page("/winkel").text
    assert client.post(f"/mandje/{offer}", data={"amount": "1"}, token=False).status_code == 303


def test_announces_a_reduction_that_everybody_can_check(client: Browser, session: Session, farm: Enterprise) -> None:
    product = leek(session, farm, cents=300)
    path = f"/boer/aanbod/{product.public_id}"
    assert "een korting telt vanaf je laatste prijs, € 3,00" in client.page(path)
    refused = client.submit(client.page(path).form("/prijs"), price="3,20", reduction="1")
    assert refused.status_code == 422
    page = Page(refused)
    assert "Dit is geen korting" in page
    assert page.form("/prijs").filled()["price"] == ["3,20"]
    assert session.scalars(select(Offer.price_cents)).all() == [300]

    done = client.submit(client.page(path).form("/prijs"), price="2,40", reduction="1")
    assert done.status_code == 303
    assert "vorige prijs: € 3,00" in client.page(path)
    session.rollback()
    offer = session.scalars(select(Offer)).one()
    shown = "Kort houdbaar: −20 %, vorige prijs € 3,00"
    assert shown in client.page("/winkel")
    assert shown in client.page(f"/p/{product.slug}")
    client.post(f"/mandje/{offer.public_id}", data={"amount": "1"})
    assert shown in client.page("/mandje")
    assert "2,40" in client.page("/mandje")


def test_offers_what_is_paid_by_weight(client: Browser, session: Session, farm: Enterprise) -> None:
    product = catalogue.product(session, farm, name="Hoevekip", weight_g=1800, origin_place="Gent")
    path = f"/boer/aanbod/{product.public_id}"
    for content in ("", "1,5 kg", "2 l"):  # no most, less than the estimate, no weight
        answer = client.submit(client.page(path).form(path), is_weighed="y", net_amount=content)
        assert answer.status_code == 422
        assert "het meeste dat een stuk weegt" in Page(answer)
    assert client.submit(client.page(path).form(path), is_weighed="y", net_amount="1,98 kg").status_code == 303
    page = client.page(f"/p/{product.slug}")
    assert "ongeveer 1,8 kg, hoogstens 1,98 kg" in page
    session.refresh(product)
    assert (product.is_weighed, product.net_amount, product.weight_g) == (True, 1980, 1800)
    session.rollback()
