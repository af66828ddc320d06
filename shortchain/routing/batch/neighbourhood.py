"""Frees some orders at a time and lets HiGHS choose for all of them together: what single moves can not find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shortchain.routing.batch.master import new_solver
from shortchain.routing.batch.packing import Packing, priced, reinsert, through
from shortchain.routing.batch.pricing import Numbers
from shortchain.routing.batch.problem import EPSILON, Asked, Chain, Floats, Ints

if TYPE_CHECKING:
    import highspy

FREE = 20
"""Orders that are free at once: more take HiGHS seconds instead of hundredths, and find less a minute."""
IN_VAIN = 40
"""After so many neighbourhoods that were not better, half as many more are free at once."""
WIDEST = 45
CHAINS = 40
"""Chains that each of them may choose from, those with room that cost least under the prices."""
KNOWN = 200
"""Chains of each order that are looked through for that."""
NEAR = 10
"""Whoever takes what these first chains of an order would use is near to it."""
BEST = 4
"""Of each stage so many of the best rows for a packer are looked at."""
SETTLE = 100
"""After so many neighbourhoods (a twentieth of the orders where that is more) every order looks for a cheaper place by itself."""
WHOLE = np.uint8(1)
"""HiGHS' word for a variable that is a whole number (`HighsVarType.kInteger`)."""
FEASIBLE = 2
"""HiGHS' word for a solution that is one (`kSolutionStatusFeasible`)."""
NODES = 150
"""Branches that one search may take: a count, and not seconds, so that the same question has the same answer."""


