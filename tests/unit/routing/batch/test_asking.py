"""Many orders as one problem: the prices, rules and days are those of one order at a time."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel.geo import distance_m
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing.batch.asking import Limit, Question, Standing, ask_together
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch
from shortchain.routing.column_stages import CLOSED
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import PROCESS, Candidate, RoutePlan, RouteRequest, Slot, Unroutable
from shortchain.routing.search import MILLI
from tests.unit.routing.test_planner import DAY, DAYS, POLICY, a_candidate, a_request, deliverer, packer, simple_request

SMALL = Budget(ascent=40, columns=4, moves=2, ejections=10, neighbourhoods=4)


def network(seed: int, *, providers: int = 40) -> tuple[random.Random, list[Candidate]]:
    dice = random.Random(seed)
    return dice, [in_halves(a_candidate(number, dice), dice) for number in range(providers)]


def in_halves(one: Candidate, dice: random.Random) -> Candidate:
    """Let one in three plan its days by halves."""
    if dice.random() < 0.67:
        return one
    mornings = {day: dice.randint(0, room) for day, room in one.free.items()}
    return replace(one, halves={day: (early, one.free[day] - early) for day, early in mornings.items()})


def alone(request: RouteRequest, candidates: list[Candidate]) -> RoutePlan | None:
    try:
        return plan_route(request, Columns(candidates, DAYS), distance=distance_m, policy=POLICY, columns_from=0)
    except Unroutable:
        return None


def planned(question: Question) -> BatchPlan:
    return solve_batch(question.problem, budget=SMALL, start=question.start)


def places_of(plan: RoutePlan, request: RouteRequest) -> dict[str, tuple[int, object]]:
    return {
        f"{PROCESS}:{job.service}" if job.stage == PROCESS else job.stage: (job.capability_id, job.day)
        for job in plan.jobs
        if not job.is_fixed
    }


@given(st.integers(0, 10**9))
@settings(max_examples=80, deadline=None)
def test_it_asks_the_same_price_as_for_one_order(seed: int) -> None:
    dice, candidates = network(seed)
    request = a_request(dice)
    lonely = alone(request, candidates)
    question = ask_together([Standing(7, request)], Columns(candidates, DAYS), policy=POLICY)
    if lonely is None:
        assert question.left_out == (7,) or planned(question).unserved == 1
        return
    plan = planned(question)
    assert plan.chains[0] is not None
    assert round(plan.cost * 1000) == lonely.billed_cents * 1000 + lonely.steering_millicents


def test_it_chooses_the_processors_of_every_kind() -> None:
    """Two orders want the same washer and cutter; there is room for one order at each, and each gets another pair."""
    dice = random.Random(3)
    request = a_request(dice)
    line = replace(request.lines[0], weight_g=500, storage_class="AMB", is_organic=False)
    both = replace(
        request,
        lines=tuple(replace(line, ref=ref, process_service=kind) for ref, kind in enumerate(("WASH", "CUT"))),
        is_pickup=False,
    )
    able = []
    for number, (stage, service) in enumerate(
        [("process", "WASH"), ("process", "CUT")] * 2 + [("pack", "BOX_ASSEMBLE")]
    ):
        one = a_candidate(number, dice)
        room = 500 if stage == "process" else 9
        able.append(
            replace(
                one,
                stage=stage,
                service=service,
                point=line.farm_point,
                radius_m=200_000,
                storage_classes=frozenset({"AMB", "COOL"}),
                price_form="order",
                price_cents=100 + 50 * number,
                lead_days=0,
                free={DAYS[1 if stage == "pack" else 2]: room},
                refuses=frozenset(),
            )
        )
    bringer = replace(able[-1], capability_id=9, enterprise_id=9, stage="deliver", service="DELIVER_BIKE")
    able.append(replace(bringer, free=dict.fromkeys(DAYS, 9)))
    question = ask_together([Standing(1, both), Standing(2, both)], Columns(able, DAYS), policy=POLICY)
    plan = planned(question)
    assert plan.unserved == 0
    chosen = [question.places(number, chain) for number, chain in enumerate(plan.chains) if chain is not None]
    assert sorted(places["process:WASH"][0] for places in chosen) == [0, 2]
    assert sorted(places["process:CUT"][0] for places in chosen) == [1, 3]


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_it_leaves_an_order_where_it_stands_unless_moving_pays(seed: int) -> None:
    dice, candidates = network(seed)
    request = a_request(dice)
    lonely = alone(request, candidates)
    if lonely is None:
        return
    standing = Standing(1, request, places_of(lonely, request))  # type: ignore[arg-type]
    question = ask_together([standing], Columns(candidates, DAYS), policy=POLICY)
    assert question.start[0] is not None
    assert question.moves(planned(question)) == {}
    bare = ask_together([replace(standing, places={})], Columns(candidates, DAYS), policy=POLICY)
    assert abs(planned(bare).cost - planned(question).cost) < 1e-6, "staying costs nothing extra"


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_it_never_chooses_the_unable_nor_more_than_there_is(seed: int) -> None:
    dice, candidates = network(seed, providers=25)
    orders = [Standing(number, a_request(dice)) for number in range(12)]
    columns = Columns(candidates, DAYS)
    question = ask_together(orders, columns, policy=POLICY)
    plan = planned(question)
    used: dict[Limit, float] = {}
    by_id = {one.capability_id: one for one in candidates}
    for number, chain in enumerate(plan.chains):
        if chain is None:
            continue
        request = question.orders[number].request
        for key, (capability, day) in question.places(number, chain).items():
            only = [
                replace(one, free={day: one.free[day]} if day in one.free else {}) if one is by_id[capability] else one
                for one in candidates
                if one.service != by_id[capability].service or one is by_id[capability]
            ]
            assert alone(request, only) is not None, f"{key} is possible by the rules of one order"
        for stage, row in zip(question.problem.orders[number].stages, chain, strict=True):
            for resource, amount in zip(stage.resource[row], stage.amount[row], strict=True):
                if resource >= 0:
                    place = question.limits[int(resource)]
                    used[place] = used.get(place, 0.0) + float(amount)
    for limit, amount in used.items():
        who = by_id[limit.capability]
        assert amount <= (who.room(limit.day, limit.half) if limit.day in who.free else CLOSED)


@given(st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_it_asks_the_same_whatever_the_order(seed: int) -> None:
    dice, candidates = network(seed, providers=25)
    orders = [Standing(number, a_request(dice)) for number in range(8)]
    shuffled, others = orders[:], candidates[:]
    dice.shuffle(shuffled)
    dice.shuffle(others)
    one = ask_together(orders, Columns(candidates, DAYS), policy=POLICY)
    other = ask_together(shuffled, Columns(others, DAYS), policy=POLICY)
    assert one.moves(planned(one)) == other.moves(planned(other))
    assert planned(one).bound == planned(other).bound


def test_it_prices_the_half_of_a_day_that_more_ask_for_than_there_is() -> None:
    """Three orders for an afternoon that holds one; the day and its morning hold all."""
    scarce = replace(deliverer(2), free={DAY: 9}, halves={DAY: (8, 1)})
    other = replace(deliverer(3), price_cents=2_000)
    request = simple_request(packs_same_day=True, first_day=DAY)
    found = Columns([packer(1), scarce, other], DAYS)
    question = ask_together([Standing(number, request) for number in range(3)], found, policy=POLICY)
    prices = question.prices_by_weekday(planned(question))
    assert prices[Slot(2, DAY.weekday(), AFTERNOON)] > 1_000 * MILLI
    assert Slot(2, DAY.weekday(), MORNING) not in prices and Slot(2, DAY.weekday()) not in prices
