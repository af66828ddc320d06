"""The written content of the demo region holds together."""

from __future__ import annotations

from typing import Any

import pytest
from stdnum.be import vat

from shortchain import data
from shortchain.cli import demo_content as content
from shortchain.cli.demo_rows import demo_kbo
from shortchain.enterprises.models import EnterpriseKind, PriceForm, VatScheme
from shortchain.kernel.geo import Point, distance_m

GENT = Point(51.054, 3.725)
EVERYBODY = [*content.farms(), *content.providers(), *content.hubs()]


def named(about: dict[str, Any]) -> str:
    return about["slug"]


def test_has_forty_growers_fifteen_providers_and_six_pickup_points() -> None:
    assert len(content.farms()) == 40
    assert len(content.providers()) == 15
    assert sum(len(hub["point"]) for hub in content.hubs()) == 6


def test_gives_every_enterprise_a_name_of_its_own() -> None:
    assert len({about["slug"] for about in EVERYBODY}) == len(EVERYBODY)
    assert len({about["name"] for about in EVERYBODY}) == len(EVERYBODY)


@pytest.mark.parametrize("about", EVERYBODY, ids=named)
def test_tells_a_story_of_two_to_four_sentences_in_three_languages(about: dict[str, Any]) -> None:
    for language in data.LANGUAGES:
        story = about[language]
        assert 2 <= story.count(". ") + story.endswith(".") <= 4
        assert "!" not in story


@pytest.mark.parametrize("about", EVERYBODY, ids=named)
def test_lies_in_a_known_place_within_45_kilometres_of_gent(about: dict[str, Any]) -> None:
    place = content.places()[about["place"]]
    assert distance_m(GENT, Point(place.lat, place.lon)) < 45_000
    assert about["kind"] in {kind.value for kind in EnterpriseKind}


@pytest.mark.parametrize("farm", content.farms(), ids=named)
def test_grows_what_the_reference_data_knows(farm: dict[str, Any]) -> None:
    assert set(farm["extra"]) <= data.produce().keys()
    assert set(farm["grows"]) <= content.assortments().keys()
    assert farm["vat"] in {scheme.value for scheme in VatScheme}


def test_lists_known_produce_in_every_assortment() -> None:
    for slugs in content.assortments().values():
        assert set(slugs) <= data.produce().keys()


def test_has_a_good_third_of_organic_growers() -> None:
    share = sum(farm["organic"] for farm in content.farms()) / len(content.farms())
    assert 0.33 <= share <= 0.5


@pytest.mark.parametrize("provider", content.providers(), ids=named)
def test_offers_services_that_can_be_priced_and_planned(provider: dict[str, Any]) -> None:
    for capability in provider["capabilities"]:
        service = data.services()[capability["service"]]
        assert capability["form"] in {form.value for form in PriceForm}
        assert capability["form"] in service.price_forms
        assert set(capability["classes"]) <= data.storage_classes().keys()
        assert len(capability["capacity"]) == 7 and sum(capability["capacity"]) > 0
        assert 2 <= capability["radius_km"] <= 60


def test_has_providers_of_every_kind_one_closed_one_busy_and_one_that_declines() -> None:
    providers = content.providers()
    assert {p["kind"] for p in providers} == {"mwb", "lde", "mwa", "imw", "coop", "regular"}
    assert sum("closed" in p for p in providers) == 1
    assert sum("busy" in p for p in providers) == 1
    assert sum(p.get("story") == "declines" for p in providers) == 1


def test_can_do_every_kind_of_work_that_a_product_asks_for() -> None:
    offered = {c["service"] for p in content.providers() for c in p["capabilities"]}
    asked = {item.process_service for item in data.produce().values() if item.process_service}
    assert asked <= offered
    assert {"BOX_ASSEMBLE", "DELIVER_BIKE", "DELIVER_VAN"} <= offered


def test_numbers_enterprises_validly_and_below_those_of_real_firms() -> None:
    numbers = [demo_kbo(n) for n in range(1000)]
    assert len(set(numbers)) == 1000
    assert numbers[:3] == ["0100000070", "0100000169", "0100000268"]
    assert all(vat.is_valid(number) for number in numbers)
    assert max(numbers) < "0200000000"
