"""Prices for scarce resources by dual ascent: dearer where too much is asked, cheaper where there is room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from shortchain.routing.batch.pricing import Pricer, as_chain
from shortchain.routing.batch.problem import STAGES, Chain, Floats, Ints

PATIENCE = 12
"""Rounds without a better bound before the step is halved."""


@dataclass(slots=True)
class Prices:
    """The best prices found, the bound that they prove, and every chain that was cheapest on the way."""

    values: Floats
    bound: float
    chains: list[set[Chain]] = field(default_factory=list)


def climb(pricer: Pricer, *, rounds: int, target: float, stop: Callable[[], bool]) -> Prices:
    """Raise the lower bound by subgradient steps (Held and Karp 1971; Polyak 1969 for the length of a step).

    `target` is the cost of some plan: the bound can not pass it.
    """
    problem = pricer.problem
    prices = np.zeros(len(problem.capacity))
    best = Prices(prices.copy(), -np.inf, [set() for _ in problem.orders])
    scale, waited = 1.0, 0
    for _ in range(rounds):
        if stop():
            break
        cost, chosen = pricer.best(prices)
        served = cost < pricer.penalty
        for number in np.flatnonzero(np.isfinite(cost)).tolist():
            best.chains[number].add(as_chain(chosen[number]))
        bound = pricer.bound(prices, cost)
        if bound > best.bound:
            best.values, best.bound, waited = prices.copy(), bound, 0
        else:
            waited += 1
            if waited >= PATIENCE:
                scale, waited = scale / 2, 0
                prices = best.values.copy()
                if scale < 1e-3:
                    break
                continue
        slope = _asked(pricer, chosen, served) - problem.capacity
        slope[(prices <= 0) & (slope < 0)] = 0.0
        length = float(slope @ slope)
        if length <= 0:
            break
        prices = np.maximum(0.0, prices + scale * max(target - bound, 0.0) / length * slope)
    return best


def _asked(pricer: Pricer, chosen: Ints, served: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Add up what the chosen chains would take."""
    used = np.zeros(len(pricer.problem.capacity) + 1)
    for block in pricer.blocks:
        take = served[block.orders]
        row = np.arange(len(block.orders))[take]
        for at in range(STAGES):
            column = chosen[block.orders[take], at]
            np.add.at(used, block.resource[at][row, column], block.amount[at][row, column])
    return used[:-1]
