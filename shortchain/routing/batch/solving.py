"""Plans a batch: from a plan that always exists, over prices that prove a bound, to a plan close to it.

Everything is counted in rounds, never in seconds, so the same question has the same answer on any machine.
Whoever asks may stop it at any time, and gets the best plan in hand, marked as cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shortchain.routing.batch import ascent, master, neighbourhood
from shortchain.routing.batch.ascent import Prices
from shortchain.routing.batch.master import HALF
from shortchain.routing.batch.packing import Packing, by_regret, eject, fill, reinsert
from shortchain.routing.batch.pricing import Pricer
from shortchain.routing.batch.problem import Chain, Floats, Problem
from shortchain.routing.batch.proof import MOST_ORDERS, prove

Progress = Callable[[str, int, int, float, float], None]
"""Called with the phase, how much of it is done and of how much, the cost in hand and the bound."""


LEFT_OUT = 20.0
"""Among many orders a plan is sought as if leaving one out costs so many times as much: who can be served is served first."""
ENOUGH = 0.005
"""So near to its bound a plan of few orders is not looked at again."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work may be done. The defaults suit a thousand orders in under a minute on one core."""

    ascent: int = 250
    columns: int = 8
    moves: int = 3
    ejections: int = 200
    neighbourhoods: int = 600
    serving: int = 8
    """Rounds of the programme that finds the prices at which everybody would be served."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A feasible plan with what is proven about it. `prices` are per unit of each resource."""

    chains: tuple[Chain | None, ...]
    cost: float
    bound: float
    prices: Floats
    truncated: bool
    steps: tuple[tuple[str, float, float], ...]

    @property
    def gap(self) -> float:
        """Say how far the plan can be from the best, as a share of the bound."""
        return (self.cost - self.bound) / abs(self.bound) if self.bound else 0.0

    @property
    def unserved(self) -> int:
        return sum(chain is None for chain in self.chains)


class _Run:
    """One solving: the plan and the prices in hand, and who wants to know.

    The plan is one of `sought`, the same question with more at stake for who is left out; cost and bound that are told
    are those of the question itself.
    """

    def __init__(self, problem: Problem, progress: Progress | None, stop: Callable[[], bool] | None) -> None:
        self.problem, self._progress, self._stop = problem, progress, stop
        self.truncated = False
        self.bound = -np.inf
        self.prices = np.zeros(len(problem.capacity))
        self.sought = problem if problem.movable <= MOST_ORDERS else _at_stake(problem)
        self.best = Packing(self.sought)
        self.steps: list[tuple[str, float, float]] = []

    @property
    def cost(self) -> float:
        """Say what the plan in hand costs."""
        return self.problem.cost(self.best.plan)

    def stop(self) -> bool:
        """Say whether to end, and remember that it was asked."""
        if self._stop is not None and self._stop():
            self.truncated = True
        return self.truncated

    def tell(self, phase: str, done: int = 1, total: int = 1) -> None:
        """Say how far it is."""
        if done == total:
            self.steps.append((phase, self.cost, self.bound))
        if self._progress is not None:
            self._progress(phase, done, total, self.cost, self.bound)

    def keep(self, packing: Packing) -> None:
        """Keep a plan when it is the best so far."""
        if packing.cost < self.best.cost:
            self.best = packing


