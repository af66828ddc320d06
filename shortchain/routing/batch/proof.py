"""Chooses exactly for few orders: finds the best plan, or one near it, and proves what can be proven.

Its variables are the ways between stages, not chains: an order has hundreds of them instead of thousands, and HiGHS
finds its cuts on them. Under the prices, a way that costs more above its order's cheapest chain than the whole plan
costs above the bound can be in no better plan (reduced-cost fixing; Nemhauser and Wolsey, Integer and Combinatorial
Optimization, II.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from shortchain.routing.batch.master import Columns, passed
from shortchain.routing.batch.neighbourhood import FEASIBLE, make_whole
from shortchain.routing.batch.packing import Packing, priced, through
from shortchain.routing.batch.problem import EPSILON, NONE, Asked, Chain, Floats, Ints

MOST_ORDERS = 150
"""Of more orders that may move an exact choice is not tried."""
MOST_WAYS = 30_000
"""Of more ways it would take minutes and find little; neighbourhoods find more in that time."""
WORK = 6_000_000
"""Ways × branches that the search may take, a count and not seconds; it ends with what is proven by then."""
FEWEST_NODES = 40
CHECKS = 1_500
"""HiGHS asks so often whether to go on, before it must end: that counts its work at the root too."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven: no plan costs less than `bound`, and whether the plan in hand is the best there is."""

    bound: float
    is_best: bool


def prove(packing: Packing, prices: Floats, stop: Callable[[], bool]) -> Proof | None:
    """Put the best plan that is found into the packing, and say what is proven; None when there is too much to look at."""
    problem = packing.problem
    free = [number for number, order in enumerate(problem.orders) if order.kept is None]
    if not free:
        return Proof(packing.cost, True)
    if len(free) > MOST_ORDERS:
        return None
    looks = [_Look(problem.orders[number], prices) for number in free]
    most = _slack(packing, looks, prices)
    if sum(np.count_nonzero(above <= most) for look in looks for above in look.above) > MOST_WAYS:
        return None
    programme = _Programme(_room(packing))
    for number, look in zip(free, looks, strict=True):
        programme.add(look, look.ways(most, packing.plan[number]), packing.plan[number])
    solver = programme.solver()
    solver.cbMipInterrupt += _Patience(stop)
    solver.run()
    before = sum(packing.price_of(number) for number in free)
    if solver.getInfo().primal_solution_status == FEASIBLE:
        chosen = dict(zip(free, programme.chains(list(solver.getSolution().col_value)), strict=True))
        after = sum(
            problem.orders[number].penalty if chain is None else problem.orders[number].cost(chain)
            for number, chain in chosen.items()
        )
        if after < before - EPSILON:
            for number in free:
                packing.take(number)
            for number, chain in chosen.items():
                packing.put(number, chain)
    if solver.modelStatusToString(solver.getModelStatus()) == "Optimal":
        return Proof(packing.cost, True)
    kept = sum(order.cost(order.kept) for order in problem.orders if order.kept is not None)
    return Proof(kept + float(solver.getInfo().mip_dual_bound), False)


class _Patience:
    """Ends a search after so many checks, or when whoever asked wants it to stop."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self._stop, self._checks = stop, 0

    def __call__(self, event: Any) -> None:
        self._checks += 1
        if self._checks > CHECKS or self._stop():
            event.interrupt()


def _room(packing: Packing) -> Floats:
    """Say what there is for the orders that may move, those in hand taken out."""
    orders = packing.problem.orders
    own = [chain if order.kept is None else None for chain, order in zip(packing.plan, orders, strict=True)]
    return np.maximum(packing.left + packing.problem.used(own), 0.0)


class _Look:
    """One order under prices: what the cheapest chain through each way costs above its cheapest of all."""

    def __init__(self, order: Asked, prices: Floats) -> None:
        self.order = order
        self.floor = order.penalty
        self.above: list[Floats] = []  # of each arm: its rows × packers
        if order.is_possible:
            total, arms = through(order, priced(order, prices))
            self.floor = min(order.penalty, float(total.min()))
            with np.errstate(invalid="ignore"):  # endless less endless: no chain goes there
                above = [total - self.floor + (arm - arm.min(axis=0)) for arm in arms]
            self.above = [np.where(np.isnan(one), np.inf, one) for one in above]

    def ways(self, most: float, stands: Chain | None) -> list[Ints]:
        """List of each arm the ways (row, packer) that cost at most so much more, and those of the plan in hand."""
        found = []
        for above, (at, _ways) in zip(self.above, self.order.arms(), strict=False):
            fits = above <= most
            if stands is not None:
                fits[stands[at], stands[self.order.middle]] = True
            found.append(np.argwhere(fits))
        return found


def _slack(packing: Packing, looks: list[_Look], prices: Floats) -> float:
    """Say how much above its order's cheapest chain a way in a better plan costs at most under the prices."""
    kept = sum(order.cost(order.kept) for order in packing.problem.orders if order.kept is not None)
    bound = kept + sum(look.floor for look in looks) - float(prices @ _room(packing))
    return packing.cost - bound + 1e-6


