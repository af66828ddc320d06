"""An own area goes before the radius: one by one, on columns, and in the coverage."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.enterprises import service_areas
from shortchain.enterprises.service_areas import ServiceArea
from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import gaps
from shortchain.routing.columns import Columns
from shortchain.routing.gaps import Ability, Need, Neighbour, Spot
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import PACK, Candidate, RoutePlan, RouteRequest, Unroutable
from tests.unit.routing.test_columns import one_by_one, told
from tests.unit.routing.test_planner import DAYS, POLICY, a_candidate, a_request, deliverer, packer, simple_request


def box(south: float, west: float, north: float, east: float) -> ServiceArea:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    area = service_areas.read(service_areas.of_geojson(json.dumps({"type": "Polygon", "coordinates": [ring]})))
    assert area is not None
    return area


EAST = box(50.5, 3.75, 51.5, 5.0)
AROUND = box(50.5, 3.0, 51.5, 5.0)
GENT = service_areas.read({"postcodes": ["9000", "9040", "9050"]})


def asked(seed: int) -> tuple[RouteRequest, list[Candidate]]:
    dice = random.Random(seed)
    found = [
        replace(a_candidate(number, dice), area=dice.choice([None, None, EAST, AROUND, GENT]))
        for number in range(dice.randint(6, 60))
    ]
    return a_request(dice), found


@given(st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_columns_and_one_by_one_agree_and_nobody_leaves_its_area(seed: int) -> None:
    request, candidates = asked(seed)
    plain = told(lambda: plan_route(request, candidates, distance=one_by_one, policy=POLICY, columns_from=0))
    columns = Columns(candidates, DAYS)
    for _again in range(2):  # the second time from what is remembered of the address
        assert told(lambda: plan_route(request, columns, distance=distance_m, policy=POLICY, columns_from=0)) == plain
    if isinstance(plain, RoutePlan):
        area = next(one for one in candidates if one.capability_id == plain.job(PACK).capability_id).area
        assert area is None or area.holds(request.destination)


@pytest.mark.parametrize("columns_from", [0, 100])
def test_goes_before_the_radius_both_ways(columns_from: int) -> None:
    def plan(one: Candidate) -> RoutePlan:
        found = Columns([one, deliverer(2)], DAYS)
        return plan_route(simple_request(), found, distance=distance_m, policy=POLICY, columns_from=columns_from)

    assert plan(packer(1, radius_m=100, area=AROUND)).job(PACK).enterprise_id == 1
    with pytest.raises(Unroutable) as refusal:
        plan(packer(1, area=EAST))
    assert refusal.value.stages["pack"] == {"radius": 1}


def test_the_coverage_sees_it_too() -> None:
    spot = Spot("9000", "Gent", Point(51.05, 3.72))
    need = Need(PACK, frozenset({"BOX_ASSEMBLE"}), frozenset({"COOL"}), (spot,))

    def cover(area: ServiceArea | None, radius_m: int) -> gaps.Cover:
        ability = Ability("BOX_ASSEMBLE", radius_m, frozenset({"COOL"}), "order", area=area)
        who = Neighbour(
            1, "a", "Pakker", "mwb", "9000", "Gent", spot.point, True, True, False, (ability,)
        )  # fmt: skip
        return gaps.cover(need, [who], [], distance=distance_m)

    assert not cover(None, 10_000).missing
    assert not cover(AROUND, 10).missing
    found = cover(EAST, 10_000)
    assert found.missing == (spot,)
    assert [helper.lacks for helper in found.helpers] == ["area"]
