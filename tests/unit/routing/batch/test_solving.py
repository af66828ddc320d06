"""The batch: always feasible, never below its bound, the best on small cases, the same whatever the order."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shortchain.routing.batch import packing, proof, solving
from shortchain.routing.batch.problem import NONE, Asked, Chain, Problem, Stage
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch

SMALL = Budget(ascent=60, columns=6, moves=3, ejections=20, neighbourhoods=6)
NEAR = 1e-3
"""Ways are kept in single precision where all orders are priced at once."""


def stage(dice: random.Random, *, first: int, rows: int) -> Stage:
    """Nodes that each have a resource of their own day, and now and then a second limit."""
    resource = [[first + row, first + rows if dice.random() < 0.5 else NONE] for row in range(rows)]
    return Stage(
        np.arange(rows, dtype=np.int64),
        np.array([round(dice.uniform(1, 20), 2) for _ in range(rows)]),
        np.array(resource, dtype=np.int64).reshape(rows, 2),
        np.array([[dice.randint(1, 3)] * 2 for _ in range(rows)], dtype=np.float64).reshape(rows, 2),
    )


def a_problem(seed: int, *, orders: int = 4, rows: int = 2, kinds: int = 1) -> Problem:
    """Orders that share the nodes of their stages, with too little room for all; of several kinds of processing each
    order needs one or more.
    """
    dice = random.Random(seed)
    asked = []
    for _ in range(orders):
        own = [*sorted(dice.sample(range(kinds), dice.randint(1, kinds) if kinds > 1 else 1)), kinds, kinds + 1]
        stages = tuple(stage(dice, first=at * (rows + 1), rows=rows) for at in own)
        ways = [np.array([[round(dice.uniform(0, 9), 2) for _ in range(rows)] for _ in range(rows)]) for _ in own[1:]]
        for way in ways:
            way[np.array([[dice.random() < 0.2 for _ in range(rows)] for _ in range(rows)])] = np.inf
        asked.append(Asked(stages, tuple(ways[:-1]), ways[-1], round(dice.uniform(20, 80), 2)))
    return Problem(asked, np.array([float(dice.randint(1, 5)) for _ in range((kinds + 2) * (rows + 1))]))


def fits(problem: Problem, plan: BatchPlan) -> bool:
    return bool((problem.used(plan.chains) <= problem.capacity + 1e-6).all())


def all_plans(problem: Problem) -> Iterator[tuple[Chain | None, ...]]:
    """Give every plan that there is."""
    choices: list[list[Chain | None]] = []
    for order in problem.orders:
        chains = itertools.product(*(range(len(one.own)) for one in order.stages))
        choices.append([None, *(chain for chain in chains if np.isfinite(order.cost(chain)))])
    return (plan for plan in itertools.product(*choices) if (problem.used(plan) <= problem.capacity + 1e-6).all())


@given(st.integers(0, 10**6), st.integers(1, 2))
@settings(max_examples=25, deadline=None)
def test_what_an_order_could_gain_is_what_all_room_would_give_it(seed: int, kinds: int) -> None:
    """Pairs that cannot gain are not tried: what they could gain must never be told too low."""
    problem = a_problem(seed, orders=4, kinds=kinds)
    packed = packing.Packing(problem)
    packing.fill(packed, range(4))
    for number, order in enumerate(problem.orders):
        chains = itertools.product(*(range(len(one.own)) for one in order.stages))
        least = min([order.penalty, *(order.cost(chain) for chain in chains)])
        assert abs(packed.to_gain(number) - (packed.price_of(number) - least)) < 1e-9


@given(st.integers(0, 10**6), st.integers(1, 3))
@example(1596, 1)  # once an order that shared nothing with the losing one was not free to move
@settings(max_examples=25, deadline=None)
def test_it_finds_the_best_plan_of_a_few_orders(seed: int, kinds: int) -> None:
    problem = a_problem(seed, orders=3, kinds=kinds)
    plan = solve_batch(problem, budget=SMALL)
    best = min(map(problem.cost, all_plans(problem)))
    assert fits(problem, plan)
    assert abs(plan.cost - best) < 1e-6
    assert plan.bound == plan.cost, "and it says so"


@given(st.integers(0, 10**6), st.integers(1, 2))
@settings(max_examples=20, deadline=None)
def test_it_is_feasible_and_never_below_its_bound(seed: int, kinds: int) -> None:
    problem = a_problem(seed, orders=14, rows=4, kinds=kinds)
    plan = solve_batch(problem, budget=SMALL)
    assert fits(problem, plan)
    assert plan.bound - NEAR <= plan.cost <= sum(order.penalty for order in problem.orders)
    assert abs(problem.cost(plan.chains) - plan.cost) < 1e-6
    costs = [cost for _phase, cost, _bound in plan.steps]
    assert costs == sorted(costs, reverse=True), "a later step never gives a dearer plan"


@pytest.mark.parametrize("seed", range(12))
def test_among_many_orders_it_serves_as_many_as_can_be_served(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving one of these three out costs more than any chains save, so the best plan serves the most and is the cheapest of those."""
    problem = a_problem(seed, orders=3)
    cheap = Problem([replace(order, penalty=order.penalty / 2) for order in problem.orders], problem.capacity)
    thrifty = solve_batch(cheap, budget=SMALL)
    monkeypatch.setattr(solving, "MOST_ORDERS", 1)
    plan = solve_batch(cheap, budget=SMALL)
    assert fits(cheap, plan)
    assert plan.unserved == _fewest_left_out(cheap) <= thrifty.unserved
    assert plan.bound - NEAR <= thrifty.cost <= plan.cost + 1e-6, "cost and bound stay those of the question"
    again = solve_batch(cheap, budget=SMALL, start=plan.chains, stop=lambda: True)
    assert again.unserved == plan.unserved, "and what stands is not given up for a cheaper plan that serves fewer"


