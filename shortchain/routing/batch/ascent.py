"""Prices for scarce resources by dual ascent: dearer where too much is asked, cheaper where there is room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shortchain.routing.batch.choices import Choices, joined
from shortchain.routing.batch.pricing import Pricer
from shortchain.routing.batch.problem import Floats

PATIENCE = 12
"""Rounds without a better bound before the step is halved."""


@dataclass(slots=True)
class Prices:
    """The best prices found, the bound that they prove, and every chain that was cheapest on the way."""

    values: Floats
    bound: float
    met: Choices


def climb(pricer: Pricer, *, rounds: int, target: float, stop: Callable[[], bool]) -> Prices:
    """Raise the lower bound by subgradient steps (Held and Karp 1971; Polyak 1969 for the length of a step).

    `target` is the cost of some plan: the bound can not pass it.
    """
    problem = pricer.problem
    prices = np.zeros(len(problem.capacity))
    best = Prices(prices.copy(), -np.inf, Choices.none(pricer.width))
    met = [best.met]
    last = np.full((len(problem.orders), pricer.width), -1, dtype=np.int64)
    scale, waited = 1.0, 0
    for _ in range(rounds):
        if stop():
            break
        cost, chosen = pricer.best(prices)
        served = cost < pricer.penalty
        fresh = np.flatnonzero(np.isfinite(cost) & (chosen != last).any(axis=1))
        met.append(Choices(fresh, chosen[fresh]))
        last = chosen
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
        slope = pricer.asked(chosen, served) - problem.capacity
        slope[(prices <= 0) & (slope < 0)] = 0.0
        length = float(slope @ slope)
        if length <= 0:
            break
        prices = np.maximum(0.0, prices + scale * max(target - bound, 0.0) / length * slope)
    best.met = joined(met)
    return best
