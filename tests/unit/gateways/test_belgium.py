"""The offline geocoder of Belgium."""

from __future__ import annotations

import csv
import re

import pytest
from geopy.distance import great_circle
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shortchain.gateways.belgium import DATA, OfflineBelgium, fold, names_a_street, table
from shortchain.gateways.geopy_maps import TableGeocoder, distance
from shortchain.kernel.geo import Point

geocoder = TableGeocoder()


def found(text: str, language: str = "nl") -> str:
    place = geocoder.locate(text, language=language).place
    return f"{place.label} ({place.municipality})" if place else ""


def asked(text: str) -> list[str]:
    located = geocoder.locate(text)
    assert located.place is None
    return [place.label for place in located.suggestions]


@pytest.mark.parametrize(("text", "place"), [
    ("9000 Gent", "9000 Gent (Gent)"),
    ("9000", "9000 Gent (Gent)"),
    ("gent 9000", "9000 Gent (Gent)"),
    ("B-9000 Gent, België", "9000 Gent (Gent)"),
    ("Kerkstraat 1, 2400 Mol", "2400 Mol (Mol)"),
    ("Dorpsstraat 1200, 8531 Bavikhove", "8531 Bavikhove (Harelbeke)"),
    ("8531 Bavikhove, Dorpsstraat 1200", "8531 Bavikhove (Harelbeke)"),
    ("Korenmarkt 16 bus 1100\n9000 Gent", "9000 Gent (Gent)"),
    ("Gand", "9000 Gent (Gent)"),
    ("Courtrai", "8500 Kortrijk (Kortrijk)"),
    ("ST. NIKLAAS", "9100 Sint-Niklaas (Sint-Niklaas)"),
    ("Liege", "4000 Liège (Liège)"),
    ("1540 Herne", "1540 Herne (Pajottegem)"),
    ("Galmaarden", "1570 Galmaarden (Pajottegem)"),
    ("Merelbeke", "9820 Merelbeke (Merelbeke-Melle)"),
    ("2070 Zwijndrecht", "2070 Zwijndrecht (Beveren-Kruibeke-Zwijndrecht)"),
    ("9112 Sinaai", "9112 Sinaai (Sint-Niklaas)"),
    ("1050 Ixelles", "1050 Elsene (Elsene)"),
    ("5000 Namur", "5000 Namur (Namur)"),
    ("Namen", "5000 Namur (Namur)"),
    ("٩٠٠٠ Gent", "9000 Gent (Gent)"),
    ("９０００", "9000 Gent (Gent)"),
    ("9000 Gnet", "9000 Gent (Gent)"),
    ("Veldstraat 12 Gent", "9000 Gent (Gent)"),
])  # fmt: skip
def test_finds_what_people_write(text: str, place: str) -> None:
    assert found(text) == place


def test_names_a_place_in_the_language_of_the_reader() -> None:
    assert found("9000", "fr") == "9000 Gand (Gand)"
    assert found("1050", "fr") == "1050 Ixelles (Ixelles)"
    assert found("5000", "en") == "5000 Namur (Namur)"


@pytest.mark.parametrize(("text", "first"), [
    ("Gennt", "9000 Gent"), ("Oudenarde", "9700 Oudenaarde"), ("Antwerpn", "2000 Antwerpen"),
    ("Geraardsbergn", "9500 Geraardsbergen"), ("9999", "9992 Maldegem"), ("90000", "9000 Gent"),
])  # fmt: skip
def test_asks_whether_a_likely_place_was_meant(text: str, first: str) -> None:
    assert asked(text)[0] == first


def test_asks_which_village_of_a_name_is_meant_but_takes_the_town_before_the_village() -> None:
    assert asked("Berg") == ["1910 Berg", "3700 Berg"]
    assert asked("Saint-Nicolas") == ["4420 Saint-Nicolas", "9100 Sint-Niklaas"]
    assert found("Halle") == "1500 Halle (Halle)"
    assert found("Beveren").startswith("9120 ")


def test_asks_when_the_code_and_the_name_disagree() -> None:
    assert asked("8500 Gent") == ["8500 Kortrijk", "9000 Gent"]
    assert asked("Gent 8500") == ["8500 Kortrijk", "9000 Gent"]
    assert asked("1540 Kortrijk") == ["1540 Pajottegem", "8500 Kortrijk"]


def test_asks_when_the_only_number_may_be_a_house_number() -> None:
    assert asked("Kerkstraat 1200") == ["1200 Sint-Lambrechts-Woluwe"]
    assert found("Kerkstraat 12, 1200").startswith("1200 ")
    assert found("Berg 5, 9000") == "9000 Gent (Gent)"  # a street with the name of a village elsewhere


@pytest.mark.parametrize("text", ["", " ", "\x00", "🥕", "'; DROP TABLE", "x" * 10_000, ",;-.()"])
def test_knows_when_it_does_not_know(text: str) -> None:
    assert geocoder.locate(text).place is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
@example("9" * 10_000)
@example("9000 " * 2_000)
@example("0000")
@example("²³¹⁴ 9000")
def test_never_raises_and_answers_with_belgian_points(text: str) -> None:
    located = geocoder.locate(text)
    for place in filter(None, (located.place, *located.suggestions)):
        assert place.postcode in table().codes
        assert 49.4 < place.point.lat < 51.6
        assert 2.5 < place.point.lon < 6.5


@settings(max_examples=100)
@given(st.sampled_from(sorted(table().codes.values(), key=lambda code: code.code)), st.sampled_from(["nl", "fr"]))
def test_finds_every_code_with_its_own_municipality(code, language: str) -> None:
    town = code.municipalities[0]
    located = geocoder.locate(f"Kerkstraat 12, {code.code} {town.name(language)}", language=language)
    assert located.place is not None
    assert (located.place.postcode, located.place.nis) == (code.code, town.nis)


def test_is_a_geopy_geocoder() -> None:
    location = OfflineBelgium().geocode("9000 Gent")
    assert location.address == "9000 Gent"
    assert location.raw["province"] == "Oost-Vlaanderen"
    assert OfflineBelgium().geocode("nergens") is None
    assert [loc.raw["postcode"] for loc in OfflineBelgium().geocode("Berg", exactly_one=False)] == ["1910", "3700"]


def test_tells_a_street_from_a_town() -> None:
    assert names_a_street("Kerkstraat 1, 2400 Mol")
    assert not names_a_street("9840 De Pinte")
    assert not names_a_street("9000")
    assert not names_a_street("Kerkstraat")


def test_measures_as_geopy_does() -> None:
    gent, mol = Point(51.0543, 3.7174), Point(51.1840, 5.1155)
    by_geopy = great_circle((gent.lat, gent.lon), (mol.lat, mol.lon)).meters
    assert abs(distance(gent, mol) - by_geopy) < 1


def test_folds_names_for_comparing() -> None:
    assert fold("Sint-Jans-Mölenbeek") == "sint jans molenbeek"
    assert fold("St.-Niklaas") == fold("Sint Niklaas")


def test_has_a_table_of_every_code_without_two_rows_for_one_municipality() -> None:
    with (DATA / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [(row["postcode"], row["nis"]) for row in rows]
    assert len(pairs) == len(set(pairs)) == 1152
    assert len(table().codes) == 1149
    assert sorted(code for code, _ in pairs if len(table().codes[code].municipalities) > 1) == [
        "1040", "1040", "1050", "1050", "1804", "1804",
    ]  # fmt: skip
    assert all(re.fullmatch(r"[1-9]\d{3}", code) and re.fullmatch(r"\d{5}", nis) for code, nis in pairs)
