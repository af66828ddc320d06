"""The linear programme over chains, by column generation with HiGHS: the best prices, and the bound they prove.

The full programme has a column for every chain of every order. We start with those that dual ascent met
and add, round by round, each order's cheapest chain under the prices of the last solution, until the
bound is as good as reached (Dantzig and Wolfe 1960).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shortchain.routing.batch.ascent import Prices
from shortchain.routing.batch.choices import Choices, cheapest_of_each, joined
from shortchain.routing.batch.pricing import Parts, Pricer
from shortchain.routing.batch.problem import Chain, Floats, Ints, Problem

if TYPE_CHECKING:
    import highspy

CLOSE = 2e-4
"""Bound and programme this close together are the same."""
AT_FIRST = 12
"""Chains of each order to begin with: those of the ascent that cost least under its prices."""
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Solved:
    """Prices and bound, and the chains of which the programme's solution takes at least half, the surest first.

    `choices` are the chains it chose from, `left_out` says of each order which part of it they do not serve.
    """

    prices: Floats
    bound: float
    sure: list[tuple[int, Chain]]
    choices: Choices
    left_out: Floats


def solve(pricer: Pricer, start: Prices, *, rounds: int, stop: Callable[[], bool]) -> Solved:
    """Generate columns until the bound is close to the programme's value, or the rounds are over."""
    parts = pricer.parts(start.met)
    choices = cheapest_of_each(start.met, parts.priced(start.values), AT_FIRST)
    best = Solved(start.values, start.bound, [], choices, np.zeros(len(pricer.problem.orders)))
    for _ in range(rounds):
        if stop():
            break
        value, prices, worth, shares = _relaxed(pricer, choices)
        cost, chosen = pricer.best(prices)
        bound = pricer.bound(prices, cost)
        sure = _sure(pricer, choices, shares)
        left_out = np.asarray(1.0 - np.bincount(choices.orders, shares, minlength=len(cost)), dtype=np.float64)
        if bound < best.bound:
            prices, bound = best.prices, best.bound
        best = Solved(prices, bound, sure, choices, left_out)
        if value - best.bound <= CLOSE * abs(value):
            break
        cheaper = np.flatnonzero(cost < worth)
        more = joined([choices, Choices(cheaper, chosen[cheaper])])
        if len(more) == len(choices):
            break
        choices = more
    return best


def _relaxed(pricer: Pricer, choices: Choices) -> tuple[float, Floats, Floats, Floats]:
    """Solve the programme over some chains; gives its value, the prices, what serving each order is worth at most
    (a chain that costs less under the prices helps), and each chain's share.
    """
    orders, parts = len(pricer.problem.orders), pricer.parts(choices)
    solver = passed(_columns(pricer, choices, parts), *_rows(orders, pricer.problem.capacity))
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    solution = solver.getSolution()
    duals = np.array(solution.row_dual)
    shares = np.array(solution.col_value)[: len(choices)]
    value = float(solver.getInfo().objective_function_value)
    return value, np.maximum(0.0, -duals[orders:]), duals[:orders], shares


def _columns(pricer: Pricer, choices: Choices, parts: Parts) -> Columns:
    """Make a column of each chain, and one for each order that is not served."""
    orders = len(pricer.problem.orders)
    row = np.column_stack([choices.orders, parts.resource + orders])
    value = np.column_stack([np.ones(len(choices)), parts.amount])
    is_real = value > 0
    counts = np.concatenate([is_real.sum(axis=1), np.ones(orders, dtype=np.int64)])
    return Columns(
        np.concatenate([parts.cost, pricer.penalty]),
        np.concatenate([[0], np.cumsum(counts)]),
        np.concatenate([row[is_real], np.arange(orders)]),
        np.concatenate([value[is_real], np.ones(orders)]),
    )


def _sure(pricer: Pricer, choices: Choices, shares: Floats) -> list[tuple[int, Chain]]:
    found = np.flatnonzero(shares >= HALF)
    ranked = found[np.lexsort((choices.orders[found], -shares[found]))].tolist()
    return [(int(choices.orders[at]), pricer.chain(int(choices.orders[at]), choices.rows[at])) for at in ranked]


def new_solver(
    problem: Problem,
    columns: Sequence[tuple[int, Chain]],
    penalties: Sequence[float],
    numbers: Sequence[int],
    capacity: Floats | None = None,
) -> highspy.Highs:
    """Set the programme up: choose one chain or none for each of `numbers`, within capacity.

    The columns come first, in their order, then one for each order that is not served.
    """
    room = problem.capacity if capacity is None else capacity
    row_of = {number: row for row, number in enumerate(numbers)}
    cost, start, index, value = [], [0], [], []
    for number, chain in columns:
        order = problem.orders[number]
        cost.append(order.cost(chain))
        resource, amount = order.uses(chain)
        taken: dict[int, float] = {}
        for one, much in zip(resource.tolist(), amount.tolist(), strict=True):
            taken[one] = taken.get(one, 0.0) + much
        index += [row_of[number], *(len(row_of) + one for one in taken)]
        value += [1.0, *taken.values()]
        start.append(len(index))
    for row, penalty in enumerate(penalties):
        cost.append(penalty)
        index.append(row)
        value.append(1.0)
        start.append(len(index))
    columns_ = Columns(np.array(cost), np.array(start), np.array(index), np.array(value))
    return passed(columns_, *_rows(len(row_of), room))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a programme one after the other: what each costs, where it starts, its rows and values."""

    cost: Floats
    start: Ints
    index: Ints
    value: Floats


def _rows(orders: int, room: Floats) -> tuple[Floats, Floats]:
    """Bound the rows of a programme: each order once, no resource more than there is room."""
    return np.concatenate([np.ones(orders), np.full(len(room), -np.inf)]), np.concatenate([np.ones(orders), room])


def passed(columns: Columns, lower: Floats, upper: Floats) -> highspy.Highs:
    """Give a quiet solver a programme with variables between nothing and one; `lower` and `upper` bound its rows."""
    import highspy  # only a worker solves: web processes are spared its 15 MB

    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(columns.cost), len(lower)
    programme.col_cost_ = columns.cost
    programme.col_lower_, programme.col_upper_ = np.zeros(len(columns.cost)), np.ones(len(columns.cost))
    programme.row_lower_, programme.row_upper_ = lower, upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = columns.start.astype(np.int32)
    programme.a_matrix_.index_ = columns.index.astype(np.int32)
    programme.a_matrix_.value_ = columns.value
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(programme)
    return solver
