"""A carrier tells of its vehicles on a page, and sees where each may come."""

from __future__ import annotations

from shortchain.enterprises.models import Courier, Driver, VehicleRight
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import courier

PATH = "/onderneming/voertuigen"
VAN = {"name": "1-ABC-234", "vehicle": "VAN_M", "payload_kg": "900", "fuel": "diesel", "euro": "5"}


def only(session, table):
    session.rollback()
    return session.query(table).populate_existing().one()


def test_adds_a_van_gives_it_a_day_pass_and_takes_it_back(inside, session, packer):
    assert "Je hebt nog geen voertuigen" in inside.page(PATH)
    form = inside.page(f"{PATH}/nieuw").form(has="payload_kg")
    assert inside.submit(form, **VAN).status_code == 303
    made = only(session, Courier)
    assert (made.name, made.payload_g, made.fuel, made.euro) == ("1-ABC-234", 900_000, "diesel", 5)
    assert "Brussel" in inside.page(PATH)
    page = inside.page(f"{PATH}/{made.public_id}")
    assert "mag niet binnen" in page
    form = page.form("/rechten")
    assert (
        inside.submit(form, zone="BRU", first_day="2026-11-23", last_day="2026-11-23", note="dagpas").status_code == 303
    )
    page = inside.page(f"{PATH}/{made.public_id}")
    assert "mag niet binnen" not in page and "dagpas" in page
    inside.submit(page.form("/weg"))
    session.rollback()
    assert session.query(VehicleRight).count() == 0


def test_says_what_is_wrong_and_keeps_what_was_typed(inside, session, packer):
    form = inside.page(f"{PATH}/nieuw").form(has="payload_kg")
    answer = inside.submit(form, **{**VAN, "euro": ""})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "Kies de euronorm" in text and "1-ABC-234" in text
    assert session.query(Courier).count() == 0


def test_says_what_is_wrong_with_a_right_beside_the_vehicle(inside, session, packer):
    row = courier(session, packer, vehicle="VAN_M", fuel="diesel", euro=5)
    form = inside.page(f"{PATH}/{row.public_id}").form("/rechten")
    answer = inside.submit(form, first_day="2026-11-26", last_day="2026-11-25")
    assert answer.status_code == 422
    assert "De laatste dag ligt op of na de eerste." in answer.get_data(as_text=True)


def test_asks_for_the_euro_class_that_nobody_told(inside, session, packer):
    row = courier(session, packer, name="Oude bestelwagen", vehicle="VAN_M", fuel="diesel")
    assert "Oude bestelwagen. Tot je die invult" in inside.page(PATH)
    form = inside.page(f"{PATH}/{row.public_id}").form(has="payload_kg")
    assert inside.submit(form, euro="6").status_code == 303
    assert "kennen we de euronorm niet" not in inside.page(PATH)
    assert only(session, Courier).euro == 6


def test_puts_a_vehicle_aside_and_takes_it_up_again(inside, session, packer):
    courier(session, packer)
    inside.submit(inside.page(PATH).form("/rijdt"))
    assert "staat aan de kant" in inside.page(PATH)
    inside.submit(inside.page(PATH).form("/rijdt"))
    assert only(session, Courier).is_active


def test_shows_no_vehicle_of_another(inside, session, packer):
    other = courier(session, enterprises.deliverer(session, name="Een ander"))
    assert inside.get(f"{PATH}/{other.public_id}").status_code == 404


