"""One search with PyVRP's own moves, and a rule of ours for which plan to go on from (decision 0077)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

LOAD_PENALTY, TIME_PENALTY, UPDATE_AFTER = 5_000.0, 20.0, 100
"""What a unit too much and a second too late cost in metres at first, and after how many plans that is set anew. PyVRP begins at 50,000
for both: of a second that forbids every plan that is a moment late, and in ten seconds it never gets to what is worth its while."""


class Tuning(NamedTuple):
    """How a search looks: at how many `neighbours` of a stop, how many `shakes` at most before it repairs a plan, and by which part
    (`worse`) a plan may be worse than the best to be gone on from; that part shrinks to nothing as the budget is spent.
    `polishes`: a plan that is the best so far is tried at every stop, and not only where it was shaken."""

    neighbours: int
    shakes: int
    worse: float
    polishes: bool = True


FEW, MANY, MANY_FROM = Tuning(40, 25, 0.003), Tuning(30, 25, 0.01, polishes=False), 600
"""Tunings by the number of tasks: with a thousand stops fewer neighbours, and no polishing, let a minute try more plans (decision 0085)."""
PAIRED = Tuning(60, 15, 0.0015)
"""Of goods that are collected and dropped: two places must fit at once, so more neighbours and less straying (decision 0085)."""


class Spending:
    """A budget of seconds on a clock, and of iterations where there is one: then those alone decide how far the search is."""

    def __init__(self, clock: Callable[[], float], seconds: float, iterations: int | None) -> None:
        self.clock, self.began = clock, clock()
        self.seconds, self.iterations = max(seconds, 0.001), iterations

    def share(self, done: int) -> float | None:
        """Say which part is spent after so many iterations; None when it is over."""
        by_time = (self.clock() - self.began) / self.seconds
        by_count = by_time if self.iterations is None else done / self.iterations
        return None if max(by_time, by_count) >= 1.0 else by_count


class Found(NamedTuple):
    """The best plan of a search, feasible or not, its cost (infinite where it breaks a bound) and how many iterations it took."""

    best: Any
    cost: float
    iterations: int


def search(data: Any, spending: Spending, tuning: Tuning, *, seed: int, start: Any = None) -> Found:
    """Look for a plan until the budget is spent, from `start` on or from a plan put together at random.

    A plan is gone on from when it is better than the one before, or hardly worse than the best. How much that is follows the
    budget and not the number of plans (as the engine's own late acceptance does), so ten seconds and ten minutes both end in small steps.
    """
    import pyvrp
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams

    rng = pyvrp.RandomNumberGenerator(seed=seed)
    moves = _moves(data, rng, tuning)
    first = [LOAD_PENALTY] * data.num_load_dimensions, TIME_PENALTY, TIME_PENALTY
    penalties = PenaltyManager(first, PenaltyParams(solutions_between_updates=UPDATE_AFTER))
    if start is None:
        start = moves(pyvrp.Solution.make_random(data, rng), penalties.max_cost_evaluator(), exhaustive=True)
    best = current = start
    done = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # a van less may be impossible: that is what is asked
        while (share := spending.share(done)) is not None:
            done += 1
            judge = penalties.cost_evaluator()
            other = moves(current, judge, exhaustive=False)
            penalties.register(other)
            if judge.cost(other) < judge.cost(best):
                best = other
                if tuning.polishes:
                    other = moves(other, judge, exhaustive=True)
                    best = other if other.is_feasible() else best
            cost = judge.penalised_cost(other)
            most = judge.penalised_cost(best) * (1 + tuning.worse * (1 - share))
            if cost < most or cost < judge.penalised_cost(current):
                current = other
    total = float(penalties.cost_evaluator().cost(best)) if best.is_feasible() else float("inf")
    return Found(best, total, done)


def _moves(data: Any, rng: Any, tuning: Tuning) -> Any:
    """Put the engine's moves together: every one that suits the question."""
    from pyvrp import search as engine

    neighbours = engine.compute_neighbours(data, engine.NeighbourhoodParams(num_neighbours=tuning.neighbours))
    shaking = engine.PerturbationManager(engine.PerturbationParams(max_perturbations=tuning.shakes))
    moves = engine.LocalSearch(data, rng, neighbours, shaking)
    for move in engine.OPERATORS:
        if move.supports(data):
            moves.add_operator(move(data))
    return moves
