"""At a farm's gate there is no stage: nobody is asked, nothing is billed, and the explanation says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shortchain.kernel.geo import Point, distance_m
from shortchain.routing import explain, told
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Line, Policy, RouteRequest

DAY = date(2026, 11, 26)
FARM = Point(51.0, 3.65)
LEEK = Line(1, 7, "Hof", FARM, 2000, "AMB", False)
ASKED = RouteRequest((LEEK, replace(LEEK, ref=2, weight_g=500)), FARM, True, DAY, DAY, at_gate=True)


def test_the_farm_hands_over_what_it_grew() -> None:
    plan = plan_route(ASKED, (), distance=distance_m, policy=Policy())
    assert plan.jobs == ()
    [leg] = plan.legs
    assert (leg.carrier_id, leg.to_enterprise_id, leg.weight_g, leg.cost_cents) == (7, None, 2500, 0)
    assert (plan.billed_cents, plan.steering_millicents) == explain.recompute(plan.explanation) == (0, 0)
    assert told.at_gate(plan.explanation) == "Hof"


def test_the_same_question_has_the_same_mark_and_another_has_another() -> None:
    mark = plan_route(ASKED, (), distance=distance_m, policy=Policy()).explanation["input"]
    turned = replace(ASKED, lines=ASKED.lines[::-1])
    assert plan_route(turned, (), distance=distance_m, policy=Policy()).explanation["input"] == mark
    less = replace(ASKED, lines=ASKED.lines[:1])
    assert plan_route(less, (), distance=distance_m, policy=Policy()).explanation["input"] != mark


@pytest.mark.parametrize("odd", [{"farm_id": 8}, {"process_service": "WASH"}])
def test_nobody_collects_there_what_others_grew_or_work_on(odd: dict[str, object]) -> None:
    asked = replace(ASKED, lines=(LEEK, replace(LEEK, ref=2, **odd)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one farm"):
        plan_route(asked, (), distance=distance_m, policy=Policy())
