"""Frees some orders at a time and lets HiGHS choose for all of them together: what single moves can not find."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from shortchain.routing.batch.master import new_solver
from shortchain.routing.batch.packing import Packing, priced, through
from shortchain.routing.batch.problem import EPSILON, Chain, Floats, Ints, Problem

if TYPE_CHECKING:
    import highspy

FREE = 60
"""Orders that are free at once."""
CHAINS = 40
"""Chains that each of them may choose from."""
BEST = 4
"""Of each stage so many of the best rows for a packer are looked at."""
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
    problem = packing.problem
    movable = [number for number, order in enumerate(problem.orders) if order.kept is None]
    if len(movable) <= FREE:  # all together at once; no loss against the prices would tell where to look
        found = bool(movable) and _replan(packing, movable, prices, gap=0.0)
        progress(rounds, rounds)
        return int(found)
    floor = _floors(problem, prices)
    better, tired = 0, np.zeros(len(problem.orders), dtype=np.int64)
    for done in range(rounds):
        if stop():
            break
        slack = np.array([_priced_cost(packing, number, prices) for number in range(len(problem.orders))]) - floor
        centre = _centre(problem, slack, tired)
        if centre is None:
            break
        free = _around(packing, centre, slack, prices)
        tired[centre] += 1
        better += _replan(packing, free, prices)
        progress(done + 1, rounds)
    return better


def _floors(problem: Problem, prices: Floats) -> Floats:
    """Give what each order costs at least under the prices."""
    floors = []
    for order in problem.orders:
        least = through(order, priced(order, prices))[0].min() if order.is_possible else np.inf
        floors.append(min(order.penalty, float(least)))
    return np.array(floors)


def _priced_cost(packing: Packing, number: int, prices: Floats) -> float:
    chain, order = packing.plan[number], packing.problem.orders[number]
    if chain is None:
        return order.penalty
    resource, amount = order.uses(chain)
    return order.cost(chain) + float(prices[resource] @ amount)


def _centre(problem: Problem, slack: Floats, tired: Ints) -> int | None:
    """Choose the order that loses most and was tried least."""
    ranked = [
        (int(tired[number]), -float(slack[number]), number)
        for number, order in enumerate(problem.orders)
        if order.kept is None and slack[number] > EPSILON
    ]
    return min(ranked)[2] if ranked else None


def _around(packing: Packing, centre: int, slack: Floats, prices: Floats) -> list[int]:
    """Choose the centre and those who take what it could use, the greatest losers first."""
    problem = packing.problem
    wanted: set[int] = set()
    for chain in _chains(problem, centre, prices)[:10]:
        wanted |= set(problem.orders[centre].uses(chain)[0].tolist())
    near = set().union(*(packing.takers[one] for one in wanted)) - {centre} if wanted else set()
    movable = [number for number in near if problem.orders[number].kept is None]
    movable.sort(key=lambda number: (-float(slack[number]), number))
    lost = [n for n, chain in enumerate(packing.plan) if chain is None and n != centre and n not in near]
    lost.sort(key=lambda number: (-float(slack[number]), number))
    return [centre, *movable[: FREE - 6], *lost[:5]]


def _chains(problem: Problem, number: int, prices: Floats) -> list[Chain]:
    """List an order's cheapest chains under the prices: through each middle node, the best few on either side."""
    order = problem.orders[number]
    if not order.is_possible:
        return []
    total, arms = through(order, priced(order, prices))
    found: list[tuple[float, Chain]] = []
    for pack in np.flatnonzero(np.isfinite(total)).tolist():
        few = [np.argsort(arm[:, pack], kind="stable")[:BEST].tolist() for arm in arms]
        rest = float(total[pack]) - sum(float(arm[own[0], pack]) for arm, own in zip(arms, few, strict=True))
        for rows in itertools.product(*few):
            cost = rest + sum(float(arm[row, pack]) for arm, row in zip(arms, rows, strict=True))
            if np.isfinite(cost):
                found.append((cost, (*rows[:-1], pack, rows[-1])))
    found.sort()
    return [chain for _total, chain in found[:CHAINS]]


def _replan(packing: Packing, free: Sequence[int], prices: Floats, *, gap: float = 1e-4) -> bool:
    """Choose anew for some orders together, all others as they are; keeps the plan when it is not cheaper."""
    problem = packing.problem
    was = [packing.plan[number] for number in free]
    before = sum(packing.price_of(number) for number in free)
    for number in free:
        packing.take(number)
    columns = []
    for number, old in zip(free, was, strict=True):
        own = _chains(problem, number, prices)
        columns += [(number, chain) for chain in own if packing.fits(number, chain)]
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
    return bool(better)


def make_whole(solver: highspy.Highs, count: int, *, nodes: int, gap: float) -> None:
    """Ask for whole numbers in the first `count` columns, with at most so many branches."""
    solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), np.full(count, WHOLE, dtype=np.uint8))
    solver.setOptionValue("mip_max_nodes", nodes)
    solver.setOptionValue("mip_rel_gap", gap)


def start_from(
    solver: highspy.Highs, columns: Sequence[tuple[int, Chain]], free: Sequence[int], packing: Packing
) -> None:
    """Tell the solver the plan in hand, so that it looks for better ones only."""
    import highspy

    taken = [float(packing.plan[number] == chain) for number, chain in columns]
    left_out = [float(packing.plan[number] is None) for number in free]
    solution = highspy.HighsSolution()
    solution.col_value = [*taken, *left_out]
    solver.setSolution(solution)


def chosen_of(solver: highspy.Highs, columns: Sequence[tuple[int, Chain]]) -> dict[int, Chain]:
    """Read which chains a solved programme takes, by the number of their order."""
    values = list(solver.getSolution().col_value)
    if len(values) < len(columns):
        return {}
    return {number: chain for value, (number, chain) in zip(values, columns, strict=False) if value > 0.5}
