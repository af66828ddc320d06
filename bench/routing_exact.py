"""A direct integer programme for a small batch, as a peer: ways between stages are its variables, not chains.

It shares nothing with the engine but the question, so what it proves says whether the engine is right. A plan that is
known may be given to begin with: better ones are sought from there, and what is proven holds for any plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import highspy
import numpy as np

from shortchain.routing.batch.problem import NONE, Asked, Chain, Problem


@dataclass(frozen=True, slots=True)
class Exact:
    """The best plan that the programme found and what it proved; equal when it proved the best."""

    cost: float
    bound: float

    @property
    def is_proven(self) -> bool:
        return isfinite(self.cost) and self.cost - self.bound <= 1e-6 * abs(self.cost)

    def reference(self, bound: float) -> tuple[float, str]:
        """Give what a plan is held against, and its name: the best when proven, else the better of two bounds."""
        if self.is_proven:
            return self.cost, "proven best"
        if isfinite(self.bound) and self.bound > bound:
            return self.bound, "bound of a direct programme that proved no best"
        return bound, "own bound: the direct programme proved nothing better"


class _Rows:
    """A programme that grows row by row and column by column."""

    def __init__(self, capacity: np.ndarray) -> None:
        self.lower = [-highspy.kHighsInf] * len(capacity)
        self.upper = [float(room) for room in capacity]
        self.cost: list[float] = []
        self.entries: list[dict[int, float]] = []
        self.known: list[float] = []

    def row(self, value: float) -> int:
        self.lower.append(value)
        self.upper.append(value)
        return len(self.lower) - 1

    def column(self, cost: float, entries: dict[int, float], *, is_known: bool) -> None:
        self.cost.append(cost)
        self.entries.append(entries)
        self.known.append(float(is_known))


def solve_exactly(problem: Problem, *, seconds: float, known: Sequence[Chain | None] | None = None) -> Exact:
    """Solve by HiGHS with all ways as whole numbers, for at most so many seconds, from a plan that is known if there is one."""
    made = _Rows(problem.capacity)
    for number, order in enumerate(problem.orders):
        _add(made, order, known[number] if known is not None else None)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(made.cost), len(made.lower)
    programme.col_cost_ = np.array(made.cost)
    programme.col_lower_, programme.col_upper_ = np.zeros(len(made.cost)), np.ones(len(made.cost))
    programme.row_lower_, programme.row_upper_ = np.array(made.lower), np.array(made.upper)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    starts = np.cumsum([0, *(len(entries) for entries in made.entries)])
    programme.a_matrix_.start_ = starts.astype(np.int32)
    programme.a_matrix_.index_ = np.array([row for entries in made.entries for row in entries], dtype=np.int32)
    programme.a_matrix_.value_ = np.array([value for entries in made.entries for value in entries.values()])
    programme.integrality_ = [highspy.HighsVarType.kInteger] * len(made.cost)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(programme)
    if known is not None:
        start = highspy.HighsSolution()
        start.col_value = made.known
        solver.setSolution(start)
    solver.run()
    info = solver.getInfo()
    return Exact(float(info.objective_function_value), float(info.mip_dual_bound))


def _add(made: _Rows, order: Asked, chain: Chain | None) -> None:
    """Add one order: served once or paid for, and what comes to a middle node leaves it."""
    served = made.row(1.0)
    made.column(order.penalty, {served: 1.0}, is_known=chain is None)
    middle = [made.row(0.0) for _ in order.stages[1].own]
    for a, b in np.argwhere(np.isfinite(order.first[0])).tolist():
        cost = order.stages[0].own[a] + order.stages[1].own[b] + order.first[0][a, b]
        entries = {served: 1.0, middle[b]: 1.0, **_uses(order, 0, a), **_uses(order, 1, b)}
        made.column(float(cost), entries, is_known=chain is not None and chain[:2] == (a, b))
    for b, c in np.argwhere(np.isfinite(order.second)).tolist():
        cost = order.stages[2].own[c] + order.second[b, c]
        entries = {middle[b]: -1.0, **_uses(order, 2, c)}
        made.column(float(cost), entries, is_known=chain is not None and chain[1:] == (b, c))


def _uses(order: Asked, at: int, row: int) -> dict[int, float]:
    stage = order.stages[at]
    pairs = zip(stage.resource[row].tolist(), stage.amount[row].tolist(), strict=True)
    return {resource: amount for resource, amount in pairs if resource != NONE}
