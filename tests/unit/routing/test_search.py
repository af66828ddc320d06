"""The search looks at little: counted in measured ways, so that the test does not depend on the machine."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from shortchain.kernel.geo import Point, distance_m
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, PROCESS, Candidate, Line, Policy, RouteRequest

DAY = date(2026, 11, 26)
DAYS = [DAY - timedelta(days=back) for back in range(3)]
SERVICE = {PROCESS: "WASH", PACK: "BOX_ASSEMBLE", DELIVER: "DELIVER_VAN"}
PRICE = {PROCESS: ("kg", 40), PACK: ("box", 240), DELIVER: ("stop", 450)}


def network(dice: random.Random, each: int) -> list[Candidate]:
    found = []
    for number in range(3 * each):
        stage = (PROCESS, PACK, DELIVER)[number % 3]
        form, price = PRICE[stage]
        found.append(
            Candidate(
                capability_id=number,
                enterprise_id=number,
                name=str(number),
                service=SERVICE[stage],
                stage=stage,
                point=Point(50.8 + dice.random() * 0.5, 3.3 + dice.random() * 1.2),
                radius_m=60_000,
                price_form=form,
                price_cents=price + dice.randint(0, 100),
                storage_classes=frozenset({"COOL"}),
                free=dict.fromkeys(DAYS, 100_000),
            )
        )
    return found


@pytest.mark.parametrize("seed", range(5))
def test_measures_few_ways_among_a_hundred_of_each(seed: int) -> None:
    dice = random.Random(seed)
    candidates = network(dice, 100)
    lines = tuple(
        Line(n, 1000 + n % 3, "f", Point(50.9 + 0.1 * (n % 3), 3.8), 1500, "COOL", False, "WASH" if n % 2 else None)
        for n in range(4)
    )  # fmt: skip
    request = RouteRequest(lines, Point(51.05, 3.72), False, DAY, DAYS[-1])
    measured = 0

    def counting(a: Point, b: Point) -> int:
        nonlocal measured
        measured += 1
        return distance_m(a, b)

    plan_route(request, candidates, distance=counting, policy=Policy(runner_ups=False))
    # every packer with every processor and deliverer would be 20,000; the rules alone take 300 to 500
    assert measured < 2_500


def test_keeps_everything_of_a_candidate_but_its_free_capacity() -> None:
    candidate = network(random.Random(1), 1)[0]
    other = candidate.with_free({DAY: 1})
    names = [name for name in Candidate.__dataclass_fields__ if name != "free"]
    assert [getattr(other, name) for name in names] == [getattr(candidate, name) for name in names]
    assert other.free == {DAY: 1}
