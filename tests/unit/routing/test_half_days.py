"""Morning and afternoon: work on the day of the delivery has the morning, a delivery the half of its window."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel.geo import distance_m
from shortchain.kernel.halves import AFTERNOON, MORNING, half_of
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, Candidate, RoutePlan, RouteRequest, Unroutable
from tests.unit.routing.batch.test_asking import in_halves
from tests.unit.routing.test_columns import one_by_one, told
from tests.unit.routing.test_planner import DAY, DAYS, POLICY, a_candidate, a_request, deliverer, packer, simple_request

BEFORE = DAY - timedelta(days=1)
EXAMPLES = [  # delivers, day, late window → half
    (True, DAY, False, MORNING),
    (True, DAY, True, AFTERNOON),
    (False, DAY, True, MORNING),
    (False, DAY, False, MORNING),
    (False, BEFORE, True, ""),
    (False, BEFORE, False, ""),
]


@pytest.mark.parametrize(("delivers", "day", "is_late", "half"), EXAMPLES)
def test_ties_work_to_a_half(delivers: bool, day: object, is_late: bool, half: str) -> None:
    assert half_of(delivers=delivers, day=day, delivery_day=DAY, is_late=is_late) == half  # type: ignore[arg-type]


def asked(seed: int) -> tuple[RouteRequest, list[Candidate]]:
    dice = random.Random(seed)
    request = replace(a_request(dice), packs_same_day=dice.random() < 0.6)
    found = [in_halves(a_candidate(number, dice), dice) for number in range(dice.randint(6, 60))]
    prices = (0, 3, 9_000)
    return request, [
        replace(one, half_bids={day: (dice.choice(prices), dice.choice(prices)) for day in one.halves}) for one in found
    ]


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_columns_and_one_by_one_agree_and_no_half_holds_more_than_it_can(seed: int) -> None:
    request, candidates = asked(seed)
    plain = told(lambda: plan_route(request, candidates, distance=one_by_one, policy=POLICY, columns_from=0))
    columns = Columns(candidates, DAYS)
    assert told(lambda: plan_route(request, columns, distance=distance_m, policy=POLICY, columns_from=0)) == plain
    if isinstance(plain, RoutePlan):
        by_id = {one.capability_id: one for one in candidates}
        for job in plain.jobs:
            half = half_of(delivers=job.stage == DELIVER, day=job.day, delivery_day=DAY, is_late=request.packs_same_day)
            assert by_id[job.capability_id].room(job.day, half) >= job.use


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_what_is_left_after_promises_is_the_same_as_candidates_that_have_it(seed: int) -> None:
    request, candidates = asked(seed)
    dice = random.Random(seed)
    left = {
        (one.capability_id, day): (dice.randint(0, early), dice.randint(0, late))
        for one in candidates
        for day, (early, late) in one.halves.items()
        if dice.random() < 0.5
    }
    after = Columns(candidates, DAYS).with_promised({}, left)
    same = [
        replace(one, halves={day: left.get((one.capability_id, day), pair) for day, pair in one.halves.items()})
        for one in candidates
    ]
    assert [one.halves for one in after] == [one.halves for one in same]
    assert told(lambda: plan_route(request, after, distance=distance_m, policy=POLICY, columns_from=0)) == told(
        lambda: plan_route(request, same, distance=one_by_one, policy=POLICY, columns_from=0)
    )
    if any(one.halves != other.halves for one, other in zip(candidates, same, strict=True)):
        assert after.mark != Columns(candidates, DAYS).mark


@pytest.mark.parametrize("columns_from", [0, 100])
class TestMoments:
    """A packer and a deliverer with room in one half of the day of delivery only."""

    def plan(self, columns_from: int, *found: Candidate, late: bool) -> RoutePlan:
        request = simple_request(packs_same_day=late, first_day=DAY if late else DAYS[-1])
        return plan_route(request, Columns(found, DAYS), distance=distance_m, policy=POLICY, columns_from=columns_from)

    def test_packs_in_the_morning_for_the_afternoon(self, columns_from: int) -> None:
        early, late = packer(1, halves={DAY: (5, 0)}), packer(1, halves={DAY: (0, 5)})
        assert self.plan(columns_from, early, deliverer(2), late=True).job(PACK).day == DAY
        with pytest.raises(Unroutable) as refusal:
            self.plan(columns_from, late, deliverer(2), late=True)
        assert refusal.value.stages == {"pack": {"capacity": 1}}

    def test_has_the_whole_day_before_for_the_morning(self, columns_from: int) -> None:
        one = packer(1, halves={BEFORE: (0, 5), DAY: (0, 0)})
        assert self.plan(columns_from, one, deliverer(2), late=False).job(PACK).day == BEFORE

    def test_delivers_in_the_half_of_the_window(self, columns_from: int) -> None:
        early, late = deliverer(2, halves={DAY: (3, 0)}), deliverer(3, halves={DAY: (0, 3)})
        assert self.plan(columns_from, packer(1), early, late, late=True).job(DELIVER).enterprise_id == 3
        assert self.plan(columns_from, packer(1), early, late, late=False).job(DELIVER).enterprise_id == 2

    def test_is_steered_by_the_price_of_the_half_and_bills_nothing_for_it(self, columns_from: int) -> None:
        dear = deliverer(2, halves={DAY: (3, 3)}, half_bids={DAY: (0, 90_000_000)})
        both = (packer(1), dear, deliverer(3, price=dear.price_cents + 100))
        assert self.plan(columns_from, *both, late=True).job(DELIVER).enterprise_id == 3
        early = self.plan(columns_from, *both, late=False)
        assert early.job(DELIVER).enterprise_id == 2
        alone = self.plan(columns_from, *both[:2], late=True)
        assert alone.billed_cents == early.billed_cents
        assert sum(term["bid_millicents"] for term in alone.explanation["steering"]) == 90_000_000
