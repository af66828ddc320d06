"""One search: how far it is, what it may spend, and that it never ends worse than it began."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from bench.tours import make_case
from shortchain.delivery.cases import problem_of
from shortchain.delivery.tour_engine.problem import Task
from shortchain.delivery.tour_engine.searching import FEW, MANY, PAIRED, Spending, Tuning, search
from shortchain.delivery.tour_engine.solving import _alike, _data, tuning_for


@pytest.mark.parametrize(
    ("seconds", "iterations", "elapsed", "done", "share"),
    [
        (10.0, None, 0.0, 0, 0.0),
        (10.0, None, 2.5, 900, 0.25),
        (10.0, None, 10.0, 1, None),
        (10.0, 200, 9.0, 50, 0.25),  # a slow machine changes nothing of what is gone on from
        (10.0, 200, 10.0, 50, None),  # but the outer bound holds
        (10.0, 200, 1.0, 200, None),
    ],
)
def test_says_how_far_it_is(
    seconds: float, iterations: int | None, elapsed: float, done: int, share: float | None
) -> None:
    ticks: Iterator[float] = chain([0.0], repeat(elapsed))
    assert Spending(lambda: next(ticks), seconds, iterations).share(done) == share


def question(seed: int, stops: int) -> tuple[object, tuple[Task, ...]]:
    problem = problem_of(make_case(seed, stops=stops))
    return _data(problem, list(problem.tasks), _alike(problem.vans), True), problem.tasks


def spend(iterations: int) -> Spending:
    return Spending(lambda: 0.0, 1.0, iterations)


@pytest.mark.parametrize("tuning", [FEW, MANY, Tuning(20, 12, 0.5)], ids=["few", "many", "wild"])
def test_keeps_the_best_however_far_it_strays(tuning: Tuning) -> None:
    data, _tasks = question(4, 40)
    first = search(data, spend(150), tuning, seed=1)
    assert first.best.is_feasible() and first.iterations == 150
    later = search(data, spend(60), tuning, seed=2, start=first.best)
    assert later.cost <= first.cost
    assert search(data, spend(150), tuning, seed=1).cost == first.cost


def test_searches_for_goods_that_are_collected_otherwise_than_for_stops() -> None:
    stops = problem_of(make_case(1, stops=5)).tasks
    shipments = problem_of(make_case(1, shipments=5)).tasks
    assert (tuning_for(stops), tuning_for(shipments), tuning_for(stops[:1] * 601)) == (FEW, PAIRED, MANY)


def test_a_question_without_a_plan_costs_without_bound() -> None:
    case = make_case(5, stops=6)
    for row in case["stops"]:
        row["crates"] = case["vehicle"]["crates"]
    case["vehicle"]["count"] = 2
    problem = problem_of(case)
    data = _data(problem, list(problem.tasks), _alike(problem.vans), True)
    assert search(data, spend(40), FEW, seed=1).cost == float("inf")
