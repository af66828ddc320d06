"""Where a van costs something, the engine looks for a plan without it; and it goes on from a plan that it is given."""

from __future__ import annotations

from bench.tours import make_case
from shortchain.delivery.cases import problem_of
from shortchain.delivery.tour_engine.checking import faults, metres
from shortchain.delivery.tour_engine.problem import Answer, Budget
from shortchain.delivery.tour_engine.solving import solve


def test_a_budget_in_iterations_gives_the_same_plan_twice() -> None:
    problem = problem_of(make_case(1, stops=40))
    budget = Budget(iterations=300, seconds=120.0)
    first = solve(problem, budget)
    assert not faults(problem, first)
    assert solve(problem, budget) == first


def test_goes_on_from_the_plan_that_it_is_given() -> None:
    problem = problem_of(make_case(2, stops=60))
    good = solve(problem, Budget(iterations=1_500, seconds=120.0))
    short = Budget(iterations=2, seconds=120.0)
    cold, warm = solve(problem, short), solve(problem, short, start=good.rounds)
    assert metres(problem, warm) <= metres(problem, good) < metres(problem, cold)


def test_leaves_nobody_over_that_a_van_less_could_not_take() -> None:
    """Two loads that fill a van each: one van less is no plan, and both are driven."""
    case = make_case(3, stops=2)
    for row in case["stops"]:
        row |= {"crates": case["vehicle"]["crates"], "open_s": 28_800, "close_s": 72_000}
    problem = problem_of(case)
    answer = solve(problem, Budget(iterations=200, seconds=60.0))
    assert isinstance(answer, Answer)
    assert answer.left == ()
    assert len(answer.rounds) == 2
