"""Answers to online cases cost what looking at every chain gives."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from shortchain.kernel.geo import Point, distance_m
from shortchain.routing.cases.online import kilometres, places, solve_online_case


def a_case(seed: int, size: int = 24) -> dict[str, Any]:
    dice = random.Random(seed)

    def at() -> dict[str, float]:
        return {"lat": round(51 + dice.random() * 0.2, 5), "lon": round(3.6 + dice.random() * 0.3, 5)}

    providers = [
        {
            "id": number,
            "stage": ("process", "pack", "deliver")[number % 3],
            **at(),
            "services": dice.sample(["a", "b"], dice.randint(1, 2)),
            "temps": dice.sample(["chilled", "ambient"], dice.randint(1, 2)),
            "radius_km": dice.choice([8.0, 20.0, 45.0]),
            "eur_per_kg": dice.choice([0.2, 0.5]),
            "eur_per_order": dice.choice([1.0, 2.5]),
            "lead_days": dice.choice([0, 0, 1]),
            "days": sorted(dice.sample([0, 1, 2, 3, 4], 3)),
            "free_kg": {str(day): dice.choice([0, 4, 40]) for day in range(5)},
        }
        for number in range(size)
    ]
    orders = [
        {
            "id": number,
            **at(),
            "farms": [{**at(), "kg": 2}, {**at(), "kg": 3}][: dice.randint(1, 2)],
            "kg": 5,
            "need": {stage: dice.choice(["a", "b"]) for stage in ("process", "pack", "deliver")},
            "temp": dice.choice(["chilled", "ambient"]),
            "deliver_days": [3, 4],
            "eur_if_unserved": 60,
        }
        for number in range(4)
    ]
    rates = {"eur_per_kg_km_upstream": 0.012, "eur_per_km_last_mile": 0.3, "eur_per_kg_day_waiting": 0.04}
    return {"kind": "online", "cost": rates, "providers": providers, "orders": orders}


def km(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(kilometres(places([(one["lat"], one["lon"])]), places([(other["lat"], other["lon"])]))[0, 0])


def cost_of(case: dict[str, Any], order: dict[str, Any], chain: list[int]) -> float | None:
    """Cost of a chain, or None when a rule forbids it."""
    known = {one["id"]: one for one in case["providers"]}
    who, days, rates = [known[chain[place]] for place in (0, 2, 4)], chain[1::2], case["cost"]
    for one, stage, day in zip(who, ("process", "pack", "deliver"), days, strict=True):
        ends = order["farms"] if stage == "process" else [order]
        if (
            one["stage"] != stage
            or order["need"][stage] not in one["services"]
            or order["temp"] not in one["temps"]
            or day not in one["days"]
            or one["free_kg"].get(str(day), 0) < order["kg"]
            or any(km(one, end) > one["radius_km"] for end in ends)
        ):
            return None
    process, pack, deliver = who
    if days[0] + process["lead_days"] > days[1] or days[1] + pack["lead_days"] > days[2]:
        return None
    if days[2] not in order["deliver_days"]:
        return None
    upstream = sum(farm["kg"] * km(farm, process) for farm in order["farms"]) + order["kg"] * km(process, pack)
    last = km(deliver, pack) + km(pack, order) + km(order, deliver)
    return float(
        upstream * rates["eur_per_kg_km_upstream"]
        + last * rates["eur_per_km_last_mile"]
        + order["kg"] * (days[2] - days[0]) * rates["eur_per_kg_day_waiting"]
        + sum(one["eur_per_kg"] * order["kg"] + one["eur_per_order"] for one in who)
    )


@pytest.mark.parametrize("seed", range(6))
def test_it_costs_what_looking_at_every_chain_gives(seed: int) -> None:
    case = a_case(seed)
    stages = [[one["id"] for one in case["providers"] if one["id"] % 3 == stage] for stage in range(3)]
    plan = solve_online_case(case)
    for order, chain in zip(case["orders"], plan, strict=True):
        every = [
            found
            for who in itertools.product(*stages)
            for days in itertools.product(range(5), range(5), order["deliver_days"])
            if (found := cost_of(case, order, [who[0], days[0], who[1], days[1], who[2], days[2]])) is not None
        ]
        cheapest = min(every, default=order["eur_if_unserved"])
        if chain is None:
            assert cheapest >= order["eur_if_unserved"]
        else:
            assert cost_of(case, order, chain) == pytest.approx(cheapest, abs=1e-6)


def test_it_serves_somebody_in_the_cases_above() -> None:
    served = [chain is not None for seed in range(6) for chain in solve_online_case(a_case(seed))]
    assert any(served) and not all(served)


def test_it_gives_the_same_plan_when_providers_are_shuffled() -> None:
    case = a_case(3, size=60)
    plan = solve_online_case(case)
    random.Random(1).shuffle(case["providers"])
    assert solve_online_case(case) == plan


def test_it_leaves_an_order_when_no_chain_is_worth_it() -> None:
    case = a_case(3, size=60)
    assert any(solve_online_case(case))
    for order in case["orders"]:
        order["eur_if_unserved"] = 0.5
    assert solve_online_case(case) == [None] * len(case["orders"])


def test_it_measures_as_the_great_circle_does() -> None:
    here, there = (51.05, 3.72), (50.88, 5.33)
    assert kilometres(places([here]), places([there]))[0, 0] * 1000 == pytest.approx(
        distance_m(Point(*here), Point(*there)), abs=0.6
    )
