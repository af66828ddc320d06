"""The tour engine: every answer passes a checker of its own, the same question gives the same answer."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.delivery.cases import problem_of, solve_tour_case
from shortchain.delivery.tour_engine.checking import faults, metres
from shortchain.delivery.tour_engine.problem import DROP, PICK, STOP, Answer, Budget, Problem, Round, Task, Van, Visit
from shortchain.delivery.tour_engine.solving import solve

QUICK = Budget(iterations=60, seconds=20.0)
DAY = (8 * 3600, 18 * 3600)


def little(seed: int, *, pairs: bool = False) -> Problem:
    """A little region: two depots, vans that differ, two load dimensions, some windows of two hours."""
    dice = random.Random(seed)
    count = dice.randint(1, 9)
    spots = [(dice.randrange(30_000), dice.randrange(30_000)) for _ in range(2 + 2 * count)]
    far = np.array([[round(((a - c) ** 2 + (b - d) ** 2) ** 0.5) for c, d in spots] for a, b in spots], dtype=np.int64)
    tasks = []
    for number in range(count):
        begin = dice.choice([DAY[0], 10 * 3600, 15 * 3600])
        drop = Visit(2 + 2 * number, begin, dice.choice([begin + 7200, DAY[1]]), 300)
        pick = Visit(3 + 2 * number, *DAY, 200) if pairs or dice.random() < 0.4 else None
        ride = dice.choice([None, 3600]) if pick else None
        tasks.append(Task(number, drop, (dice.randint(1, 9), dice.randint(0, 3)), pick, ride))
    vans = [
        Van(n, n % 2, n % 2, (dice.randint(8, 20), 6), *DAY, dice.choice([3, 9]) * 3600, 5_000,
            frozenset(dice.sample(range(2, len(spots)), 1)))
        for n in range(dice.randint(0, 3))
    ]  # fmt: skip
    return Problem(far, far * 36 // 300, tuple(tasks), tuple(vans))


@given(st.integers(0, 10**9), st.booleans())
@settings(max_examples=25, deadline=None)
def test_drives_only_what_the_checker_accepts_and_says_why_the_rest_is_left(seed: int, pairs: bool) -> None:
    problem = little(seed, pairs=pairs)
    answer = solve(problem, QUICK)
    assert faults(problem, answer) == []
    done = {task_id for one in answer.rounds for _, task_id in one.steps}
    assert done | {task_id for task_id, _ in answer.left} == {task.id for task in problem.tasks}
    shuffled = replace(problem, tasks=problem.tasks[::-1], vans=problem.vans[::-1])
    assert solve(shuffled, QUICK) == answer


def line(count: int = 4, **changes: object) -> Problem:
    """Stops a kilometre apart on one road, a hundred seconds each."""
    far = np.array([[abs(a - b) * 1000 for b in range(count + 1)] for a in range(count + 1)], dtype=np.int64)
    tasks = tuple(Task(n, Visit(n, *DAY, 60), (1,)) for n in range(1, count + 1))
    values = {"id": 7, "start": 0, "end": 0, "capacity": (4,), "open_s": DAY[0], "close_s": DAY[1]}
    van = Van(**(values | {"max_shift_s": 3600} | changes))  # type: ignore[arg-type]
    return Problem(far, far // 10, tasks, (van,))


def test_finds_the_way_along_a_road_and_back() -> None:
    problem = line()
    answer = solve(problem, QUICK)
    assert metres(problem, answer) == 8_000
    assert answer.left == ()
    assert not answer.truncated


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"capacity": (0,)}, [(n, "payload") for n in (1, 2, 3, 4)]),
        ({"max_shift_s": 500}, [(n, "time") for n in (3, 4)]),
        ({"forbidden": frozenset({2})}, [(2, "access")]),
    ],
)
def test_says_what_rules_a_stop_out(changes: dict[str, object], left: list[tuple[int, str]]) -> None:
    assert set(left) <= set(solve(line(**changes), QUICK).left)


def test_leaves_over_what_fits_alone_but_not_together() -> None:
    answer = solve(line(capacity=(3,)), QUICK)
    assert [reason for _, reason in answer.left] == ["full"]


def test_has_no_vehicle_to_send() -> None:
    assert {reason for _, reason in solve(replace(line(), vans=()), QUICK).left} == {"no_vehicle"}


@pytest.mark.parametrize(
    ("steps", "changes", "fault"),
    [
        (((STOP, 1), (STOP, 2), (STOP, 3)), {}, "done 0 times"),
        (((STOP, 1), (STOP, 2), (STOP, 3), (STOP, 4), (STOP, 4)), {"capacity": (9,)}, "done 2 times"),
        (((STOP, 1), (STOP, 2), (STOP, 3), (STOP, 4)), {"capacity": (3,)}, "too full"),
        (((STOP, 1), (STOP, 2), (STOP, 3), (STOP, 4)), {"max_shift_s": 1_000}, "shift of 1040 s"),
        (((STOP, 1), (STOP, 2), (STOP, 3), (STOP, 4)), {"close_s": DAY[0] + 900}, "window"),
        (((STOP, 1), (STOP, 2), (STOP, 3), (STOP, 4)), {"forbidden": frozenset({3})}, "may not come"),
    ],
)
def test_the_checker_refuses_a_bad_round(
    steps: tuple[tuple[str, int], ...], changes: dict[str, object], fault: str
) -> None:
    found = faults(line(**changes), Answer((Round(7, steps),), ()))
    assert any(fault in one for one in found)


def test_the_checker_refuses_a_drop_before_its_pick_up_and_a_ride_too_long() -> None:
    base = line(2)
    task = Task(1, Visit(2, *DAY, 60), (1,), Visit(1, *DAY, 60), max_ride_s=50)
    problem = replace(base, tasks=(task,))
    turned = faults(problem, Answer((Round(7, ((DROP, 1), (PICK, 1))),), ()))
    assert any("before it is collected" in one for one in turned)
    right = faults(problem, Answer((Round(7, ((PICK, 1), (DROP, 1))),), ()))
    assert right == ["van 7: a window is missed"]
    longer = replace(problem, tasks=(replace(task, max_ride_s=100, drop=Visit(2, DAY[0], DAY[1] - 900, 60)),))
    assert faults(longer, Answer((Round(7, ((PICK, 1), (DROP, 1))),), ())) == []


def case(kind: str, count: int) -> dict[str, object]:
    dice = random.Random(5)

    def visit() -> dict[str, object]:
        at = {"lat": 51 + dice.random() / 5, "lon": 3.5 + dice.random() / 5}
        return at | {"open_s": 28_800, "close_s": 64_800, "service_s": 240}

    rows = [
        {"id": n, "crates": 2} | ({"pick": visit(), "drop": visit()} if kind == "pdtour" else visit())
        for n in range(count)
    ]
    return {
        "kind": kind, "seconds": 1, "depot": {"lat": 51.1, "lon": 3.6, "open_s": 25_200, "close_s": 75_600},
        "vehicle": {"count": 4, "crates": 20, "fixed_m": 15_000, "max_shift_s": 28_800},
        "stops" if kind == "tour" else "shipments": rows,
    }  # fmt: skip


def test_answers_a_case_of_deliveries_with_every_stop_once() -> None:
    routes, left = solve_tour_case(case("tour", 20))
    assert left == ()
    assert sorted(stop for route in routes for stop in route) == list(range(20))


def test_answers_a_case_of_collecting_and_dropping_with_each_pick_up_first() -> None:
    asked = case("pdtour", 12)
    routes, left = solve_tour_case(asked)
    assert left == ()
    rounds = tuple(Round(n, tuple((kind, i) for kind, i in route)) for n, route in enumerate(routes))
    assert faults(problem_of(asked), Answer(rounds, ())) == []


def test_names_what_is_in_no_route_with_the_reason() -> None:
    asked = case("tour", 8)
    asked["stops"][3]["crates"] = 21  # type: ignore[index]
    asked["stops"][5]["close_s"] = 25_300  # type: ignore[index]  # the depot opens 100 s before
    asked["stops"][5]["open_s"] = 25_200  # type: ignore[index]
    routes, left = solve_tour_case(asked)
    assert left == ((3, "payload"), (5, "time"))
    assert sorted(stop for route in routes for stop in route) == [0, 1, 2, 4, 6, 7]


def test_refuses_a_case_of_another_kind() -> None:
    with pytest.raises(ValueError, match="not a case of tours"):
        problem_of({"kind": "batch"})
