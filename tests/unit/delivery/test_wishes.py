"""Which days suit a chain, and what a wish leaves of the candidates."""

from __future__ import annotations

from datetime import date

import pytest

from shortchain.delivery.wishes import Wish, as_wished, days_that_suit
from shortchain.kernel.geo import Point
from shortchain.routing.plans import Candidate, Policy

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, 23 + number) for number in range(5))


def suiting(stage: str, **values: object) -> tuple[date, ...]:
    facts: dict[str, object] = {
        "first_day": TUESDAY,
        "delivery_day": FRIDAY,
        "packs_same_day": True,
        "packed_on": None,
        "processed_on": None,
        "policy": Policy(),
        **values,
    }
    return days_that_suit(stage, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "values", "days"),
    [
        ("pack", {}, (THURSDAY, FRIDAY)),
        ("pack", {"packs_same_day": False}, (THURSDAY,)),
        ("pack", {"processed_on": FRIDAY}, (FRIDAY,)),
        ("pack", {"first_day": FRIDAY, "packs_same_day": False}, ()),
        ("process", {}, (WEDNESDAY, THURSDAY, FRIDAY)),
        ("process", {"packed_on": THURSDAY}, (WEDNESDAY, THURSDAY)),
        ("process", {"first_day": THURSDAY, "packed_on": WEDNESDAY}, ()),
        ("deliver", {}, (FRIDAY,)),
    ],
)
def test_lists_the_days_between_the_stages_around(stage: str, values: dict[str, object], days: tuple[date]) -> None:
    assert suiting(stage, **values) == days


def candidate(number: int, stage: str, service: str) -> Candidate:
    return Candidate(
        number,
        number,
        f"Nummer {number}",
        service,
        stage,
        Point(51.0, 3.7),
        40_000,
        "box",
        200,
        0,
        0,
        2100,
        0,
        frozenset({"AMB"}),
        (),
        {THURSDAY: 5, FRIDAY: 5},
    )


def test_keeps_other_stages_whole_and_one_of_its_own() -> None:
    pool = [
        candidate(1, "pack", "BOX_ASSEMBLE"),
        candidate(2, "pack", "BOX_ASSEMBLE"),
        candidate(3, "deliver", "DELIVER_BIKE"),
        candidate(4, "process", "WASH"),
        candidate(5, "process", "CUT"),
    ]
    kept = as_wished(pool, Wish("pack", 2, FRIDAY))
    assert [(one.capability_id, sorted(one.free)) for one in kept] == [
        (2, [FRIDAY]),
        (3, [THURSDAY, FRIDAY]),
        (4, [THURSDAY, FRIDAY]),
        (5, [THURSDAY, FRIDAY]),
    ]
    assert [one.capability_id for one in as_wished(pool, Wish("process:CUT", 9))] == [1, 2, 3, 4]
