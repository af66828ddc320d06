"""On columns, rules, metres, prices and the choice are the same to the unit as one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import explain
from shortchain.routing.columns import Columns
from shortchain.routing.places import Places, metres
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import PACK, Candidate, Fixed, RoutePlan, RouteRequest, Unroutable
from tests.unit.routing.test_planner import DAY, DAYS, POLICY, a_candidate, a_point, a_request


def one_by_one(a: Point, b: Point) -> int:
    """Measure the same, without being known as the way that columns measure."""
    return distance_m(a, b)


def told(plan: Callable[[], RoutePlan]) -> object:
    """All of a plan but the fingerprint of the question and who was left out by name, or why there is none.

    On columns only the counts of each rule are kept, not the names behind them.
    """
    try:
        made = plan()
    except Unroutable as refusal:
        return refusal.stages
    stages = {key: {**stage, "who": {}} for key, stage in made.explanation["stages"].items()}
    return replace(made, explanation={**made.explanation, "input": "", "stages": stages})


def asked(seed: int) -> tuple[RouteRequest, list[Candidate]]:
    dice = random.Random(seed)
    request = a_request(dice)
    if dice.random() < 0.3:
        fixed = {key: Fixed(900, 900, "Kept", a_point(dice), DAYS[1], 600) for key in (PACK, "process:WASH")}
        kept = dice.sample(sorted(fixed), dice.randint(1, 2))
        request = replace(request, fixed={key: fixed[key] for key in kept})
    request = replace(request, without=frozenset(dice.sample(range(30), 3)))
    candidates = [a_candidate(number, dice) for number in range(dice.randint(4, 60))]
    with_bids = [
        replace(one, bids={day: dice.choice([0, 0, 3, 9000]) for day in DAYS}) if dice.random() < 0.5 else one
        for one in candidates
    ]
    return request, with_bids


@given(st.integers(0, 10**9))
@example(639195)  # two stages that cannot be done at all once added up to less than nothing
@settings(max_examples=200, deadline=None)
def test_it_plans_the_same_as_one_by_one(seed: int) -> None:
    request, candidates = asked(seed)
    plain = told(lambda: plan_route(request, candidates, distance=one_by_one, policy=POLICY, columns_from=0))
    columns = Columns(candidates, DAYS)
    assert told(lambda: plan_route(request, columns, distance=distance_m, policy=POLICY, columns_from=0)) == plain


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_it_explains_to_the_cent_and_whatever_the_order(seed: int) -> None:
    request, candidates = asked(seed)
    shuffled = candidates[:]
    random.Random(seed).shuffle(shuffled)
    plan = told(
        lambda: plan_route(request, Columns(candidates, DAYS), distance=distance_m, policy=POLICY, columns_from=0)
    )
    assert (
        told(lambda: plan_route(request, Columns(shuffled, DAYS), distance=distance_m, policy=POLICY, columns_from=0))
        == plan
    )
    if isinstance(plan, RoutePlan):
        assert explain.recompute(plan.explanation) == (plan.billed_cents, plan.steering_millicents)


def test_it_measures_to_the_metre() -> None:
    dice = random.Random(5)
    these = [Point(49.5 + 2 * dice.random(), 2.5 + 4 * dice.random()) for _ in range(300)]
    those = [Point(49.5 + 2 * dice.random(), 2.5 + 4 * dice.random()) for _ in range(300)]
    found = metres(Places.of(these), Places.of(those))
    assert found.tolist() == [[distance_m(a, b) for b in those] for a in these]


@given(st.integers(0, 10**9), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_it_measures_to_the_metre_in_any_shape_and_however_near(seed: int, rows: int, columns: int) -> None:
    dice = random.Random(seed)
    near = 10 ** dice.uniform(-6, 0.5)

    def some(count: int) -> list[Point]:
        return [Point(51 + near * dice.uniform(-1, 1), 4 + near * dice.uniform(-1, 1)) for _ in range(count)]

    these, those = some(rows), some(columns)
    assert metres(Places.of(these), Places.of(those)).tolist() == [[distance_m(a, b) for b in those] for a in these]


def test_it_remembers_kinds_of_work_but_never_what_was_free() -> None:
    """The same columns are asked again and again, while orders take room and give it back."""
    request, candidates = next(pair for pair in map(asked, range(99)) if _has_a_plan(*pair))
    columns = Columns(candidates, DAYS)

    def plan(now: Columns) -> object:
        return told(lambda: plan_route(request, now, distance=distance_m, policy=POLICY, columns_from=0))

    first = plan(columns)
    full = {(one.capability_id, day): (one.free[day], one.free[day]) for one in candidates for day in one.free}
    assert isinstance(plan(columns.with_promised(full)), dict), "everybody is full"
    assert plan(columns.with_promised({})) == first == plan(columns)


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_it_leaves_out_who_said_no_and_forgets_it_again(seed: int) -> None:
    """One set of columns is asked for an order that somebody refused, and for the next one that nobody did."""
    request, candidates = asked(seed)
    columns, dice = Columns(candidates, DAYS), random.Random(seed)
    for refused in (0, 3, 1, 0):
        request = replace(request, without=frozenset(dice.sample(range(30), refused)))
        plain = told(lambda one=request: plan_route(one, candidates, distance=one_by_one, policy=POLICY))
        found = told(lambda one=request: plan_route(one, columns, distance=distance_m, policy=POLICY, columns_from=0))
        assert found == plain


def test_its_mark_says_what_is_free_and_not_how_that_came() -> None:
    dice = random.Random(7)
    columns = Columns([replace(a_candidate(number, dice), free={DAY: 10}) for number in range(3)], DAYS, version="1")
    some = columns.with_promised({(1, DAY): (10, 4)})
    assert some.mark == columns.with_promised({(1, DAY): (8, 2), (2, DAY): (10, 0)}).mark
    assert some.mark not in {columns.mark, columns.with_promised({(2, DAY): (10, 4)}).mark}
    assert columns.with_promised({(2, DAY): (10, 0)}).mark == columns.mark


def test_it_takes_promises_off_and_changes_its_mark() -> None:
    dice = random.Random(7)
    candidates = [replace(a_candidate(number, dice), free={DAY: 10}) for number in range(5)]
    columns = Columns(candidates, DAYS, version="1")
    after = columns.with_promised({(3, DAY): (10, 4), (4, DAYS[1]): (8, 1), (99, DAY): (1, 1)})
    assert [one.free for one in after] == [{DAY: 10}] * 3 + [{DAY: 6}, {DAY: 10}]
    assert [one.free for one in columns] == [{DAY: 10}] * 5
    assert after.mark != columns.mark == Columns(candidates, DAYS, version="1").mark
    assert after[-2].free == {DAY: 6} and len(after[1:3]) == 2


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_it_bills_a_chain_the_same_whatever_its_days_are_worth(seed: int) -> None:
    """Bid prices choose a chain; the same hands on the same days cost the customer the same without them."""
    request, candidates = asked(seed)
    steered = told(lambda: _plain(request, candidates))
    if not isinstance(steered, RoutePlan):
        return
    new = [job for job in steered.jobs if not job.is_fixed]
    by_id = {one.capability_id: one for one in candidates}
    only = [
        replace(by_id[job.capability_id], bids={}, free={job.day: by_id[job.capability_id].free[job.day]})
        for job in new
    ]
    plain = _plain(request, only)
    assert (plain.jobs, plain.legs, plain.billed_cents) == (steered.jobs, steered.legs, steered.billed_cents)
    asked_for = sum(by_id[job.capability_id].bids.get(job.day, 0) * job.use for job in new)
    assert steered.steering_millicents == plain.steering_millicents + asked_for


def test_it_steers_away_from_a_scarce_day() -> None:
    request, candidates = next(pair for pair in map(asked, range(99)) if _has_a_plan(*pair))
    free = [replace(one, bids={}) for one in candidates]
    chosen = _plain(request, free).job(PACK)
    scarce = [
        replace(one, bids={chosen.day: 10**7}) if one.capability_id == chosen.capability_id else one for one in free
    ]
    now = _plain(request, scarce).job(PACK)
    assert (now.capability_id, now.day) != (chosen.capability_id, chosen.day)


def _has_a_plan(request: RouteRequest, candidates: list[Candidate]) -> bool:
    return not request.fixed and isinstance(told(lambda: _plain(request, candidates)), RoutePlan)


def _plain(request: RouteRequest, candidates: list[Candidate]) -> RoutePlan:
    return plan_route(request, Columns(candidates, DAYS), distance=distance_m, policy=POLICY, columns_from=0)


def test_it_is_not_a_sequence_past_its_end() -> None:
    with pytest.raises(IndexError):
        Columns([], DAYS)[0]
