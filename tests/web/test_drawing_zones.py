"""A coordinator draws a pedestrian zone, sees it on the map, changes it, and lets it count no longer."""

from __future__ import annotations

import io
import json

import pytest

from shortchain.enterprises.models import DrawnZone, MemberRole
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in

PATH = "/hub/zones"
SQUARE = {"type": "Polygon", "coordinates": [[[3.72, 51.05], [3.73, 51.05], [3.73, 51.06], [3.72, 51.06]]]}
CORNERS = "51.05, 3.72\n51.05, 3.73\n51.06, 3.73"


@pytest.fixture
def desk(client, session):
    person, hub = accounts.user(session), enterprises.hub(session)
    enterprises.member(session, person, hub, MemberRole.PLANNER)
    session.commit()
    return signed_in(client, session, person)


def stored(session):
    session.rollback()
    return session.query(DrawnZone).populate_existing().order_by(DrawnZone.id).all()


def test_draws_changes_and_takes_away(desk, session):
    page = desk.page(PATH)
    assert "Nog geen zones." in page
    typed = {"name": "Veldstraat", "outline": CORNERS, "source": "Bord", "shut_from": "11:00", "shut_until": "18:00"}
    assert desk.submit(page.form(has="outline"), **typed, open_fuels=["electric"]).status_code == 303
    page = desk.page(PATH)
    assert "Veldstraat" in page and "van 11:00 tot 18:00" in page and "fietsen, elektriciteit" in page
    assert 'class="area-shape" fill-rule' in desk.get(PATH).get_data(as_text=True)
    [row] = stored(session)
    form = desk.page(f"{PATH}/{row.public_id}").form(has="outline")
    file = (io.BytesIO(json.dumps(SQUARE).encode()), "zone.geojson")
    assert (
        desk.submit(form, name="Korenmarkt", file=file, weekdays=["5", "6"], shut_from="", shut_until="").status_code
        == 303
    )
    [row] = stored(session)
    assert (row.name, row.weekdays, row.shut_from, row.version) == ("Korenmarkt", [5, 6], None, 2)
    assert "zaterdag, zondag" in desk.page(PATH)
    desk.submit(desk.page(PATH).form(has="telt"))
    assert "Korenmarkt telt niet meer mee." in desk.page(PATH)
    assert not stored(session)[0].is_active
    desk.submit(desk.page(PATH).form(has="telt"))
    assert stored(session)[0].is_active


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Geef de zone een naam."),
        ({"weekdays": []}, "Kies minstens één dag."),
        ({"shut_from": "11:00"}, "Vul allebei de uren in"),
        ({"shut_from": "18:00", "shut_until": "11:00"}, "Het einduur ligt na het beginuur."),
        ({"outline": "51.05, 3.72\nprei"}, "Regel 2 is geen hoekpunt."),
        ({"outline": "3.72, 51.05\n3.73, 51.05\n3.73, 51.06"}, "Regel 1 ligt niet in België."),
        ({"outline": "51.05, 3.72\n51.40, 3.73\n51.06, 3.74"}, "meer dan tien kilometer"),
        ({"source": ""}, "Zeg waar dit staat"),
    ],
)
def test_says_what_is_wrong_and_loses_nothing(desk, session, typed, words):
    values = {"name": "Veldstraat", "outline": CORNERS, "source": "Bord aan het begin"} | typed
    answer = desk.submit(desk.page(PATH).form(has="outline"), **values)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and words in text
    assert all(str(value).split("\n")[0] in text for name, value in values.items() if name != "weekdays")
    assert stored(session) == []


def test_a_file_that_is_no_text_is_refused(desk, session):
    form = desk.page(PATH).form(has="outline")
    answer = desk.submit(form, name="Veldstraat", source="Bord", file=(io.BytesIO(b"\xff\xfe\x00"), "zone.geojson"))
    assert answer.status_code == 422 and "Dit is geen GeoJSON." in answer.get_data(as_text=True)


def test_a_carrier_sees_a_drawn_zone_and_keeps_its_right_when_it_counts_no_more(desk, session):
    desk.submit(desk.page(PATH).form(has="outline"), name="Veldstraat", outline=CORNERS, source="Bord")
    [row] = stored(session)
    person, carrier = accounts.user(session), enterprises.deliverer(session, name="De Rijder")
    enterprises.member(session, person, carrier, MemberRole.OWNER)
    from tests.support.factories import fulfilment

    van = fulfilment.courier(session, carrier, vehicle="EVAN_S", fuel="electric")
    session.commit()
    driver = signed_in(desk, session, person)
    path = f"/onderneming/voertuigen/{van.public_id}"
    page = driver.page(path)
    assert "Veldstraat" in page
    assert driver.submit(page.form(has="zone"), zone=row.code, note="vergunning").status_code == 303
    stored(session)[0].is_active = False
    session.commit()
    assert "Veldstraat" in driver.page(path)
