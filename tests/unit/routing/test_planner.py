"""The planner equals looking at every combination, and never uses anybody who can not."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.enterprises.fetch_tariffs import Fetch, FetchTariff
from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import costs, explain, rules
from shortchain.routing.planner import groups_of, plan_route
from shortchain.routing.plans import (
    DELIVER,
    PACK,
    PROCESS,
    Candidate,
    Fixed,
    Line,
    Policy,
    RoutePlan,
    RouteRequest,
    Unroutable,
)

DAY = date(2026, 11, 26)
DAYS = [DAY - timedelta(days=back) for back in range(3)]
POLICY = Policy()
SERVICES = {
    PROCESS: ["WASH", "CUT"],
    PACK: ["BOX_ASSEMBLE"],
    DELIVER: ["DELIVER_BIKE", "DELIVER_VAN"],
}


def a_point(dice: random.Random) -> Point:
    return Point(round(51 + dice.random() * 0.15, 5), round(3.6 + dice.random() * 0.25, 5))


def a_candidate(number: int, dice: random.Random) -> Candidate:
    stage = dice.choice([PROCESS, PACK, DELIVER])
    size = {PROCESS: 3000, PACK: 1, DELIVER: 1}[stage]
    return Candidate(
        capability_id=number,
        enterprise_id=dice.choice([number, number // 2]),
        name=f"P{number}",
        service=dice.choice(SERVICES[stage]),
        stage=stage,
        point=a_point(dice),
        radius_m=dice.choice([4_000, 12_000, 40_000]),
        price_form=dice.choice(
            {PROCESS: ["kg", "order"], PACK: ["box", "order", "kg"], DELIVER: ["stop", "km"]}[stage]
        ),
        price_cents=dice.choice([100, 150, 150, 400]),
        minimum_cents=dice.choice([0, 120]),
        pickup_price_cents=dice.choice([0, 90]),
        lead_days=dice.choice([0, 0, 1]),
        trip_share_pct=dice.choice([100, 100, 30, 65]),
        storage_classes=frozenset(dice.choice([("AMB", "COOL"), ("AMB", "COOL"), ("AMB",)])),
        organic=((DAY - timedelta(days=9), DAY + timedelta(days=9)),) if dice.random() < 0.6 else (),
        free={day: dice.choice([0, size, 9 * size]) for day in DAYS if dice.random() < 0.8},
    )


def a_request(dice: random.Random) -> RouteRequest:
    lines = tuple(
        Line(
            ref=ref,
            farm_id=100 + ref % 2,
            farm_name="F",
            farm_point=Point(51.02, 3.65 + 0.1 * (ref % 2)),
            weight_g=dice.choice([500, 1500]),
            storage_class=dice.choice(["AMB", "COOL"]),
            is_organic=dice.random() < 0.2,
            process_service=dice.choice([None, None, "WASH", "CUT"]),
        )
        for ref in range(dice.randint(1, 4))
    )
    home, is_pickup = a_point(dice), dice.random() < 0.3
    fetches = some_fetches(random.Random(repr(home)))
    return RouteRequest(lines, home, is_pickup, DAY, DAY - timedelta(days=2), fetches=fetches)


def some_fetches(dice: random.Random) -> dict[int, Fetch]:
    """Let carriers with tariffs of their own fetch at some of the farms and of the enterprises, in half of all networks."""
    if dice.random() < 0.5:
        return {}
    return {
        giver: Fetch(
            900,
            "Ophaler",
            FetchTariff(*(dice.choice(amounts) for amounts in ((0, 80, 200), (0, 7, 45), (0, 3), (0, 150)))),
            frozenset(dice.choice([("AMB", "COOL"), ("AMB",)])),
            frozenset(),
        )
        for giver in (*range(30), 100, 101)
        if dice.random() < 0.5
    }


def able(candidate: Candidate, work: rules.Work) -> tuple[date, ...]:
    return rules.judge(candidate, work, without=frozenset(), distance=distance_m)[0]


def every_chain(request: RouteRequest, candidates: list[Candidate]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Price every combination without any pruning."""
    from shortchain.routing.planner import works_of

    works = {key: work for key, _stage, work in works_of(request, groups_of(request), POLICY)}
    options = {}
    for key, work in works.items():
        stage = key.split(":")[0]
        options[key] = [(c, day) for c in candidates if c.stage == stage for day in able(c, work)]
    groups = groups_of(request)
    direct = [line for line in request.lines if line.process_service is None]
    ranks = []
    keys = [f"{PROCESS}:{service}" for service, _ in groups]
    for combo in itertools.product(*(options[key] for key in keys), options[PACK], options[DELIVER]):
        *process, (packer, pack_day), (deliverer, _day) = combo
        if any(day + timedelta(days=c.lead_days) > pack_day for c, day in process):
            continue
        ranks.append(_rank(request, groups, direct, process, packer, pack_day, deliverer))
    return ranks


