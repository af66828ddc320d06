"""Chooses exactly for few orders: finds the best plan, or one near it, and proves what can be proven.

Under the prices, a chain that costs more above its order's cheapest than the whole plan costs above the bound
can be in no better plan (reduced-cost fixing; Nemhauser and Wolsey, Integer and Combinatorial Optimization,
II.5). What is left over is often few enough for HiGHS to choose from exactly; of more, the cheapest are chosen
from, and then only the plan counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from shortchain.routing.batch.master import new_solver
from shortchain.routing.batch.neighbourhood import FEASIBLE, chosen_of, make_whole, start_from
from shortchain.routing.batch.packing import Packing, priced
from shortchain.routing.batch.problem import EPSILON, Chain, Floats

MOST_ORDERS = 150
MOST_CHAINS = 2_500
"""So many are chosen from, the cheapest under the prices first; more would take minutes and finds little."""
WORK = 600_000
"""Chains × branches that the search may take, a count and not seconds; it ends with what is proven by then."""
FEWEST_NODES = 40
CHECKS = 1_500
"""HiGHS asks so often whether to go on, before it must end: that counts its work at the root too."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven: no plan costs less than `bound`, and whether the plan in hand is the best there is.

    Where not all chains that a better plan may use were looked at, `bound` is minus infinity.
    """

    bound: float
    is_best: bool


def prove(packing: Packing, prices: Floats, stop: Callable[[], bool]) -> Proof | None:
    """Put the best plan that is found into the packing, and say what is proven; None when that was not tried."""
    problem = packing.problem
    free = [number for number, order in enumerate(problem.orders) if order.kept is None]
    if not free:
        return Proof(packing.cost, True)
    if len(free) > MOST_ORDERS:
        return None
    columns, are_all = _worth_a_look(packing, free, prices)
    penalties = [problem.orders[number].penalty for number in free]
    solver = new_solver(problem, columns, penalties, free, _room(packing))
    make_whole(solver, len(columns) + len(free), nodes=max(FEWEST_NODES, WORK // max(1, len(columns))), gap=0.0)
    start_from(solver, columns, free, packing)
    solver.cbMipInterrupt += _Patience(stop)
    solver.run()
    before = sum(packing.price_of(number) for number in free)
    chosen = chosen_of(solver, columns)
    after = sum(problem.orders[n].cost(chosen[n]) if n in chosen else problem.orders[n].penalty for n in free)
    has_plan = solver.getInfo().primal_solution_status == FEASIBLE
    if has_plan and after < before - EPSILON:
        for number in free:
            packing.take(number)
        for number in free:
            packing.put(number, chosen.get(number))
    if not are_all:
        return Proof(-np.inf, False)
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


def _worth_a_look(packing: Packing, free: list[int], prices: Floats) -> tuple[list[tuple[int, Chain]], bool]:
    """List the chains that a better plan may use, and say whether that are all of them.

    Of too many those stay that cost least above their order's cheapest, and those of the plan in hand.
    """
    problem = packing.problem
    costs, floors = [], []
    for number in free:
        order = problem.orders[number]
        first, second, third = priced(order, prices)
        whole = (
            (first[:, None] + order.first)[:, :, None]
            + second[None, :, None]
            + (order.second + third[None, :])[None, :, :]
        )
        costs.append(whole)
        floors.append(min(order.penalty, float(whole.min(initial=np.inf))))
    kept = sum(order.cost(order.kept) for order in problem.orders if order.kept is not None)
    slack = packing.cost - (kept + sum(floors) - float(prices @ _room(packing))) + 1e-6
    above = np.concatenate([(whole - floor).ravel() for whole, floor in zip(costs, floors, strict=True)])
    count = int(np.count_nonzero(above <= slack))
    if count > MOST_CHAINS:
        slack = float(np.partition(above, MOST_CHAINS)[MOST_CHAINS])
    found: list[tuple[int, Chain]] = []
    for number, whole, floor in zip(free, costs, floors, strict=True):
        own = [(int(a), int(b), int(c)) for a, b, c in np.argwhere(whole - floor <= slack)]
        stands = packing.plan[number]
        found += [(number, chain) for chain in own]
        if stands is not None and stands not in own:
            found.append((number, stands))
    return found, count <= MOST_CHAINS