def solve_batch(
    problem: Problem,
    *,
    budget: Budget | None = None,
    start: Sequence[Chain | None] | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> BatchPlan:
    """Plan all orders together (`routing.md` 4.2).

    `start` is the plan as it stands, where there is one: it must fit, and what comes out is never dearer (among many
    orders: unless it serves more).

    1 a plan by regret, which always exists; 2 dual ascent; 3 column generation; 4 plans by regret under
    its prices and by its shares, improved move by move, the better one kept; 5 for few orders an exact
    choice among all ways that a better plan may use, which raises the bound too; 6 where that is too many or left more
    than half a per cent, neighbourhoods by integer programming. The bound holds for every plan; the plan is feasible at
    any moment.
    """
    budget = budget or Budget()
    run = _Run(problem, progress, stop)
    fill(run.best, by_regret(run.sought, run.prices))
    if start is not None:
        run.keep(_standing(run.sought, start))
    run.tell("regret")
    pricer = Pricer(problem)
    climbed = ascent.climb(pricer, rounds=budget.ascent, target=run.cost, stop=run.stop)
    run.bound, run.prices = climbed.bound, climbed.values
    run.keep(_by_prices(run.sought, run.prices))
    run.tell("ascent")
    steer = run.prices
    if budget.columns and not run.stop():
        steer = _programme(run, pricer, climbed, budget)
    del pricer, climbed  # with ten thousand orders a third of all memory
    _move(run, steer, budget)
    proven = _exactly(run) if budget.neighbourhoods and not run.stop() else False
    if budget.neighbourhoods and not proven and not run.stop():
        neighbourhood.improve(
            run.best,
            steer,
            rounds=budget.neighbourhoods,
            stop=run.stop,
            progress=lambda done, total: run.tell("neighbourhoods", done, total),
        )
        reinsert(run.best, run.stop, rounds=budget.moves)
    run.tell("done")
    return BatchPlan(tuple(run.best.plan), run.cost, run.bound, run.prices, run.truncated, tuple(run.steps))


def _at_stake(problem: Problem) -> Problem:
    """Give the same question with more at stake for who is left out."""
    return Problem([replace(order, penalty=LEFT_OUT * order.penalty) for order in problem.orders], problem.capacity)


def _programme(run: _Run, pricer: Pricer, climbed: Prices, budget: Budget) -> Floats:
    """Solve the programme for its bound and its prices, and keep the plans that follow from it; gives the prices to steer by.

    Where it leaves out orders that could be served, its prices are too low to keep room for them: those of the programme
    with more at stake are steered by, and the bound stays that of the question itself.
    """
    solved = master.solve(pricer, climbed, rounds=budget.columns, stop=run.stop)
    run.bound, run.prices = solved.bound, solved.prices
    is_possible = np.array([order.is_possible for order in run.problem.orders], dtype=np.bool_)
    if run.sought is not run.problem and solved.left_out[is_possible].sum() > HALF and not run.stop():
        raised = pricer.with_penalties(LEFT_OUT * pricer.penalty)
        start = Prices(solved.prices, -np.inf, solved.choices)
        solved = master.solve(raised, start, rounds=budget.serving, stop=run.stop)
    run.keep(_by_prices(run.sought, solved.prices))
    run.keep(_by_shares(run.sought, solved.sure, solved.prices))
    run.tell("columns")
    return solved.prices


def _exactly(run: _Run) -> bool:
    """Choose exactly where few ways are left to choose from, as far as the search comes; says whether it was enough."""
    found = prove(run.best, run.prices, run.stop) if run.sought is run.problem else None
    if found is None:
        return False
    run.bound = found.bound if found.is_best else max(run.bound, found.bound)
    run.tell("proof")
    return found.is_best or run.cost - run.bound <= ENOUGH * abs(run.bound)


def _standing(problem: Problem, start: Sequence[Chain | None]) -> Packing:
    """Take a plan as it stands."""
    packing = Packing(problem)
    for number, chain in enumerate(start):
        if chain is not None and packing.plan[number] is None and packing.fits(number, chain):
            packing.put(number, chain)
    return packing


def _by_prices(problem: Problem, prices: Floats) -> Packing:
    """Fill by regret under prices, then without them what is left over."""
    packing = Packing(problem)
    order = by_regret(problem, prices)
    fill(packing, order, prices)
    fill(packing, order)
    return packing


def _by_shares(problem: Problem, sure: list[tuple[int, Chain]], prices: Floats) -> Packing:
    """Take chains of which the programme takes at least half, the surest first; then fill by regret."""
    packing = Packing(problem)
    for number, chain in sure:
        if packing.plan[number] is None and packing.fits(number, chain):
            packing.put(number, chain)
    order = by_regret(problem, prices)
    fill(packing, order, prices)
    fill(packing, order)
    return packing


def _move(run: _Run, prices: Floats, budget: Budget) -> None:
    """Improve the plan in hand by moving one order, and by moving one to make room for another."""
    reinsert(run.best, run.stop, rounds=budget.moves)
    ranked = [
        number
        for number, chain in sorted(
            enumerate(run.best.plan), key=lambda one: (one[1] is not None, -run.best.price_of(one[0]), one[0])
        )
    ][: budget.ejections]
    for number in ranked:
        if run.stop():
            break
        eject(run.best, number, prices)
    reinsert(run.best, run.stop, rounds=budget.moves)
    run.tell("moves")