def test_tells_what_a_vehicle_holds_and_where_it_starts(inside, session, packer):
    form = inside.page(f"{PATH}/nieuw").form(has="payload_kg")
    room = {"crates": "40", "chilled_crates": "10", "frozen_crates": "4", "max_stops": "18", "start": "9000"}
    answer = inside.submit(form, **VAN, **room, volume_l="7000", licence="C1")
    assert answer.status_code == 303
    made = only(session, Courier)
    assert (made.crates, made.chilled_crates, made.frozen_crates, made.max_stops) == (40, 10, 4, 18)
    assert made.start is not None
    assert made.end is None
    assert (made.volume_l, made.licence, made.driver_id) == (7000, "C1", None)
    page = inside.page(f"{PATH}/{made.public_id}")
    form = page.form(has="payload_kg")
    assert form.values["crates"] == ["40"]
    answer = inside.submit(form, chilled_crates="39", start="Nergenshuizen 999")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Dit adres vinden we niet" in text and "Nergenshuizen 999" in text
    answer = inside.submit(form, chilled_crates="39")
    assert "hoogstens alle kisten" in answer.get_data(as_text=True)
    answer = inside.submit(form, volume_l="5")
    assert "Een laadruimte houdt 10 tot 60000 liter." in answer.get_data(as_text=True)


def test_tells_of_drivers_and_who_may_drive_what(inside, session, packer):
    assert "Nog niemand ingevuld." in inside.page(PATH)
    form = inside.page("/onderneming/bestuurders/nieuw").form(has="lift_kg")
    answer = inside.submit(form, name="Samira", licence="B", lift_kg="0")
    assert answer.status_code == 422
    assert "tilt 1 tot 100 kg" in answer.get_data(as_text=True) and "Samira" in answer.get_data(as_text=True)
    assert inside.submit(form, name="Samira", licence="B", lift_kg="15").status_code == 303
    made = only(session, Driver)
    assert (made.name, made.licence, made.lift_g, made.user_id) == ("Samira", "B", 15_000, None)
    assert "15 kg" in inside.page(PATH)
    form = inside.page(f"/onderneming/bestuurders/{made.public_id}").form(has="lift_kg")
    assert inside.submit(form, licence="", lift_kg="").status_code == 303
    session.rollback()
    assert (only(session, Driver).licence, only(session, Driver).lift_g) == ("", None)
    vehicle = inside.page(f"{PATH}/nieuw").form(has="payload_kg")
    answer = inside.submit(vehicle, **VAN, driver=made.public_id)
    assert answer.status_code == 422
    assert "heeft er het rijbewijs voor" in answer.get_data(as_text=True)
    bike = {"name": "Fiets", "vehicle": "BIKE_3W", "payload_kg": "200", "fuel": "none", "euro": ""}
    assert inside.submit(vehicle, **bike, driver=made.public_id).status_code == 303
    assert only(session, Courier).driver_id == made.id
    inside.submit(inside.page(PATH).form(f"bestuurders/{made.public_id}/rijdt"))
    assert "rijdt nu niet" in inside.page(PATH)
    assert only(session, Courier).driver_id is None, "nobody counts on them any more"


def test_counts_day_passes_and_refuses_a_ninth(inside, session, packer):
    row = courier(session, packer, vehicle="VAN_M", fuel="diesel", euro=3)
    page = inside.page(f"{PATH}/{row.public_id}")
    assert "nog 8 van 8" in page
    form = page.form("/rechten")
    passes = {"zone": "GNT", "first_day": "2026-11-23", "last_day": "2026-11-29", "is_day_pass": True}
    assert inside.submit(form, **passes).status_code == 303
    page = inside.page(f"{PATH}/{row.public_id}")
    assert "nog 1 van 8" in page
    answer = inside.submit(page.form("/rechten"), **{**passes, "first_day": "2026-12-01", "last_day": "2026-12-02"})
    assert answer.status_code == 422
    assert "In 2026 heeft dit voertuig er nog 1." in answer.get_data(as_text=True)
    over_new_year = {**passes, "first_day": "2026-12-31", "last_day": "2027-01-03"}
    assert inside.submit(page.form("/rechten"), **over_new_year).status_code == 303
    long = {**passes, "first_day": "2027-02-01", "last_day": "2027-03-01"}
    assert "Een vergunning is geen dagpas" in inside.submit(page.form("/rechten"), **long).get_data(as_text=True)
    permit = {**long, "is_day_pass": False, "note": "vergunning"}
    assert inside.submit(page.form("/rechten"), **permit).status_code == 303
