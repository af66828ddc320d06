"""Where nobody can do a step, and who could be asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import gaps
from shortchain.routing.gaps import Ability, Failure, Need, Neighbour, Spot

GENT, EEKLO = Point(51.0543, 3.7174), Point(51.1858, 3.5640)  # some 18 km apart
SPOTS = (Spot("9000", "Gent", GENT), Spot("9900", "Eeklo", EEKLO))
COOL = frozenset({"COOL"})
NEED = Need("deliver", frozenset({"DELIVER_BIKE"}), COOL, SPOTS)
RIDES = Ability("DELIVER_BIKE", 10_000, frozenset({"AMB", "COOL"}), "stop")
BIKE = Neighbour(1, "bike", "De Fiets", "mwb", "9000", "Gent", GENT, True, True, False, (RIDES,))


def look(*who: Neighbour, failed: tuple[Failure, ...] = ()) -> gaps.Cover:
    return gaps.cover(NEED, who, failed, distance=distance_m)


def failure(*reasons: str, postcode: str = "9000", classes: frozenset[str] = COOL) -> Failure:
    return Failure(postcode, "deliver", date(2026, 11, 26), classes, reasons, 2, 1)


def test_a_place_outside_every_radius_is_missing_and_the_rider_would_do_with_a_wider_one() -> None:
    found = look(BIKE)
    assert found.missing == (SPOTS[1],)
    assert [(helper.who.id, helper.lacks, helper.radius_m) for helper in found.helpers] == [(1, "radius", 10_000)]
    assert 17_000 < found.helpers[0].metres < 19_000


def test_nothing_is_missing_where_the_radius_is_wide() -> None:
    wide = replace(BIKE, abilities=(replace(RIDES, radius_m=20_000),))
    found = look(wide)
    assert not found.is_gap
    assert found.helpers == ()


@pytest.mark.parametrize(
    ("who", "lacks"),
    [
        (replace(BIKE, is_verified=False), "unverified"),
        (replace(BIKE, abilities=(replace(RIDES, classes=frozenset({"AMB"})),)), "temperature"),
        (replace(BIKE, abilities=(replace(RIDES, price_form="hour"),)), "price"),
        (replace(BIKE, abilities=(replace(RIDES, works=False),)), "capacity"),
        (replace(BIKE, abilities=()), "capability"),
    ],
)
def test_somebody_who_cannot_is_told_what_is_lacking(who: Neighbour, lacks: str) -> None:
    found = look(who, failed=(failure("capacity"),))
    assert found.missing == SPOTS
    assert [helper.lacks for helper in found.helpers] == [lacks]


def test_who_does_not_keep_apart_is_named_where_that_said_no() -> None:
    wide = replace(RIDES, radius_m=20_000)
    found = look(replace(BIKE, abilities=(wide,)), failed=(failure("apart"),))
    assert [helper.lacks for helper in found.helpers] == ["apart"]
    found = look(replace(BIKE, abilities=(replace(wide, handles_apart=True),)), failed=(failure("apart"),))
    assert found.helpers == ()


@pytest.mark.parametrize("code", ["capacity", "closed", "lead"])
def test_who_comes_there_but_had_no_room_is_asked_for_more(code: str) -> None:
    wide = replace(BIKE, abilities=(replace(RIDES, radius_m=20_000),))
    assert [helper.lacks for helper in look(wide, failed=(failure(code),)).helpers] == [code]


def test_organic_goods_ask_for_a_certificate_before_room() -> None:
    wide = replace(BIKE, abilities=(replace(RIDES, radius_m=20_000),))
    failed = (failure("organic", "capacity"),)
    assert look(wide, failed=failed).helpers[0].lacks == "organic"
    assert look(replace(wide, is_organic=True), failed=failed).helpers[0].lacks == "capacity"


def test_failures_of_other_goods_do_not_count() -> None:
    found = look(BIKE, failed=(failure("capacity"), failure("capacity", classes=frozenset({"FROZEN"}))))
    assert (found.quotes, found.orders) == (2, 1)
    assert found.reasons == {"capacity": 3}


def test_farms_and_who_is_far_are_not_asked_and_the_easiest_help_comes_first() -> None:
    farm = replace(BIKE, id=2, is_provider=False, abilities=())
    far = replace(BIKE, id=3, point=Point(51.0, 5.2))
    packer = replace(BIKE, id=4, abilities=(replace(RIDES, service="BOX_ASSEMBLE"),))
    found = look(packer, farm, far, BIKE)
    assert [(helper.who.id, helper.lacks) for helper in found.helpers] == [(1, "radius"), (4, "capability")]
