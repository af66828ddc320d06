"""No deliverer is sent to a door or a packer where none of its vehicles may come."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.data.zones import zones
from shortchain.enterprises.zones import EVERYWHERE, reference
from shortchain.kernel.geo import Point, distance_m
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, Candidate, RoutePlan, RouteRequest, Unroutable
from tests.unit.routing.test_columns import one_by_one, told
from tests.unit.routing.test_planner import DAY, DAYS, POLICY, a_candidate, a_request, deliverer, packer, simple_request

IN_GENT, OUTSIDE = Point(51.0545, 3.7220), Point(51.0300, 3.7600)
NOT_GENT = EVERYWHERE & ~(1 << list(zones()).index("GNT"))
OLD = {DAY: (NOT_GENT,)}
OLD_AND_CLEAN = {DAY: (NOT_GENT, EVERYWHERE)}


def asked(seed: int) -> tuple[RouteRequest, list[Candidate]]:
    """Somebody inside or outside the ring of Ghent asks carriers with old and clean vans and packers on both sides."""
    dice = random.Random(seed)
    request = replace(a_request(dice), destination=dice.choice([IN_GENT, OUTSIDE]))
    found = []
    for number in range(dice.randint(6, 60)):
        at = Point(51.02 + dice.random() * 0.06, 3.69 + dice.random() * 0.07)
        entry = dice.choice([{}, OLD, OLD, OLD_AND_CLEAN])
        found.append(replace(a_candidate(number, dice), point=at, radius_m=40_000, entry=entry))
    return request, found


@given(st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_columns_and_one_by_one_agree_and_nobody_comes_where_it_may_not(seed: int) -> None:
    request, candidates = asked(seed)
    plain = told(lambda: plan_route(request, candidates, distance=one_by_one, policy=POLICY, columns_from=0))
    columns = Columns(candidates, DAYS)
    assert told(lambda: plan_route(request, columns, distance=distance_m, policy=POLICY, columns_from=0)) == plain
    if isinstance(plain, RoutePlan):
        by_id = {one.capability_id: one for one in candidates}
        brings, packs = (by_id[plain.job(stage).capability_id] for stage in (DELIVER, PACK))
        assert brings.may_enter(reference().at(request.destination) | reference().at(packs.point), DAY)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_finds_the_best_of_all_chains_that_may_be(seed: int) -> None:
    """The best of all pairs of packer and deliverer, each alone in a network of its own."""
    request, candidates = asked(seed)
    request = replace(request, fixed={}, lines=tuple(replace(line, process_service=None) for line in request.lines))
    costs = []
    packers, carriers = ([one for one in candidates if one.stage == stage] for stage in (PACK, DELIVER))
    for pack in packers[:8]:
        for brings in carriers[:8]:
            found = told(lambda pair=(pack, brings): plan_route(request, pair, distance=distance_m, policy=POLICY))
            if isinstance(found, RoutePlan):
                costs.append(found.billed_cents * 1000 + found.steering_millicents)
    together = told(
        lambda: plan_route(
            request, Columns([*packers[:8], *carriers[:8]], DAYS), distance=distance_m, policy=POLICY, columns_from=0
        )
    )
    if isinstance(together, RoutePlan):
        assert together.billed_cents * 1000 + together.steering_millicents == min(costs)
    else:
        assert not costs


@pytest.mark.parametrize("columns_from", [0, 100])
class TestReasons:
    def plan(self, columns_from: int, *found: Candidate, at: Point = IN_GENT) -> RoutePlan:
        return plan_route(
            simple_request(destination=at),
            Columns(found, DAYS),
            distance=distance_m,
            policy=POLICY,
            columns_from=columns_from,
        )

    def test_says_zone_when_no_vehicle_may_come_to_the_door(self, columns_from: int) -> None:
        with pytest.raises(Unroutable) as refusal:
            self.plan(columns_from, packer(1), deliverer(2, entry=OLD))
        assert refusal.value.stages == {"deliver": {"zone": 1}}

    def test_says_together_when_no_deliverer_may_come_to_any_packer(self, columns_from: int) -> None:
        with pytest.raises(Unroutable) as refusal:
            self.plan(columns_from, packer(1, point=IN_GENT), deliverer(2, entry=OLD), at=OUTSIDE)
        assert refusal.value.stages["deliver"] == {"together": 1}

    def test_takes_a_carrier_with_one_clean_van(self, columns_from: int) -> None:
        plan = self.plan(columns_from, packer(1), deliverer(2, entry=OLD_AND_CLEAN), deliverer(3, entry=OLD))
        assert plan.job(DELIVER).enterprise_id == 2
        assert plan.explanation["stages"]["deliver"]["left_out"] == {"zone": 1}

    def test_takes_another_packer_rather_than_none(self, columns_from: int) -> None:
        inner, outer = packer(1, point=IN_GENT, price_cents=1), packer(3, point=OUTSIDE)
        plan = self.plan(columns_from, inner, outer, deliverer(2, entry=OLD), at=OUTSIDE)
        assert plan.job(PACK).enterprise_id == 3
        plan = self.plan(columns_from, inner, outer, deliverer(2), at=OUTSIDE)
        assert plan.job(PACK).enterprise_id == 1
