"""Batch cases from a file: what the columns say of them is what the case says."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import pytest

from bench.routing_batch import make_case
from shortchain.routing.batch.solving import solve_batch
from shortchain.routing.cases.batch import network_of, solve_batch_case, solve_decline_case


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    return {**make_case(4, orders=40, providers=60), "seconds": 600}


@pytest.fixture(scope="module")
def answer(case: dict[str, Any]) -> list[list[int] | None]:
    return solve_batch_case(case)


def km(a: Any, b: Any) -> float:
    p, q = math.radians(a["lat"]), math.radians(b["lat"])
    far = math.radians(b["lon"] - a["lon"])
    return 6371.0088 * math.acos(min(1.0, math.sin(p) * math.sin(q) + math.cos(p) * math.cos(q) * math.cos(far)))


def check(case: dict[str, Any], plan: list[list[int] | None]) -> int:
    """Hold a plan against the rules of the case, written out anew; gives how many are served."""
    firms = {one["id"]: one for one in case["providers"]}
    used: dict[tuple[int, str | None, int], float] = {}
    for order, chain in zip(case["orders"], plan, strict=True):
        if chain is None:
            continue
        days = chain[1::2]
        for stage, number, day in zip(("process", "pack", "deliver"), chain[::2], days, strict=True):
            firm = firms[number]
            assert firm["stage"] == stage
            assert order["need"][stage] in firm["services"]
            assert order["temp"] in firm["temps"]
            assert day in firm["days"]
            ends = order["farms"] if stage == "process" else [order]
            assert all(km(end, firm) <= firm["radius_km"] + 1e-3 for end in ends)
            key = (number, None, day)
            used[key] = used.get(key, 0) + (1 if stage == "deliver" else order["kg"])
            own = (number, order["need"][stage], day)
            used[own] = used.get(own, 0) + order["kg"]
        assert days[0] + firms[chain[0]]["lead_days"] <= days[1]
        assert days[1] + firms[chain[2]]["lead_days"] <= days[2]
        assert days[2] in order["deliver_days"]
    for (number, service, day), amount in used.items():
        of = (
            firms[number]["capacity_per_day"] if service is None else firms[number]["capacity_per_service_day"][service]
        )
        assert amount <= of[str(day)]
    return sum(chain is not None for chain in plan)


def test_it_keeps_every_rule_of_the_case(case: dict[str, Any], answer: list[list[int] | None]) -> None:
    assert check(case, answer) > len(answer) / 2


def test_it_gives_the_same_plan_however_the_case_is_shuffled(
    case: dict[str, Any], answer: list[list[int] | None]
) -> None:
    dice = random.Random(9)
    orders, providers = case["orders"][:], case["providers"][:]
    dice.shuffle(orders)
    dice.shuffle(providers)
    shuffled = solve_batch_case({**case, "orders": orders, "providers": providers})
    by_id = {order["id"]: chain for order, chain in zip(orders, shuffled, strict=True)}
    assert [by_id[order["id"]] for order in case["orders"]] == answer


def test_it_is_cut_off_at_the_same_plan_however_the_case_is_shuffled() -> None:
    """Who stops it after so much work, and not by a clock, gets the same bytes too."""
    case = make_case(5, orders=40, providers=60)
    dice = random.Random(5)
    mixed = {**case, **{key: dice.sample(case[key], len(case[key])) for key in ("orders", "providers")}}
    plans = []
    for one in (case, mixed):
        asked = itertools.count()
        plans.append(solve_batch(network_of(one).problem, stop=lambda asked=asked: next(asked) >= 300))  # type: ignore[misc]
    assert plans[0].truncated
    assert repr(plans[0]) == repr(plans[1])


def test_it_moves_only_whom_a_decline_hits(case: dict[str, Any], answer: list[list[int] | None]) -> None:
    served = [chain for chain in answer if chain is not None]
    gone = [served[0][0], served[1][2]]
    affected = [
        order["id"]
        for order, chain in zip(case["orders"], answer, strict=True)
        if chain is not None and set(chain[::2]) & set(gone)
    ]
    asked = {"kind": "decline", "assignment": answer, "declined_providers": gone, "affected_orders": affected}
    found = solve_decline_case(asked, case)
    assert len(found) == len(affected)
    new = dict(zip(affected, found, strict=True))
    whole = [new.get(order["id"], chain) for order, chain in zip(case["orders"], answer, strict=True)]
    check(case, whole)
    assert all(not set(chain[::2]) & set(gone) for chain in found if chain is not None)


def test_it_refuses_an_assignment_that_cannot_be(case: dict[str, Any], answer: list[list[int] | None]) -> None:
    wrong: list[list[int] | None] = [[case["providers"][0]["id"], 77] * 3, *answer[1:]]
    asked = {"kind": "decline", "assignment": wrong, "declined_providers": [], "affected_orders": []}
    with pytest.raises(ValueError, match="not possible"):
        solve_decline_case(asked, case)


def test_it_says_that_nobody_can_where_the_case_says_so() -> None:
    """Read off the case alone, provider by provider; capacity left aside."""
    case = make_case(1, orders=400, providers=45)
    alone = [
        not all(_somebody(case, order, stage) for stage in ("process", "pack", "deliver")) for order in case["orders"]
    ]
    assert 0 < sum(alone) < 40
    assert [not order.is_possible for order in network_of(case).problem.orders] == alone


def _somebody(case: dict[str, Any], order: dict[str, Any], stage: str) -> bool:
    ends = order["farms"] if stage == "process" else [order]
    return any(
        firm["stage"] == stage
        and order["need"][stage] in firm["services"]
        and order["temp"] in firm["temps"]
        and all(km(end, firm) <= firm["radius_km"] for end in ends)
        and (stage != "deliver" or set(firm["days"]) & set(order["deliver_days"]))
        for firm in case["providers"]
    )
