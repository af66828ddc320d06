"""Plans again, all together, the orders that lost somebody; everybody else keeps what they have. Pure."""

from __future__ import annotations

from collections.abc import Callable

from shortchain.routing.batch.problem import Problem
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch

BUDGET = Budget(ascent=150, columns=8, moves=4, ejections=200, neighbourhoods=400)
"""What planning again is worth, for the orders that were hit."""


def plan_again(problem: Problem, *, stop: Callable[[], bool] | None = None) -> BatchPlan:
    """Plan the orders that were hit in what the others leave: one after the other, an early one may take what a later
    one needs more. The product and `flask routing solve` both come here."""
    return solve_batch(problem, budget=BUDGET, stop=stop)
