"""A visitor finds the shop, what is near and what they must know, on few queries and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue.models import OrderCycle, Photo, Product
from shortchain.database import db
from shortchain.kernel.quantity import SellUnit
from shortchain.stock.models import Lot
from shortchain.transaction import transaction
from tests.support.client import Browser
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.clock import Clock
from tests.support.factories import catalogue, enterprises, stock

SLUGS = ("prei", "wortel", "ui", "spinazie", "appel", "witloof", "pastinaak", "knolselder")


@pytest.fixture
def town(session: Session) -> OrderCycle:
    """Three farms with 30 products around Gent, a packer, a bike and a pick-up point."""
    farms = [
        enterprises.farm(
            session,
            name=f"Hoeve {number}",
            at=(51.05 + number / 20, 3.72),
            organic=number == 1,
            people="Mia en Jos",
            slug=f"hoeve-{number}",
        )
        for number in range(3)
    ]
    enterprises.packer(session, name="De Inpakkers")
    enterprises.deliverer(session, name="De Fietsers")
    hub = enterprises.hub(session)
    cycle = catalogue.cycle(session, hub)
    catalogue.window(session, cycle, point=enterprises.pickup_point(session, hub, name="De Loods"))
    catalogue.window(session, cycle)
    for number in range(30):
        item = data.produce()[SLUGS[number % len(SLUGS)]]
        product = catalogue.product(
            session,
            farms[number % 3],
            name=f"{item.name.nl} {number}",
            produce=item.slug,
            category=item.category,
            sell_unit=SellUnit.KG,
            slug=f"product-{number}",
            is_organic=number % 3 == 1,
            allergens=data.allergen_defaults(item.slug),
        )
        stock.lot(session, product, quantity=(number + 1) * 1000)
        catalogue.offer(session, product, cycle, price_cents=200 + number)
    return cycle


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Write down the statements of a block, without BEGIN."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/winkel", 6), ("/winkel?postcode=9000", 6), ("/winkel?postcode=9000&sorteer=afstand", 6), ("/p/product-0", 8)],
)
def test_asks_the_database_little(app: Flask, client: Browser, town: OrderCycle, path: str, most: int) -> None:
    for allowed in (most, 1):  # drawn anew, after one row said that what is remembered is old; and from memory
        with counted(app) as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= allowed, seen


def test_shows_what_is_left_on_a_page_that_it_drew_before(client: Browser, session: Session, town: OrderCycle) -> None:
    lot = session.scalars(select(Lot).order_by(Lot.id)).first()
    assert lot is not None
    path = "/winkel?postcode=9000&q=prei+0"
    gone = "Op, volgende oogst"
    for allocated in (0, lot.quantity, 0, lot.quantity):  # sold, a hold that ends, sold again
        session.execute(update(Lot).where(Lot.id == lot.id).values(allocated=allocated))
        session.commit()
        for _ in range(2):  # drawn, and found again
            assert (gone in client.get(path).text) is (allocated == lot.quantity)


def test_keeps_the_list_light(client: Browser, town: OrderCycle) -> None:
    response = client.get("/winkel?postcode=9000")
    assert response.text.count('class="ticket"') == 24
    assert len(response.data) <= 30_000


def test_goes_on_by_a_plain_link(client: Browser, town: OrderCycle) -> None:
    assert 'href="/winkel?postcode=9000&amp;pagina=2"' in client.get("/winkel?postcode=9000").text
    second = client.get("/winkel?postcode=9000&pagina=2").text
    assert second.count('class="ticket"') == 6
    assert "pagina=3" not in second


def test_remembers_a_postcode_of_the_filters_and_no_wrong_one(client: Browser, town: OrderCycle) -> None:
    client.get("/winkel?postcode=0001")
    assert "Rond 0001" not in client.get("/winkel").text
    client.get("/winkel?postcode=9000")
    assert "Rond 9000" in client.get("/winkel").text


def test_begins_at_a_postcode_and_remembers_it(client: Browser, town: OrderCycle) -> None:
    response = client.get("/zoek-plaats?postcode=9000")
    assert (response.status_code, response.location) == (303, "/rond/9000")
    around = client.get("/rond/9000").text
    assert "De Loods" in around
    assert "Hoeve 0" in around
    assert "Rond 9000" in client.get("/winkel").text


def test_asks_again_about_a_place_that_it_does_not_know(client: Browser, town: OrderCycle) -> None:
    response = client.get("/zoek-plaats?postcode=0001")
    assert response.status_code == 422
    assert 'role="alert"' in response.text


@pytest.mark.parametrize(
    "query",
    [
        "pagina=0",
        "pagina=-1",
        "pagina=99999999",
        "pagina=x",
        "postcode=99999",
        "postcode='",
        "sorteer=x",
        "zonder=XX",
        "categorie=X",
        "boer=nergens",
        "km=7",
        "bio=x",
        "q=%00",
        "q=" + "a" * 3000,
        "zonder=AM&zonder=AN&zonder=AM",
    ],
)
def test_takes_odd_parameters_as_not_said(client: Browser, town: OrderCycle, query: str) -> None:
    assert client.get(f"/winkel?{query}").status_code == 200


def test_hides_an_allergen_and_says_so(client: Browser, town: OrderCycle) -> None:
    everything = client.get("/winkel?q=knolselder").text
    assert "knolselder" in everything
    hidden = client.get("/winkel?q=knolselder&zonder=BC").text
    assert 'class="ticket"' not in hidden
    assert "3 producten" in hidden.replace("\u00a0", " ")


def test_tells_before_buying_what_the_law_asks(session: Session, client: Browser, town: OrderCycle) -> None:
    page = client.get("/p/product-1").text.replace("\u00a0", " ")
    for fact in (
        "€ 2,01",
        "per kg",
        "Hoeve 1",
        "BE-BIO-01",
        "Oogst",
        "Bewaren",
        "Allergenen",
        "België",
        "herroepen",
        "Ondernemingsnummer",
    ):
        assert fact in page, fact


def test_shows_four_kinds_first_on_the_first_page(client: Browser, town: OrderCycle) -> None:
    names = re.findall(r"<h3[^>]*><a [^>]*>([^<0-9]+)", client.get("/").text)
    assert len(names) == 4


def test_leaves_leaflet_to_the_script_that_knows_the_width(client: Browser, town: OrderCycle) -> None:
    page = client.get("/rond/9000").text
    assert "/leaflet/leaflet." in page.split('<meta name="leaflet"')[1].split(">")[0]
    assert not re.search(r"<script[^>]*leaflet", page)


def test_names_the_unit_that_the_amount_is_typed_in(session: Session, client: Browser, town: OrderCycle) -> None:
    product = session.scalars(select(Product).where(Product.sell_unit == SellUnit.KG)).first()
    assert product is not None
    product.least, product.step = 250, 250
    session.commit()
    field = client.get(f"/p/{product.slug}").text.split("data-stepper")[1]
    assert 'value="0,25"' in field
    assert ">kg</span>" in field.split("</div>")[0]


def test_takes_the_organic_label_off_when_the_certificate_ends(
    client: Browser, town: OrderCycle, clock: Clock, session: Session
) -> None:
    town.closes_at = NOW + timedelta(days=60)
    session.commit()
    assert "BE-BIO-01" in client.get("/p/product-1").text
    assert 'tag-good">bio' in client.get("/winkel?boer=hoeve-1").text
    clock.now = NOW.replace(year=2027, month=1, day=4)
    assert "BE-BIO-01" not in client.get("/p/product-1").text
    assert 'tag-good">bio' not in client.get("/winkel?boer=hoeve-1").text


def test_shows_what_a_farm_sells_and_when(client: Browser, town: OrderCycle) -> None:
    page = client.get("/boer/hoeve-0").text
    assert "Mia en Jos" in page
    assert page.count('class="ticket"') == 10
    assert "Seizoen per maand" in page


def test_says_sold_out_as_soon_as_it_is(client: Browser, session: Session, town: OrderCycle) -> None:
    from shortchain.stock.models import Lot

    assert "In je mandje" in client.get("/p/product-0").text
    for lot in session.query(Lot).all():
        lot.allocated = lot.quantity
    session.commit()
    assert "In je mandje" not in client.get("/p/product-0").text
    assert "volgende oogst" in client.get("/winkel").text


def test_is_closed_between_cycles_and_says_when_it_opens(client: Browser, town: OrderCycle, clock: Clock) -> None:
    clock.now = town.closes_at
    page = client.get("/winkel").text
    assert 'class="ticket"' not in page
    assert "dicht" in page
    assert client.get("/").status_code == client.get("/rond/9000").status_code == 200


def test_shows_a_new_price_at_once(client: Browser, session: Session, town: OrderCycle) -> None:
    from shortchain.catalogue import shop_items
    from shortchain.catalogue.models import Offer

    assert "€ 2,00" in client.get("/winkel?sorteer=prijs").text.replace("\u00a0", " ")
    offer = session.query(Offer).order_by(Offer.id).first()
    with transaction(session):
        session.get_one(Offer, offer.id).price_cents = 777
        shop_items.refresh_offers(session, offer_ids=[offer.id])
    page = client.get("/winkel?sorteer=prijs").text.replace("\u00a0", " ")
    assert "€ 2,00" not in page
    assert "€ 7,77" in client.get("/p/product-0").text.replace("\u00a0", " ")


def test_speaks_the_reader_s_language(client: Browser, town: OrderCycle) -> None:
    for language, tag in (("fr", "fr-BE"), ("en", "en-GB")):
        client.set_cookie("taal", language)
        for path in ("/", "/winkel", "/p/product-0", "/boer/hoeve-0", "/rond/9000"):
            assert f'lang="{tag}"' in client.get(path).text


def test_answers_404_for_what_is_not_there(client: Browser, town: OrderCycle) -> None:
    for path in (
        "/p/niets",
        "/boer/niets",
        "/media/../../etc/passwd",
        "/media/x",
        "/media/aaaaaaaaaaaa-500.jpg",
        "/media/aaaaaaaaaaaa-360.svg",
        "/media/aaaaaaaaaaaa-360.jpg",
    ):
        assert client.get(path).status_code == 404, path


def test_serves_pictures_for_ever_and_as_pictures_only(
    app: Flask, client: Browser, session: Session, town: OrderCycle
) -> None:
    photo = Photo(enterprise_id=1, width=4, height=3, created_at=NOW)
    session.add(photo)
    session.commit()
    name = f"{photo.public_id}-360.webp"
    app.extensions["shortchain.gateways"].media.put(name, b"<script>alert(1)</script>", content_type="image/webp")
    response = client.get(f"/media/{name}")
    assert response.mimetype == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    assert client.get(f"/media/{name}", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_counts_from_the_day_of_the_reader(client: Browser, town: OrderCycle) -> None:
    assert date(2026, 11, 23) == NOW.date()
    assert "vandaag" in client.get("/winkel").text
