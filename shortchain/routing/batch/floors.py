"""A social floor: each social enterprise gets at least a share of the work that it offers to do, if that costs little.

The floor is soft. A missing unit counts for as much as the work itself would cost, and no move is made that
costs more than the missing units it fills. That count steers and is never billed; what the floor adds to the
cost of the plan is reported, so that a coordinator knows its price (`routing.md` 2, social spread).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shortchain.routing.batch.packing import Packing
from shortchain.routing.batch.problem import EPSILON, NONE, Chain, Floats, Ints, Problem
from shortchain.routing.batch.solving import BatchPlan, Budget, Progress, solve_batch

PASSES = 2
"""How often all floors are looked at: filling one may empty another."""
PULL = 1e7
"""So much cheaper are the wanted nodes made, for the search for a chain through one of them."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What somebody should get at least: `units` over the days `resources`, each missing one counted as `cents`."""

    resources: tuple[int, ...]
    units: float
    cents: float


@dataclass(frozen=True, slots=True)
class Floored:
    """A plan with its floors: what they added to the cost, and how many units were and are missing."""

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
    """Plan as `solve_batch`, then move orders to those under their floor, those first that cost least to move.

    The bound is that of the plan without floors, so that the gap tells their price too. Nobody who is served
    is left out for a floor's sake.
    """
    plain = solve_batch(problem, budget=budget, start=start, progress=progress, stop=stop)
    if not floors or plain.truncated:
        return Floored(plain, 0.0, 0.0, 0.0)
    lifting = _Lifting(problem, floors, plain.chains)
    before = lifting.missing
    for _ in range(PASSES):
        for floor in range(len(floors)):
            if stop is not None and stop():
                break
            lifting.fill(floor)
    cost = lifting.packing.cost
    plan = replace(plain, chains=tuple(lifting.packing.plan), cost=cost)
    return Floored(plan, cost - plain.cost, before, lifting.missing)


class _Lifting:
    """A plan in which orders move to who is under a floor."""

    def __init__(self, problem: Problem, floors: Sequence[Floor], chains: Sequence[Chain | None]) -> None:
        self.problem, self.floors = problem, floors
        self.packing = Packing(problem)
        for number, chain in enumerate(chains):
            if chain is not None and self.packing.plan[number] is None:
                self.packing.put(number, chain)
        self._floor_of = np.full(len(problem.capacity), NONE, dtype=np.int64)
        for number, floor in enumerate(floors):
            self._floor_of[list(floor.resources)] = number
        used = problem.used(self.packing.plan)
        self._got = np.array([float(used[list(floor.resources)].sum()) for floor in floors])
        self._wanted = np.array([floor.units for floor in floors])
        self._cents = np.array([floor.cents for floor in floors])

    @property
    def missing(self) -> float:
        """Add up the units that are missing."""
        return float(np.maximum(self._wanted - self._got, 0.0).sum())

    def fill(self, floor: int) -> None:
        """Move orders to one floor as long as it lacks units and a move is worth its cost."""
        if self._got[floor] >= self._wanted[floor] - EPSILON:
            return
        pull = np.zeros(len(self.problem.capacity))
        pull[list(self.floors[floor].resources)] = -PULL
        ranked = []
        for number in self._could(floor):
            found = self._through(number, floor, pull)
            if found is not None:
                ranked.append((found[0], number))
        for _cost, number in sorted(ranked):
            if self._got[floor] >= self._wanted[floor] - EPSILON:
                break
            again = self._through(number, floor, pull)  # others have moved since
            if again is not None and self._gain(number, again[1]) > again[0] + EPSILON:
                self._move(number, again[1])

    def _could(self, floor: int) -> list[int]:
        """List orders that are served, may move, and have a node of the floor that they do not use yet."""
        wanted = set(self.floors[floor].resources)
        return [
            number
            for number, order in enumerate(self.problem.orders)
            if order.kept is None
            and self.packing.plan[number] is not None
            and any(wanted.intersection(stage.resource.ravel().tolist()) for stage in order.stages)
        ]

    def _through(self, number: int, floor: int, pull: Floats) -> tuple[float, Chain] | None:
        """Find what moving an order to a floor costs, and the chain; None when there is no room or it is there."""
        was = self.packing.take(number)
        found = self.packing.best(number, pull)
        self.packing.put(number, was)
        if was is None or found is None or found[1] == was:
            return None
        resource, _amount = self.problem.orders[number].uses(found[1])
        if floor not in self._floor_of[resource]:
            return None
        return found[0] - self.problem.orders[number].cost(was), found[1]

    def _gain(self, number: int, chain: Chain) -> float:
        """Say how much less the missing units count after a move."""
        after = self._got + self._units(number, chain)
        old = self.packing.plan[number]
        if old is not None:
            after = after - self._units(number, old)
        return self._count(self._got) - self._count(after)

    def _count(self, got: Floats) -> float:
        return float((np.maximum(self._wanted - got, 0.0) * self._cents).sum())

    def _units(self, number: int, chain: Chain) -> Floats:
        resource, amount = self.problem.orders[number].uses(chain)
        at: Ints = self._floor_of[resource]
        units = np.zeros(len(self.floors))
        np.add.at(units, at[at != NONE], amount[at != NONE])
        return units

    def _move(self, number: int, chain: Chain) -> None:
        old = self.packing.take(number)
        if old is not None:
            self._got = self._got - self._units(number, old)
        self.packing.put(number, chain)
        self._got = self._got + self._units(number, chain)
