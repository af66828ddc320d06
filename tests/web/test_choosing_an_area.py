"""A provider chooses where it works: postcodes by ticks, an outline by text or file, or a circle again."""

from __future__ import annotations

import io
import json

import pytest

from shortchain.enterprises.models import Capability
from shortchain.kernel.geo import Point
from shortchain.routing import candidates
from tests.support.factories.fulfilment import THURSDAY

PATH = "/onderneming/diensten/BOX_ASSEMBLE/gebied"
SQUARE = {"type": "Polygon", "coordinates": [[[3.6, 51.0], [3.9, 51.0], [3.9, 51.2], [3.6, 51.2], [3.6, 51.0]]]}
MOL, GENT = Point(51.19, 5.11), Point(51.05, 3.71)


def reaches(session) -> tuple[bool, bool]:
    """Whether routing would send Gent and Mol to the packer."""
    session.rollback()
    [found] = candidates.read_candidates(session, days=[THURSDAY])
    return found.reaches(GENT, 0), found.reaches(MOL, 999_999)


def stored(session):
    session.rollback()
    return session.query(Capability).populate_existing().one().area


def test_ticks_postcodes_adds_one_from_afar_and_goes_back_to_a_circle(inside, session, packer):
    form = inside.page(PATH).form(has="way")
    assert inside.submit(form, way="postcodes", code=["9000", "9040"], more="2400").status_code == 303
    assert stored(session) == {"postcodes": ["2400", "9000", "9040"]}
    assert reaches(session) == (True, True)
    page = inside.page(PATH)
    assert "Nu: 3 postcodes." in page and "2400 Mol" in page
    assert "eigen gebied" in inside.page("/onderneming/diensten")
    assert inside.submit(page.form(has="way"), way="postcodes", code=["2400"]).status_code == 303
    assert reaches(session) == (False, True)
    assert inside.submit(inside.page(PATH).form(has="way"), way="straal").status_code == 303
    assert stored(session) == {}


def test_pastes_or_sends_an_outline_and_sees_it(inside, session, packer):
    form = inside.page(PATH).form(has="way")
    assert inside.submit(form, way="omtrek", outline=json.dumps(SQUARE)).status_code == 303
    assert reaches(session) == (True, False)
    page = inside.page(PATH)
    assert "Nu: binnen de omtrek die je gaf." in page
    assert 'class="area-shape" fill-rule' in inside.get(PATH).get_data(as_text=True)
    file = (io.BytesIO(json.dumps(SQUARE).encode()), "gebied.geojson")
    assert inside.submit(page.form(has="way"), way="omtrek", file=file, outline="").status_code == 303


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"way": "postcodes", "code": [], "more": "9999, prei"}, "Deze postcodes kennen we niet: 9999, prei."),
        ({"way": "postcodes", "code": [], "more": ""}, "Kies minstens één postcode"),
        ({"way": "omtrek", "outline": "mijn dorp"}, "Dit is geen GeoJSON."),
        ({"way": "omtrek", "outline": '{"type": "Point", "coordinates": [3, 51]}'}, "staat geen vlak"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(inside, session, packer, typed, words):
    answer = inside.submit(inside.page(PATH).form(has="way"), **typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and words in text
    assert stored(session) == {}
    assert typed.get("more", "") in text and typed.get("outline", "").split('"')[0] in text


def test_notices_that_somebody_saved_in_between(inside, session, packer):
    form, other = inside.page(PATH).form(has="way"), inside.page(PATH).form(has="way")
    assert inside.submit(form, way="postcodes", code=["9000"]).status_code == 303
    assert inside.submit(other, way="straal").status_code == 422
    assert stored(session) == {"postcodes": ["9000"]}


def test_has_no_area_without_the_service(inside, packer):
    assert inside.get("/onderneming/diensten/WASH/gebied").status_code == 404
