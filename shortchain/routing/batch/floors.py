"""A social floor: each social enterprise gets at least a share of the work that it offers to do, if that costs little.

The floor is soft. Whoever stays under it gets a bonus per unit that steers the plan towards them and is
never billed; the bonus grows in steps, never beyond what the work itself costs. What the floor adds to the
cost of the plan is reported, so that a coordinator knows its price (`routing.md` 2, social spread).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shortchain.routing.batch.problem import NONE, Asked, Chain, Floats, Problem, Stage
from shortchain.routing.batch.solving import BatchPlan, Budget, Progress, solve_batch

STEPS = 4
"""How often the bonus grows before it is at its most."""
AGAIN = Budget(ascent=80, columns=3, moves=2, ejections=50, neighbourhoods=10)
"""What each further step may take: it starts from a good plan."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What somebody should get at least: `units` over the days `resources`, worth at most `cents` a unit."""

    resources: tuple[int, ...]
    units: float
    cents: float


@dataclass(frozen=True, slots=True)
class Floored:
    """A plan with its floors: what they added to the cost, and how many units are still missing."""

    plan: BatchPlan
    price: float
    missing_before: float
    missing: float


def solve_with_floors(
    problem: Problem,
    floors: Sequence[Floor],
    *,
    budget: Budget | None = None,
    start: Sequence[Chain | None] | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Floored:
    """Plan as `solve_batch`, then move work to those under their floor as long as that is worth its price.

    A plan counts its own cost plus `cents` for each missing unit; the cheapest so counted is taken. Its
    bound is that of the plan without floors, so that the gap tells the price of the floor too.
    """
    plain = solve_batch(problem, budget=budget, start=start, progress=progress, stop=stop)
    before = _missing(problem, floors, plain.chains)
    best, found = plain, before
    steps = np.zeros(len(floors))
    chains = plain.chains
    for _ in range(STEPS):
        lacking = np.array(_missing(problem, floors, chains)) > 1e-6
        if not lacking.any() or plain.truncated or (stop is not None and stop()):
            break
        steps = np.minimum(steps + lacking / STEPS, 1.0)
        steered = _with_bonus(problem, floors, steps)
        chains = solve_batch(steered, budget=AGAIN, start=chains, stop=stop).chains
        cost, missing = problem.cost(chains), _missing(problem, floors, chains)
        if _counted(cost, floors, missing) < _counted(best.cost, floors, found) - 1e-6 and _serves(chains, plain):
            best, found = replace(plain, chains=chains, cost=cost), missing
    return Floored(best, best.cost - plain.cost, sum(before), sum(found))


def _serves(chains: Sequence[Chain | None], plain: BatchPlan) -> bool:
    """Say whether nobody is left out for a floor's sake."""
    return all(chain is not None or was is None for chain, was in zip(chains, plain.chains, strict=True))


def _counted(cost: float, floors: Sequence[Floor], missing: Sequence[float]) -> float:
    return cost + sum(floor.cents * units for floor, units in zip(floors, missing, strict=True))


def _missing(problem: Problem, floors: Sequence[Floor], chains: Sequence[Chain | None]) -> list[float]:
    used = problem.used(chains)
    return [max(0.0, floor.units - float(used[list(floor.resources)].sum())) for floor in floors]


def _with_bonus(problem: Problem, floors: Sequence[Floor], steps: Floats) -> Problem:
    """Make the nodes of those under their floor cheaper by the bonus; never cheaper than free."""
    bonus = np.zeros(len(problem.capacity) + 1)
    for floor, step in zip(floors, steps, strict=True):
        bonus[list(floor.resources)] = step * floor.cents
    return Problem([_cheaper(order, bonus) for order in problem.orders], problem.capacity)


def _cheaper(order: Asked, bonus: Floats) -> Asked:
    one, two, three = order.stages
    return replace(order, stages=(_lower(one, bonus), _lower(two, bonus), _lower(three, bonus)))


def _lower(stage: Stage, bonus: Floats) -> Stage:
    at = np.where(stage.resource == NONE, len(bonus) - 1, stage.resource)
    less = (bonus[at] * stage.amount).sum(axis=1)
    return replace(stage, own=np.maximum(stage.own - less, 0.0))
