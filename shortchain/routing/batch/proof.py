"""Proves a plan of few orders to be the best there is, or finds the best one.

Under the prices, a chain that costs more above its order's cheapest than the whole plan costs above the bound
can be in no better plan. What is left over is few enough, in a small batch, for HiGHS to choose from exactly
(reduced-cost fixing; Nemhauser and Wolsey, Integer and Combinatorial Optimization, II.5).
"""

from __future__ import annotations

import numpy as np

from shortchain.routing.batch.master import new_solver
from shortchain.routing.batch.neighbourhood import chosen_of, make_whole
from shortchain.routing.batch.packing import Packing, priced
from shortchain.routing.batch.problem import EPSILON, Chain, Floats

MOST_ORDERS = 150
MOST_CHAINS = 30_000
"""More is not tried: it would take minutes, and the plan is near its bound anyway."""
NODES = 4_000
"""Branches that the search may take; without an answer by then nothing is proven."""


def prove(packing: Packing, prices: Floats) -> bool:
    """Put the best plan into the packing and say whether it is proven to be that."""
    problem = packing.problem
    free = [number for number, order in enumerate(problem.orders) if order.kept is None]
    if not free or len(free) > MOST_ORDERS:
        return not free
    columns = _worth_a_look(packing, free, prices)
    if columns is None:
        return False
    room = packing.left + problem.used(
        [chain if order.kept is None else None for chain, order in zip(packing.plan, problem.orders, strict=True)]
    )
    solver = new_solver(problem, columns, [problem.orders[n].penalty for n in free], free, np.maximum(room, 0.0))
    make_whole(solver, len(columns) + len(free), nodes=NODES, gap=0.0)
    solver.run()
    if solver.modelStatusToString(solver.getModelStatus()) != "Optimal":
        return False
    chosen = chosen_of(solver, columns)
    after = sum(problem.orders[n].cost(chosen[n]) if n in chosen else problem.orders[n].penalty for n in free)
    if after < sum(packing.price_of(number) for number in free) - EPSILON:
        for number in free:
            packing.take(number)
        for number in free:
            packing.put(number, chosen.get(number))
    return True


def _worth_a_look(packing: Packing, free: list[int], prices: Floats) -> list[tuple[int, Chain]] | None:
    """List the chains that a better plan may use; None when there are too many."""
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
    room = packing.left + problem.used(
        [chain if order.kept is None else None for chain, order in zip(packing.plan, problem.orders, strict=True)]
    )
    slack = packing.cost - (kept + sum(floors) - float(prices @ np.maximum(room, 0.0)))
    found: list[tuple[int, Chain]] = []
    for number, whole, floor in zip(free, costs, floors, strict=True):
        rows = np.argwhere(whole <= floor + slack + 1e-6)
        if len(found) + len(rows) > MOST_CHAINS:
            return None
        found += [(number, (int(a), int(b), int(c))) for a, b, c in rows]
    return found