class _Programme:
    """The programme, order by order: each is served once or paid for, and what comes to a packer leaves it."""

    def __init__(self, room: Floats) -> None:
        self._lower, self._upper = [-np.inf] * len(room), room.tolist()
        self._cost: list[float] = []
        self._start, self._index, self._value = [0], list[int](), list[float]()
        self._hand: list[float] = []
        self._ways: list[tuple[Asked, int, list[list[list[int]]]]] = []

    def _row(self, value: float) -> int:
        self._lower.append(value)
        self._upper.append(value)
        return len(self._lower) - 1

    def _column(self, cost: float, entries: Iterator[tuple[int, float]], is_in_hand: bool) -> None:
        for row, much in entries:
            self._index.append(row)
            self._value.append(much)
        self._cost.append(cost)
        self._start.append(len(self._index))
        self._hand.append(float(is_in_hand))

    def add(self, look: _Look, ways: list[Ints], stands: Chain | None) -> None:
        """Add an order with the ways that it may take; the packer counts with the way of its first arm."""
        order, served = look.order, self._row(1.0)
        self._ways.append((order, len(self._cost), [own.tolist() for own in ways]))
        middle = order.middle
        packs = sorted({pack for own in ways for _row, pack in own.tolist()})
        meets = [{pack: self._row(0.0) for pack in packs} for _arm in ways[1:]]
        for arm, (own, (at, between)) in enumerate(zip(ways, order.arms(), strict=False)):
            for row, pack in own.tolist():
                cost = float(order.stages[at].own[row] + between[row, pack])
                rows = [*_uses(order, at, row)]
                if arm:
                    rows.append((meets[arm - 1][pack], -1.0))
                else:
                    cost += float(order.stages[middle].own[pack])
                    rows += [(served, 1.0), *_uses(order, middle, pack), *((one[pack], 1.0) for one in meets)]
                is_in_hand = stands is not None and (stands[at], stands[middle]) == (row, pack)
                self._column(cost, iter(rows), is_in_hand)
        self._column(order.penalty, iter([(served, 1.0)]), stands is None)

    def solver(self) -> Any:
        """Give the solver, which knows the plan in hand and looks for better ones only."""
        import highspy

        columns = Columns(
            np.array(self._cost), np.array(self._start), np.array(self._index), np.array(self._value, dtype=np.float64)
        )
        solver = passed(columns, np.array(self._lower), np.array(self._upper))
        count = len(self._cost)
        make_whole(solver, count, nodes=max(FEWEST_NODES, WORK // max(1, count)), gap=0.0)
        solution = highspy.HighsSolution()
        solution.col_value = self._hand
        solver.setSolution(solution)
        return solver

    def chains(self, values: list[float]) -> Iterator[Chain | None]:
        """Read the chain of each order off a solution."""
        for order, first, ways in self._ways:
            taken: dict[int, tuple[int, int]] = {}
            at = first
            for arm, own in enumerate(ways):
                for row, pack in own:
                    if values[at] > 0.5:
                        taken[arm] = (row, pack)
                    at += 1
            if len(taken) < len(order.stages) - 1:
                yield None
                continue
            rows = [taken[arm][0] for arm in range(len(taken))]
            yield (*rows[:-1], taken[0][1], rows[-1])


def _uses(order: Asked, at: int, row: int) -> Iterator[tuple[int, float]]:
    stage = order.stages[at]
    for resource, amount in zip(stage.resource[row].tolist(), stage.amount[row].tolist(), strict=True):
        if resource != NONE:
            yield resource, amount