def improve(
    packing: Packing,
    prices: Floats,
    *,
    rounds: int,
    stop: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> int:
    """Re-plan neighbourhoods, those first that lose most against the prices; returns how many got better."""
    look = _Looking(packing, prices)
    movable = [number for number, order in enumerate(packing.problem.orders) if order.kept is None]
    if len(movable) <= FREE:  # all together at once; no loss against the prices would tell where to look
        found = bool(movable) and look.replan(movable, gap=0.0)
        progress(rounds, rounds)
        return int(found)
    better, in_vain, size = 0, 0, FREE
    settle = max(SETTLE, len(movable) // 20)
    for done in range(rounds):
        if stop():
            break
        if done % settle == settle - 1 and reinsert(packing, stop, rounds=1):
            look.weigh(movable)
        centre = look.centre()
        if centre is None:
            break
        helped = look.replan(look.around(centre, size))
        better += helped
        in_vain = 0 if helped else in_vain + 1
        if in_vain >= IN_VAIN:
            in_vain, size = 0, size * 3 // 2
            if size > WIDEST:
                break
        progress(done + 1, rounds)
    progress(rounds, rounds)
    return better


class _Looking:
    """A plan under prices that stay: what each order loses against them, and which chains it may choose from."""

    def __init__(self, packing: Packing, prices: Floats) -> None:
        self.packing, self.problem, self.prices = packing, packing.problem, prices
        self._known: dict[int, _Known] = {}
        may_move = [order.kept is None and order.is_possible for order in self.problem.orders]
        self._is_free = np.array(may_move, dtype=np.bool_)
        self._tired = np.zeros(len(self.problem.orders), dtype=np.int64)
        self._floor = np.array([_floor(order, prices) for order in self.problem.orders])
        self._slack = np.zeros(len(self.problem.orders))
        self.weigh(range(len(self.problem.orders)))

    def weigh(self, numbers: Iterable[int]) -> None:
        """Work out again what some orders lose against the prices."""
        for number in numbers:
            self._slack[number] = _priced_cost(self.packing, number, self.prices) - self._floor[number]

    def _chains(self, number: int) -> _Known:
        """List an order's cheapest chains under the prices; worked out once."""
        if number not in self._known:
            order = self.problem.orders[number]
            rows = _cheapest_chains(order, self.prices)
            resource, amount = order.uses_each(rows, len(self.problem.capacity))
            self._known[number] = _Known(rows.astype(np.int32), resource.astype(np.int32), amount)
        return self._known[number]

    def _fitting(self, number: int) -> list[Chain]:
        """List the cheapest of an order's chains for which there is room now."""
        known, left = self._chains(number), np.append(self.packing.left, np.inf)
        fits = (known.amount <= left[known.resource] + EPSILON).all(axis=1)
        return [tuple(rows) for rows in known.rows[np.flatnonzero(fits)[:CHAINS]].tolist()]

    def centre(self) -> int | None:
        """Choose the order that loses most of those that were tried least."""
        may = np.flatnonzero(self._is_free & (self._slack > EPSILON))
        if not len(may):
            return None
        centre = int(may[np.lexsort((may, -self._slack[may], self._tired[may]))[0]])
        self._tired[centre] += 1
        return centre

    def around(self, centre: int, size: int) -> list[int]:
        """Choose the centre and those who take what it could use, the greatest losers first."""
        takers = self.packing.takers
        wanted = set(self._chains(centre).resource[:NEAR].ravel().tolist()) - {len(takers)}
        near = set().union(*(takers[one] for one in wanted)) - {centre} if wanted else set()
        lost = [n for n, chain in enumerate(self.packing.plan) if chain is None and n != centre and n not in near]
        return [centre, *self._losers(near)[: size - 4], *self._losers(lost)[:3]]

    def _losers(self, numbers: Iterable[int]) -> list[int]:
        movable = [number for number in numbers if self._is_free[number]]
        return sorted(movable, key=lambda number: (-float(self._slack[number]), number))

    def replan(self, free: Sequence[int], *, gap: float = 1e-3) -> bool:
        """Choose anew for some orders together, all others as they are; keeps the plan when it is not cheaper."""
        packing, problem = self.packing, self.problem
        was = [packing.plan[number] for number in free]
        before = sum(packing.price_of(number) for number in free)
        for number in free:
            packing.take(number)
        columns = []
        for number, old in zip(free, was, strict=True):
            own = self._fitting(number)
            columns += [(number, chain) for chain in own]
            if old is not None and old not in own:
                columns.append((number, old))
        penalties = [problem.orders[number].penalty for number in free]
        solver = new_solver(problem, columns, penalties, free, np.maximum(packing.left, 0.0))
        make_whole(solver, len(columns) + len(free), nodes=NODES if gap else 50 * NODES, gap=gap)
        solver.run()
        chosen = chosen_of(solver, columns)
        after = sum(problem.orders[n].cost(chosen[n]) if n in chosen else problem.orders[n].penalty for n in free)
        better = solver.getInfo().primal_solution_status == FEASIBLE and after < before - 1e-6
        for number, old in zip(free, was, strict=True):
            chain = chosen.get(number) if better else old
            if chain is None or not better or packing.fits(number, chain):
                packing.put(number, chain)
        if better:
            self.weigh(free)
        return bool(better)


@dataclass(frozen=True, slots=True)
class _Known:
    """Chains of an order, the cheapest under the prices first, with what each uses (one past the last is none)."""

    rows: Numbers
    resource: Numbers
    amount: Floats


def _floor(order: Asked, prices: Floats) -> float:
    """Say what an order costs at least under the prices."""
    least = through(order, priced(order, prices))[0].min() if order.is_possible else np.inf
    return min(order.penalty, float(least))


def _priced_cost(packing: Packing, number: int, prices: Floats) -> float:
    chain, order = packing.plan[number], packing.problem.orders[number]
    if chain is None:
        return order.penalty
    resource, amount = order.uses(chain)
    return order.cost(chain) + float(prices[resource] @ amount)


def _cheapest_chains(order: Asked, prices: Floats) -> Ints:
    """List an order's cheapest chains under the prices (chains × stages): through each packer, the best few of every
    other stage.
    """
    if not order.is_possible:
        return np.zeros((0, len(order.stages)), dtype=np.int64)
    total, arms = through(order, priced(order, prices))
    packs = np.flatnonzero(np.isfinite(total))
    cost, bests = total[packs], []
    for arm in arms:
        best = np.argsort(arm[:, packs], axis=0, kind="stable")[:BEST]  # of each packer
        above = np.take_along_axis(arm[:, packs], best, axis=0)
        above = above - above[0]
        cost = cost[None] + above.reshape(len(best), *(1,) * (cost.ndim - 1), len(packs))
        bests.append(best)
    found = np.argsort(cost, axis=None, kind="stable")[:KNOWN]
    found = found[np.isfinite(cost.ravel()[found])]
    *which, at = np.unravel_index(found, cost.shape)
    own = [best[one, at] for best, one in zip(bests, reversed(which), strict=True)]
    return np.stack([*own[:-1], packs[at], own[-1]], axis=1)


def make_whole(solver: highspy.Highs, count: int, *, nodes: int, gap: float) -> None:
    """Ask for whole numbers in the first `count` columns, with at most so many branches."""
    solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), np.full(count, WHOLE, dtype=np.uint8))
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", gap)


def chosen_of(solver: highspy.Highs, columns: Sequence[tuple[int, Chain]]) -> dict[int, Chain]:
    """Read which chains a solved programme takes, by the number of their order."""
    values = list(solver.getSolution().col_value)
    if len(values) < len(columns):
        return {}
    return {number: chain for value, (number, chain) in zip(values, columns, strict=False) if value > 0.5}
