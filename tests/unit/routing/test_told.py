"""A stored explanation told to who asks; what is told follows from the document and from nothing else."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.kernel.geo import distance_m
from shortchain.routing import explain, told
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import DELIVER, PACK, PROCESS, Policy, RoutePlan, Unroutable
from shortchain.routing.rules import REASONS
from tests.unit.routing.test_planner import a_candidate, a_request


def stored(plan: RoutePlan) -> dict[str, Any]:
    """Give the explanation as the database gives it back."""
    read: dict[str, Any] = json.loads(json.dumps(plan.explanation))
    return read


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_what_is_stored_adds_up_to_the_cent_and_knows_everybody(seed: int) -> None:
    dice = random.Random(seed)
    request, candidates = a_request(dice), [a_candidate(number, dice) for number in range(20)]
    try:
        plan = plan_route(request, candidates, distance=distance_m, policy=Policy())
    except Unroutable:
        return
    kept = stored(plan)
    assert explain.recompute(kept) == (plan.billed_cents, plan.steering_millicents)
    assert (kept["billed_cents"], kept["steering_millicents"]) == (plan.billed_cents, plan.steering_millicents)
    for key, stage in kept["stages"].items():
        able = {who for code, ids in stage["who"].items() if code == told.ABLE for who in ids}
        assert told.stage_key(next(job for job in kept["jobs"] if told.stage_key(job) == key)) == key
        assert plan_doer(plan, key) in able
        pool = [one for one in candidates if one.stage == key.partition(":")[0]]
        named = {who for ids in stage["who"].values() for who in ids}
        assert named == {one.enterprise_id for one in pool}
        assert set(stage["who"]) == set(stage["left_out"]) | {told.ABLE}


def plan_doer(plan: RoutePlan, key: str) -> int:
    stage, _, service = key.partition(":")
    return next(
        job.enterprise_id for job in plan.jobs if job.stage == stage and (stage != PROCESS or job.service == service)
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_every_enterprise_hears_how_it_came_out(seed: int) -> None:
    dice = random.Random(seed)
    request, candidates = a_request(dice), [a_candidate(number, dice) for number in range(20)]
    try:
        plan = plan_route(request, candidates, distance=distance_m, policy=Policy())
    except Unroutable:
        return
    kept = stored(plan)
    for enterprise_id in {one.enterprise_id for one in candidates}:
        for chance in told.chances(kept, enterprise_id):
            won = plan_doer(plan, chance.stage) == enterprise_id
            assert won == (chance.code == told.GOT)
            assert chance.code in {told.GOT, told.DEARER, told.ABLE, *REASONS} - {"service"}
            if chance.code == told.GOT:
                why = told.chosen(kept, chance.stage, enterprise_id)
                assert why is not None
                assert 1 <= why.able <= why.candidates


DOCUMENT: dict[str, Any] = {
    "jobs": [
        {
            "stage": PACK,
            "service": "BOX_ASSEMBLE",
            "enterprise": 1,
            "name": "De Pakker",
            "day": "2026-11-25",
            "cents": 200,
        },
        {
            "stage": DELIVER,
            "service": "DELIVER_BIKE",
            "enterprise": 2,
            "name": "De Fiets",
            "day": "2026-11-26",
            "cents": 400,
        },
    ],
    "legs": [
        {"carrier": 9, "from": 9, "to": 1, "cents": 38, "metres": 8000, "grams": 6000},
        {"carrier": 2, "from": 1, "to": None, "cents": 0, "metres": 9000, "grams": 6000},
    ],
    "steering": [{"enterprise": 1, "millicents": 0}],
    "stages": {
        "pack": {
            "able": 3,
            "candidates": 5,
            "left_out": {"radius": 1, "lead": 1},
            "who": {"able": [1, 3, 4], "radius": [5], "lead": [5, 6]},
        },
        "deliver": {"able": 1, "candidates": 1, "left_out": {}, "who": {"able": [2]}},
    },
    "without": [
        {"enterprise": 1, "extra_cents": 36, "instead": "De Inpakker", "instead_enterprise": 3},
        {"enterprise": 2, "extra_cents": None, "instead": None, "instead_enterprise": None},
    ],
}


def test_tells_the_winner_what_it_saves_and_the_only_one_that_it_is() -> None:
    assert told.chosen(DOCUMENT, "pack", 1) == told.Chosen(3, 5, 36, is_only=False)
    assert told.chosen(DOCUMENT, "deliver", 2) == told.Chosen(1, 1, None, is_only=True)
    assert told.chosen(DOCUMENT, "pack", 3) is None


def test_tells_the_others_what_stood_in_the_way() -> None:
    codes = {who: [(one.code, one.extra_cents) for one in told.chances(DOCUMENT, who)] for who in range(1, 8)}
    assert codes == {
        1: [(told.GOT, None)],
        2: [(told.GOT, None)],
        3: [(told.DEARER, 36)],
        4: [(told.ABLE, None)],
        5: [("lead", None)],  # of two services the one that came closer
        6: [("lead", None)],
        7: [],
    }


def test_a_document_from_before_who_was_stored_still_tells_the_winner() -> None:
    old = {
        **DOCUMENT,
        "stages": {key: {k: v for k, v in row.items() if k != "who"} for key, row in DOCUMENT["stages"].items()},
    }
    assert [one.code for one in told.chances(old, 1)] == [told.GOT]
    assert told.chances(old, 3) == []


def test_tells_a_farm_its_trips_and_a_customer_the_hands() -> None:
    assert told.trips(DOCUMENT, 9) == [told.Trip("De Pakker", 8000, 6000)]
    assert told.doers(DOCUMENT) == ["De Pakker", "De Fiets"]
