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
from shortchain.routing.batch.packing import Packing, priced, through
from shortchain.routing.batch.problem import EPSILON, Asked, Chain, Floats

MOST_ORDERS = 150
MOST_CHAINS = 2_500
"""So many are chosen from, the cheapest under the prices first; more would take minutes and finds little."""
FINEST = 64
"""What is left over is looked at from a small part of the slack on, doubled until it is all or too much."""
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
    looks = [_Look(problem.orders[number], prices) for number in free]
    kept = sum(order.cost(order.kept) for order in problem.orders if order.kept is not None)
    floors = sum(look.floor for look in looks)
    slack = packing.cost - (kept + floors - float(prices @ _room(packing))) + 1e-6
    most = slack / FINEST
    while True:
        most = min(2 * most, slack)
        within = [look.within(most) for look in looks]
        above = np.concatenate([np.array([cost for cost, _chain in own]) for own in within])
        if most >= slack or len(above) > MOST_CHAINS:
            break
    are_all = len(above) <= MOST_CHAINS
    if not are_all:
        most = float(np.partition(above, MOST_CHAINS)[MOST_CHAINS])
    found: list[tuple[int, Chain]] = []
    for number, own in zip(free, within, strict=True):
        chains = sorted(chain for cost, chain in own if cost <= most)
        stands = packing.plan[number]
        found += [(number, chain) for chain in chains]
        if stands is not None and stands not in chains:
            found.append((number, stands))
    return found, are_all


class _Look:
    """One order under prices: what each chain costs above its cheapest, without making a list of all of them."""

    def __init__(self, order: Asked, prices: Floats) -> None:
        self._total = np.zeros(0)
        self._arms: list[Floats] = []
        if order.is_possible:
            self._total, self._arms = through(order, priced(order, prices))
        self.floor = min(order.penalty, float(self._total.min(initial=np.inf)))

    def within(self, most: float) -> list[tuple[float, Chain]]:
        """List the chains that cost at most so much above the cheapest, with what that is."""
        found: list[tuple[float, Chain]] = []
        for pack in np.flatnonzero(self._total - self.floor <= most).tolist():
            least = float(self._total[pack]) - self.floor
            above = [arm[:, pack] - arm[:, pack].min() for arm in self._arms]
            rows = [np.flatnonzero(least + one <= most) for one in above]
            whole = np.full((), least)
            for one, few in zip(above, rows, strict=True):
                whole = whole[..., None] + one[few]
            for at in np.argwhere(whole <= most).tolist():
                chain = [int(few[one]) for few, one in zip(rows, at, strict=True)]
                found.append((float(whole[tuple(at)]), (*chain[:-1], pack, chain[-1])))
        return found
