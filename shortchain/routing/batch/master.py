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
from shortchain.routing.batch.pricing import Pricer, as_chain
from shortchain.routing.batch.problem import Chain, Floats, Problem

if TYPE_CHECKING:
    import highspy

CLOSE = 2e-4
"""Bound and programme this close together are the same."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Prices and bound, and for each order its chains with their shares in the programme's solution."""

    prices: Floats
    bound: float
    shares: list[list[tuple[float, Chain]]]


def solve(pricer: Pricer, start: Prices, *, rounds: int, stop: Callable[[], bool]) -> Solved:
    """Generate columns until the bound is close to the programme's value, or the rounds are over."""
    problem = pricer.problem
    chains = [sorted(known) for known in start.chains]
    best = Solved(start.values, start.bound, [[] for _ in problem.orders])
    for _ in range(rounds):
        if stop():
            break
        value, prices, shares = _relaxed(problem, chains)
        cost, chosen = pricer.best(prices)
        bound = pricer.bound(prices, cost)
        if bound > best.bound:
            best = Solved(prices, bound, shares)
        else:
            best = Solved(best.prices, best.bound, shares)
        added = 0
        for number in np.flatnonzero(np.isfinite(cost)).tolist():
            chain = as_chain(chosen[number])
            if chain not in chains[number]:
                chains[number].append(chain)
                added += 1
        if not added or value - best.bound <= CLOSE * abs(value):
            break
    return best


def _relaxed(
    problem: Problem, chains: Sequence[Sequence[Chain]]
) -> tuple[float, Floats, list[list[tuple[float, Chain]]]]:
    """Solve the programme over some chains; gives its value, the prices and each chain's share."""
    columns = [(number, chain) for number, own in enumerate(chains) for chain in own]
    solver = new_solver(problem, columns, [order.penalty for order in problem.orders], range(len(problem.orders)))
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    solution = solver.getSolution()
    duals = np.array(solution.row_dual)[len(problem.orders) :]
    shares: list[list[tuple[float, Chain]]] = [[] for _ in problem.orders]
    for share, (number, chain) in zip(solution.col_value, columns, strict=False):
        if share > 1e-6:
            shares[number].append((float(share), chain))
    return float(solver.getInfo().objective_function_value), np.maximum(0.0, -duals), shares


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
    import highspy  # only a worker solves: web processes are spared its 15 MB

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
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(cost), len(row_of) + len(room)
    programme.col_cost_ = np.array(cost)
    programme.col_lower_, programme.col_upper_ = np.zeros(len(cost)), np.ones(len(cost))
    programme.row_lower_ = np.concatenate([np.ones(len(row_of)), np.full(len(room), -highspy.kHighsInf)])
    programme.row_upper_ = np.concatenate([np.ones(len(row_of)), room])
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.array(start, dtype=np.int32)
    programme.a_matrix_.index_ = np.array(index, dtype=np.int32)
    programme.a_matrix_.value_ = np.array(value)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(programme)
    return solver
