"""Which days suit a chain, and what a wish leaves of the candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path

import pytest

from shortchain.delivery.wishes import Moment, Wish, as_wished, days_that_suit, half_beside, in_turn, pool_of, suits
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.routing.columns import Columns
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


@pytest.mark.parametrize(
    ("keys", "wishes", "asked"),
    [
        ({"pack", "deliver"}, [], [1, 2, 3]),
        ({"pack", "deliver"}, [Wish("pack", 2)], [2, 3]),
        ({"pack", "deliver"}, [Wish("pack", 2), Wish("deliver", 3)], [2, 3]),
        ({"pack"}, [Wish("pack", 2), Wish("deliver", 3)], [2]),
        ({"pack"}, [Wish("pack", 9)], []),  # nobody has that number any more
        ({"pack"}, [Wish("pack", 3)], []),  # and that one brings
        ({"process:WASH"}, [], [4, 5]),
        ({"process:WASH", "process:CUT"}, [Wish("process:WASH", 4)], [4, 5]),
        ({"process:WASH"}, [Wish("process:WASH", 4)], [4]),
        ({"process:WASH"}, [Wish("process:WASH", 5)], []),
        (set(), [], []),
    ],
)
def test_looks_only_at_whom_a_stage_may_still_go_to(keys: set[str], wishes: list[Wish], asked: list[int]) -> None:
    services = {1: "BOX_ASSEMBLE", 2: "BOX_ASSEMBLE", 3: "DELIVER_BIKE", 4: "WASH", 5: "CUT"}
    stages = {1: "pack", 2: "pack", 3: "deliver", 4: "process", 5: "process"}
    everybody = [candidate(number, stages[number], service) for number, service in services.items()]
    columns = Columns(everybody, [THURSDAY, FRIDAY])
    assert sorted(one.capability_id for one in pool_of(columns, keys, wishes)) == asked


def examples() -> list[tuple[str, str, bool]]:
    """Read the table of halves in docs/routing.md."""
    lines = (Path(__file__).parents[3] / "docs/routing.md").read_text().splitlines()
    first = lines.index("| Processed | Packed, the same day | Goes together |") + 2
    found = []
    for line in takewhile(lambda line: line.startswith("|"), lines[first:]):
        processed, packed, together = (cell.strip().replace("either", "") for cell in line.strip("|").split("|"))
        found.append((processed, packed, together == "yes"))
    return found


@pytest.mark.parametrize(("processed", "packed", "together"), examples())
def test_what_is_packed_is_processed_before(processed: str, packed: str, together: bool) -> None:
    process, pack = Moment("process", THURSDAY, processed), Moment("pack", THURSDAY, packed)
    assert suits(pack, [process], delivery_day=FRIDAY) is together
    assert suits(process, [pack], delivery_day=FRIDAY) is together
    assert suits(Moment("pack", FRIDAY, "morning"), [process], delivery_day=FRIDAY)  # another day is always after


def test_the_table_holds_every_pair() -> None:
    halves = ("", "morning", "afternoon")
    assert {row[:2] for row in examples()} == {(one, other) for one in halves for other in halves}


def test_nothing_is_done_in_the_afternoon_of_the_delivery() -> None:
    assert not suits(Moment("pack", FRIDAY, "afternoon"), [], delivery_day=FRIDAY)
    assert suits(Moment("pack", FRIDAY, "morning"), [Moment("process", FRIDAY, "morning")], delivery_day=FRIDAY)


@pytest.mark.parametrize("packed", ["", "morning", "afternoon"])
@pytest.mark.parametrize("processed", ["", "morning", "afternoon"])
def test_whoever_comes_anew_takes_the_half_that_is_left(processed: str, packed: str) -> None:
    process, pack = Moment("process", THURSDAY, processed), Moment("pack", THURSDAY, packed)
    for anew, stays, own in (("pack", process, AFTERNOON), ("process", pack, MORNING)):
        half = half_beside(anew, THURSDAY, [stays], delivery_day=FRIDAY)
        assert half is not None, "there is always an afternoon after, and a morning before"
        assert suits(Moment(anew, THURSDAY, half), [stays], delivery_day=FRIDAY)
        assert half == ("" if suits(Moment(anew, THURSDAY, ""), [stays], delivery_day=FRIDAY) else own)


def test_between_two_stages_that_stay_there_may_be_no_half_left() -> None:
    afternoon = Moment("process", FRIDAY, AFTERNOON)  # as it can only be when the delivery has moved
    assert half_beside("pack", FRIDAY, [afternoon], delivery_day=FRIDAY) is None
    assert half_beside("pack", FRIDAY, [], delivery_day=FRIDAY) == ""


def test_who_is_asked_next_keeps_to_the_halves_that_stay() -> None:
    pool = [
        candidate(1, "pack", "BOX_ASSEMBLE"),
        replace(candidate(2, "pack", "BOX_ASSEMBLE"), halves={THURSDAY: (5, 2)}),
        candidate(3, "deliver", "DELIVER_BIKE"),
    ]
    left = in_turn(pool, [Moment("process", THURSDAY, "afternoon")], delivery_day=FRIDAY)
    assert [dict(one.free) for one in left] == [{THURSDAY: room, FRIDAY: 5} for room in (5, 2, 5)]
    assert in_turn(pool, [Moment("process", THURSDAY, "morning")], delivery_day=FRIDAY) == pool


def test_a_wish_for_a_half_counts_what_is_left_of_it() -> None:
    pool = [replace(candidate(2, "pack", "BOX_ASSEMBLE"), halves={THURSDAY: (3, 2)})]
    rooms = [dict(as_wished(pool, Wish("pack", 2, THURSDAY, half))[0].free) for half in ("", "morning", "afternoon")]
    assert rooms == [{THURSDAY: 5}, {THURSDAY: 3}, {THURSDAY: 2}]
