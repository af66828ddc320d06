"""Goods with an allergen never go where it may not come in, and what is sold as free from one only to who keeps it apart."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel.geo import distance_m
from shortchain.routing import told as telling
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Candidate, RoutePlan, RouteRequest, Unroutable
from shortchain.routing.requests import claimed, inside
from tests.unit.routing.test_columns import one_by_one, told
from tests.unit.routing.test_planner import DAYS, POLICY, a_candidate, a_request, deliverer, packer, simple_request


def asked(seed: int) -> tuple[RouteRequest, list[Candidate]]:
    dice = random.Random(seed)
    request = a_request(dice)
    lines = [
        replace(
            line,
            allergens=dice.choice([(), (), ("AW",), ("AN", "AW"), ("BC",)]),
            free_from=dice.choice([(), (), ("AM",), ("AM", "AE")]),
        )
        for line in request.lines
    ]
    found = [
        replace(
            a_candidate(number, dice),
            refuses=frozenset(dice.choice(["", "", "AW", "AN BC", "AM AE"]).split()),
            handles_apart=dice.random() < 0.6,
        )
        for number in range(dice.randint(6, 60))
    ]
    return replace(request, lines=tuple(lines)), found


@given(st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_columns_and_one_by_one_agree_and_nothing_comes_in_that_may_not(seed: int) -> None:
    request, candidates = asked(seed)
    plain = told(lambda: plan_route(request, candidates, distance=one_by_one, policy=POLICY, columns_from=0))
    columns = Columns(candidates, DAYS)
    other = replace(request, lines=tuple(replace(line, allergens=(), free_from=()) for line in request.lines))
    told(lambda: plan_route(other, columns, distance=distance_m, policy=POLICY, columns_from=0))
    assert told(lambda: plan_route(request, columns, distance=distance_m, policy=POLICY, columns_from=0)) == plain
    if isinstance(plain, RoutePlan):
        by_id = {one.capability_id: one for one in candidates}
        by_ref = {line.ref: set(line.allergens) for line in request.lines}
        for job in plain.jobs:
            if not job.is_fixed:
                assert not by_id[job.capability_id].refuses & set().union(*(by_ref[ref] for ref in job.lines))
                claims = frozenset(code for line in request.lines if line.ref in job.lines for code in line.free_from)
                assert job.stage == "deliver" or by_id[job.capability_id].keeps_apart(claims)


@given(st.integers(0, 10**9))
@settings(max_examples=80, deadline=None)
def test_who_is_not_named_in_a_large_network_is_told_the_same_reason(seed: int) -> None:
    """Each candidate's chance, worked out from all names and from the few that columns store."""
    request, candidates = asked(seed)
    request = replace(request, without=frozenset(random.Random(seed).sample(range(60), 4)))
    one_each = [replace(one, enterprise_id=one.capability_id) for one in candidates]
    plain = told_in_full(request, one_each, is_large=False)
    large = told_in_full(request, one_each, is_large=True)
    if plain is None or large is None:
        assert plain is large
        return
    for one in one_each:
        ability = telling.Ability(
            one.service,
            one.storage_classes,
            one.refuses,
            one.price_form,
            bool(one.pickup_price_cents),
            one.handles_apart,
        )
        few = telling.chances(large.explanation, one.enterprise_id, abilities=[ability])
        assert few == telling.chances(plain.explanation, one.enterprise_id)


def told_in_full(request: RouteRequest, candidates: list[Candidate], *, is_large: bool) -> RoutePlan | None:
    found = Columns(candidates, DAYS) if is_large else candidates
    try:
        return plan_route(
            request, found, distance=distance_m if is_large else one_by_one, policy=POLICY, columns_from=0
        )
    except Unroutable:
        return None


@pytest.mark.parametrize("columns_from", [0, 100])
def test_names_the_rule(columns_from: int) -> None:
    request = simple_request()
    request = replace(request, lines=tuple(replace(line, allergens=("BC",)) for line in request.lines))
    found = Columns([packer(1, refuses=frozenset({"BC"})), deliverer(2)], DAYS)
    with pytest.raises(Unroutable) as refusal:
        plan_route(request, found, distance=distance_m, policy=POLICY, columns_from=columns_from)
    assert refusal.value.stages == {"pack": {"allergen": 1}}


def test_traces_count_and_what_is_free_or_unknown_does_not() -> None:
    answers = {"BC": "contains", "AN": "may_contain", "AW": "free", "AM": "unknown"}
    assert inside(answers) == ("AN", "BC")
    assert claimed({**answers, "AC": "free_from"}) == ("AC",)


def examples() -> list[tuple[str, bool, str, bool]]:
    """Read the table of docs/routing.md: sold as free from, handles apart, lets not in, may work on it."""
    lines = (Path(__file__).parents[3] / "docs/routing.md").read_text().splitlines()
    first = lines.index("| Sold as free from | Handles apart | Lets not in | May work on it |") + 2
    rows = [line.strip("|").split("|") for line in takewhile(lambda line: line.startswith("|"), lines[first:])]
    return [(sold.strip(), apart.strip() == "yes", out.strip(), may.strip() == "yes") for sold, apart, out, may in rows]


@pytest.mark.parametrize(("sold", "apart", "out", "may"), examples())
@pytest.mark.parametrize("columns_from", [0, 100])
def test_what_is_sold_as_free_goes_to_who_keeps_it_apart(
    sold: str, apart: bool, out: str, may: bool, columns_from: int
) -> None:
    words = {"gluten": "AW", "milk": "AM"}
    request = simple_request()
    claims = tuple(words[word] for word in sold.split())
    request = replace(request, lines=tuple(replace(line, free_from=claims) for line in request.lines))
    packs = packer(1, handles_apart=apart, refuses=frozenset(words[word] for word in out.split()))
    found = Columns([packs, deliverer(2)], DAYS)  # who brings closed boxes is never asked
    if may:
        plan = plan_route(request, found, distance=distance_m, policy=POLICY, columns_from=columns_from)
        assert [job.enterprise_id for job in plan.jobs] == [1, 2]
        return
    with pytest.raises(Unroutable) as refusal:
        plan_route(request, found, distance=distance_m, policy=POLICY, columns_from=columns_from)
    assert refusal.value.stages == {"pack": {"apart": 1}}