def _bring(request: RouteRequest, lines: list[Line], to: Candidate) -> tuple[int, int]:
    farms: dict[int, list[Line]] = {}
    for line in lines:
        farms.setdefault(line.farm_id, []).append(line)
    ways = [(distance_m(own[0].farm_point, to.point), own) for own in farms.values()]
    return sum(_moved(request, own[0].farm_id, to, way, own) for way, own in ways), sum(way for way, _ in ways)


def _moved(request: RouteRequest, giver: int, to: Candidate, way: int, lines: Sequence[Line]) -> int:
    """Price one movement in cents, in fractions: by the tariff of who fetches these goods there, else by the rate."""
    grams = sum(line.weight_g for line in lines)
    fetch = request.fetches.get(giver)
    if fetch is None or giver == to.enterprise_id or not {line.storage_class for line in lines} <= fetch.classes:
        return costs.upstream_cents(grams, way, POLICY)
    asks = fetch.tariff
    exact = asks.stop_cents + Fraction(asks.km_cents * way + asks.kg_cents * grams, 1000)
    return max(asks.minimum_cents, math.floor(exact + Fraction(1, 2)))


def _rank(request, groups, direct, process, packer, pack_day, deliverer):  # type: ignore[no-untyped-def]
    boxes = costs.boxes_for(request.weight_g, POLICY)
    cents, metres, steer, ids = 0, 0, 0, []
    for (_service, lines), (who, day) in zip(groups, process, strict=True):
        weight = sum(line.weight_g for line in lines)
        inbound, way = _bring(request, list(lines), who)
        onward = distance_m(who.point, packer.point)
        cents += inbound + _moved(request, who.enterprise_id, packer, onward, lines)
        cents += costs.service_cents(
            who,
            weight_g=weight,
            boxes=costs.boxes_for(weight, POLICY),
            pieces=len(lines),
            metres=way,
        )
        steer += costs.waiting_millicents(weight, day, DAY, POLICY)
        metres += way + onward
        ids += [who.enterprise_id, who.capability_id, day.toordinal()]
    inbound, way = _bring(request, direct, packer)
    cents += inbound + costs.service_cents(
        packer, weight_g=request.weight_g, boxes=boxes, pieces=len(request.lines), metres=way
    )
    steer += costs.waiting_millicents(request.weight_g, pack_day, DAY, POLICY)
    ids += [packer.enterprise_id, packer.capability_id, pack_day.toordinal()]
    trip = costs.round_trip_m(deliverer, packer.point, request, distance_m)
    cents += costs.delivery_cents(deliverer, request, round_trip_m=trip, boxes=boxes)
    steer += trip * (POLICY.steer_last_mile_millicents_km * deliverer.trip_share_pct // 100) // 1000
    ids += [deliverer.enterprise_id, deliverer.capability_id, DAY.toordinal()]
    return (cents * 1000 + steer, metres + way + trip, tuple(ids))


def rank_of(plan: RoutePlan) -> tuple[int, int]:
    return (plan.billed_cents * 1000 + plan.steering_millicents, plan.metres)


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_equals_the_full_search_on_random_networks(seed: int) -> None:
    dice = random.Random(seed)
    request = a_request(dice)
    candidates = [a_candidate(number, dice) for number in range(dice.randint(4, 22))]
    ranks = every_chain(request, candidates)
    if not ranks:
        with pytest.raises(Unroutable):
            plan_route(request, candidates, distance=distance_m, policy=POLICY)
        return
    plan = plan_route(request, candidates, distance=distance_m, policy=POLICY)
    assert rank_of(plan) == min(ranks)[:2]
    shuffled = candidates[:]
    dice.shuffle(shuffled)
    again = plan_route(request, shuffled, distance=distance_m, policy=POLICY)
    assert again == plan


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_uses_nobody_who_can_not_and_explains_to_the_cent(seed: int) -> None:
    dice = random.Random(seed)
    request = a_request(dice)
    candidates = [a_candidate(number, dice) for number in range(20)]
    try:
        plan = plan_route(request, candidates, distance=distance_m, policy=POLICY)
    except Unroutable as refusal:
        assert refusal.stages
        return
    by_id = {candidate.capability_id: candidate for candidate in candidates}
    for job in plan.jobs:
        who = by_id[job.capability_id]
        assert who.free[job.day] >= job.use
        classes = {line.storage_class for line in request.lines if line.ref in job.lines}
        assert classes <= who.storage_classes
    for key, stage in plan.explanation["stages"].items():
        assert stage["able"] + sum(stage["left_out"].values()) == stage["candidates"], key
    assert explain.recompute(plan.explanation) == (plan.billed_cents, plan.steering_millicents)
    assert sum(leg.cost_cents for leg in plan.legs) + sum(job.cost_cents for job in plan.jobs) == plan.billed_cents
    for leg in plan.explanation["legs"]:
        if tariff := leg.get("tariff"):
            asks = FetchTariff(*(tariff[name] for name in ("stop_cents", "km_cents", "kg_cents", "minimum_cents")))
            assert leg["cents"] == asks.cents(weight_g=leg["grams"], metres=leg["metres"])
            assert leg["from"] != leg["to"] and asks == request.fetches[leg["from"]].tariff
        elif leg["to"] is not None:
            assert leg["cents"] == costs.upstream_cents(leg["grams"], leg["metres"], POLICY)
    packed = {ref for job in plan.jobs if job.stage == PACK for ref in job.lines}
    assert packed == {line.ref for line in request.lines}


def packer(number: int, *, price: int = 100, **changes: object) -> Candidate:
    values: dict[str, object] = {
        "capability_id": number,
        "enterprise_id": number,
        "name": f"Packer {number}",
        "service": "BOX_ASSEMBLE",
        "stage": PACK,
        "point": Point(51.05, 3.70),
        "radius_m": 30_000,
        "price_form": "order",
        "price_cents": price,
        "storage_classes": frozenset({"AMB", "COOL"}),
        "free": dict.fromkeys(DAYS, 5),
    }
    return Candidate(**(values | changes))  # type: ignore[arg-type]


def deliverer(number: int, **changes: object) -> Candidate:
    return packer(
        number,
        service="DELIVER_BIKE",
        stage=DELIVER,
        price_form="stop",
        pickup_price_cents=80,
        **changes,
    )  # type: ignore[arg-type]


def simple_request(**changes: object) -> RouteRequest:
    values: dict[str, object] = {
        "lines": (Line(1, 9, "Farm", Point(51.0, 3.6), 2000, "COOL", False),),
        "destination": Point(51.06, 3.73),
        "is_pickup": False,
        "delivery_day": DAY,
        "first_day": DAYS[-1],
    }
    return RouteRequest(**(values | changes))  # type: ignore[arg-type]


REFUSALS = [
    # candidate changes                                   request changes                    code
    ({"service": "LABEL"}, {}, "service"),
    ({"storage_classes": frozenset({"AMB"})}, {}, "temperature"),
    ({"price_form": "hour"}, {}, "price"),
    ({"radius_m": 100}, {}, "radius"),
    ({"free": {}}, {}, "closed"),
    ({"lead_days": 3}, {}, "lead"),
    ({"free": dict.fromkeys(DAYS, 0)}, {}, "capacity"),
    ({}, {"without": frozenset({1})}, "excluded"),
]


@pytest.mark.parametrize(("change", "ask", "code"), REFUSALS, ids=[row[2] for row in REFUSALS])
def test_names_the_rule_that_left_somebody_out(change: dict, ask: dict, code: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(Unroutable) as refusal:
        plan_route(
            simple_request(**ask),
            [packer(1, **change), deliverer(2)],
            distance=distance_m,
            policy=POLICY,
        )
    assert refusal.value.stages["pack"] == {code: 1}


def test_wants_a_certificate_for_organic_goods_on_the_day_itself() -> None:
    line = Line(1, 9, "Farm", Point(51.0, 3.6), 2000, "COOL", is_organic=True)
    ran_out = packer(1, organic=((DAY - timedelta(days=90), DAY - timedelta(days=5)),))
    with pytest.raises(Unroutable) as refusal:
        plan_route(
            simple_request(lines=(line,)),
            [ran_out, deliverer(2)],
            distance=distance_m,
            policy=POLICY,
        )
    assert refusal.value.stages["pack"] == {"organic": 1}
    valid = packer(3, price=900, organic=((DAY - timedelta(days=90), DAY),))
    plan = plan_route(
        simple_request(lines=(line,)),
        [ran_out, valid, deliverer(2)],
        distance=distance_m,
        policy=POLICY,
    )
    assert plan.job(PACK).enterprise_id == 3


def test_moves_to_the_next_best_when_one_declines() -> None:
    candidates = [packer(1), packer(2, price=130), deliverer(5)]
    first = plan_route(simple_request(), candidates, distance=distance_m, policy=POLICY)
    assert first.job(PACK).enterprise_id == 1
    second = plan_route(simple_request(without=frozenset({1})), candidates, distance=distance_m, policy=POLICY)
    assert second.job(PACK).enterprise_id == 2
    told = next(row for row in first.explanation["without"] if row["enterprise"] == 1)
    assert told["extra_cents"] == second.billed_cents - first.billed_cents


def test_leaves_fixed_stages_where_they_are() -> None:
    kept = Fixed(capability_id=7, enterprise_id=7, name="Kept", point=Point(51.01, 3.66), day=DAYS[1], vat_rate_bp=600)
    plan = plan_route(
        simple_request(fixed={PACK: kept}),
        [packer(1), deliverer(2)],
        distance=distance_m,
        policy=POLICY,
    )
    assert plan.job(PACK).enterprise_id == 7
    assert plan.job(PACK).is_fixed
    assert plan.job(PACK).cost_cents == 0
    assert [leg.is_fixed for leg in plan.legs] == [True, False]


@pytest.mark.parametrize("rate", [600, 2100])
def test_pays_who_stays_for_a_new_way_at_its_own_rate(rate: int) -> None:
    """A processor that stays brings to another packer: its transport carries the VAT of its scheme, recognised or not."""
    kept = Fixed(7, 7, "Kept", Point(51.01, 3.66), DAYS[1], rate)
    request = simple_request(fixed={"process:WASH": kept})
    request = replace(request, lines=tuple(replace(line, process_service="WASH") for line in request.lines))
    plan = plan_route(request, [packer(1), deliverer(2)], distance=distance_m, policy=POLICY)
    [way] = [leg for leg in plan.legs if leg.carrier_id == 7]
    assert (way.vat_rate_bp, way.is_fixed) == (rate, False)
    assert way.cost_cents > 0


def test_asks_the_price_for_a_pickup_point_there() -> None:
    plan = plan_route(
        simple_request(is_pickup=True),
        [packer(1), deliverer(2)],
        distance=distance_m,
        policy=POLICY,
    )
    assert plan.job(DELIVER).cost_cents == 80


def test_packs_the_day_before_when_the_delivery_comes_in_the_morning() -> None:
    plan = plan_route(
        simple_request(packs_same_day=False),
        [packer(1), deliverer(2)],
        distance=distance_m,
        policy=POLICY,
    )
    assert plan.job(PACK).day == DAY - timedelta(days=1)
    only_today = packer(1, free={DAY: 5})
    with pytest.raises(Unroutable) as refusal:
        plan_route(
            simple_request(packs_same_day=False),
            [only_today, deliverer(2)],
            distance=distance_m,
            policy=POLICY,
        )
    assert refusal.value.stages["pack"] == {"closed": 1}