def _fewest_left_out(problem: Problem) -> int:
    return min(sum(chain is None for chain in plan) for plan in all_plans(problem))


def test_it_answers_the_same_question_the_same_way() -> None:
    problem = a_problem(7, orders=20, rows=4)
    one, other = solve_batch(problem, budget=SMALL), solve_batch(problem, budget=SMALL)
    assert (one.chains, one.cost, one.bound) == (other.chains, other.cost, other.bound)


def test_its_bound_holds_where_few_orders_have_more_ways_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is chosen exactly, and only the prices prove something about the plan."""
    problem = a_problem(11, orders=12, rows=4)
    best = solve_batch(problem, budget=SMALL)
    assert best.bound == best.cost, "all chains fit, so it is proven"
    monkeypatch.setattr(proof, "MOST_WAYS", 60)
    some = solve_batch(problem, budget=SMALL)
    assert some.bound - NEAR <= best.cost <= some.cost + 1e-6
    assert some.bound < some.cost
    assert fits(problem, some)


def test_it_ends_an_exact_choice_when_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = a_problem(5, orders=40, rows=5)
    monkeypatch.setattr(proof, "CHECKS", 1)
    plan = solve_batch(problem, budget=SMALL)
    assert fits(problem, plan)
    assert plan.bound - NEAR <= plan.cost


def test_it_gives_a_plan_in_hand_when_it_is_stopped_at_once() -> None:
    problem = a_problem(3, orders=20, rows=4)
    plan = solve_batch(problem, budget=SMALL, stop=lambda: True)
    assert plan.truncated
    assert fits(problem, plan)
    assert plan.cost < sum(order.penalty for order in problem.orders)


def test_it_says_how_far_it_is() -> None:
    told: list[tuple[str, int, int]] = []
    solve_batch(
        a_problem(3, orders=8),
        budget=SMALL,
        progress=lambda phase, done, total, _c, _b: told.append((phase, done, total)),
    )
    assert [phase for phase, done, total in told if done == total][:4] == ["regret", "ascent", "columns", "moves"]
    assert all(done <= total for _phase, done, total in told)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_it_never_moves_what_is_promised(seed: int) -> None:
    problem = a_problem(seed, orders=8, rows=3)
    first = solve_batch(problem, budget=SMALL)
    dice = random.Random(seed)
    orders = [
        Asked(order.stages, order.first, order.second, order.penalty, chain if dice.random() < 0.5 else None)
        for order, chain in zip(problem.orders, first.chains, strict=True)
    ]
    again = solve_batch(Problem(orders, problem.capacity), budget=SMALL)
    assert fits(problem, again)
    for order, chain in zip(orders, again.chains, strict=True):
        assert order.kept in (None, chain)


def test_it_serves_nobody_where_there_is_nobody() -> None:
    nobody = Stage(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 2), dtype=np.int64), np.zeros((0, 2)))
    order = Asked((nobody, nobody, nobody), (np.zeros((0, 0)),), np.zeros((0, 0)), 12.5)
    plan = solve_batch(Problem([order], np.zeros(1)), budget=SMALL)
    assert (plan.chains, plan.cost, plan.bound) == ((None,), 12.5, 12.5)
