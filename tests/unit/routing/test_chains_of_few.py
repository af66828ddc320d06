"""Several capabilities in one enterprise, stages that an order does not need, and days of several cycles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shortchain.kernel.geo import distance_m
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, PROCESS, Candidate, RoutePlan, RouteRequest, Unroutable
from tests.unit.routing.test_planner import DAY, DAYS, POLICY, deliverer, packer, simple_request

WEEK = timedelta(days=7)
ALL_DAYS = [*DAYS, *(day + WEEK for day in DAYS)]


def washer(number: int, **changes: object) -> Candidate:
    return packer(
        number, service="WASH", stage=PROCESS, price_form="kg", **{"free": dict.fromkeys(DAYS, 99_000)} | changes
    )  # type: ignore[arg-type]


def washing(**changes: object) -> RouteRequest:
    request = simple_request(**changes)
    return replace(request, lines=tuple(replace(line, process_service="WASH") for line in request.lines))


@pytest.fixture(params=[0, 100], ids=["columns", "one by one"])
def plan(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    def ask(question: RouteRequest, *found: Candidate) -> RoutePlan:
        return plan_route(
            question, Columns(found, ALL_DAYS), distance=distance_m, policy=POLICY, columns_from=request.param
        )

    return ask


def test_one_enterprise_does_the_whole_chain_and_brings_nothing_to_itself(plan) -> None:  # type: ignore[no-untyped-def]
    own = [replace(one, enterprise_id=7) for one in (washer(1), packer(2), deliverer(3))]
    found = plan(washing(), *own)
    assert [(job.stage, job.enterprise_id, job.capability_id) for job in found.jobs] == [
        (PROCESS, 7, 1),
        (PACK, 7, 2),
        (DELIVER, 7, 3),
    ]
    assert [leg.metres for leg in found.legs if leg.from_enterprise_id == leg.to_enterprise_id] in ([], [0])
    # without it there is nobody for any stage
    assert [row["extra_cents"] for row in found.explanation["without"]] == [None]


def test_leaves_the_stage_out_that_no_line_needs(plan) -> None:  # type: ignore[no-untyped-def]
    found = plan(simple_request(), washer(1), packer(2), deliverer(3))
    assert [job.stage for job in found.jobs] == [PACK, DELIVER]
    assert set(found.explanation["stages"]) == {PACK, DELIVER}


def test_washes_only_the_lines_that_ask_for_it(plan) -> None:  # type: ignore[no-untyped-def]
    request = simple_request()
    plain = request.lines[0]
    mixed = replace(request, lines=(plain, replace(plain, ref=2, process_service="WASH")))
    found = plan(mixed, washer(1), packer(2), deliverer(3))
    lines = {job.stage: job.lines for job in found.jobs}
    assert lines[PROCESS] == (2,) and sorted(lines[PACK]) == [plain.ref, 2]


def test_takes_the_room_of_the_cycle_that_is_asked_about(plan) -> None:  # type: ignore[no-untyped-def]
    """Both weeks are in the columns; who is full in one of them packs in the other."""
    this, next_week = dict.fromkeys(DAYS, 5), {day + WEEK: 5 for day in DAYS}
    now, later = packer(1, free=this | dict.fromkeys(next_week, 0)), packer(2, free=dict.fromkeys(this, 0) | next_week)
    brings = deliverer(3, free=this | next_week)
    assert plan(simple_request(), now, later, brings).job(PACK).enterprise_id == 1
    ask = simple_request(delivery_day=DAY + WEEK, first_day=DAYS[-1] + WEEK)
    assert plan(ask, now, later, brings).job(PACK).enterprise_id == 2
    with pytest.raises(Unroutable) as refusal:
        plan(ask, now, brings)
    assert refusal.value.stages == {"pack": {"capacity": 1}}
