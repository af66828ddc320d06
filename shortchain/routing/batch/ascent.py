"""Prices for scarce resources by dual ascent: dearer where too much is asked, cheaper where there is room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shortchain.routing.batch.choices import Choices, joined
from shortchain.routing.batch.pricing import Pricer
from shortchain.routing.batch.problem import Floats

PATIENCE = 4
"""Rounds without a better bound before the step is halved."""
FIRST_STEP = 0.7
LAST_STEP = 1e-3
MEMORY = 0.7
"""How much of the last direction stays in the next, so that the prices do not swing to and fro."""


@dataclass(slots=True)
class Prices:
    """The best prices found, the bound that they prove, and every chain that was cheapest on the way."""

    values: Floats
    bound: float
    met: Choices


def climb(pricer: Pricer, *, rounds: int, target: float, stop: Callable[[], bool]) -> Prices:
    """Raise the lower bound by subgradient steps (Held and Karp 1971; Polyak 1969 for the length of a step), each with
    a part of the one before (Camerini, Fratta and Maffioli 1975).

    `target` is the cost of some plan: the bound can not pass it. Steps are taken in what all capacity of a resource is
    worth, not in the price of a unit: so a kilogram of a big kitchen and a stop of one courier move alike.
    """
    problem = pricer.problem
    prices = np.zeros(len(problem.capacity))
    best = Prices(prices.copy(), -np.inf, Choices.none(pricer.width))
    met = [best.met]
    last = np.full((len(problem.orders), pricer.width), -1, dtype=np.int64)
    scale, waited = FIRST_STEP, 0
    unit = 1.0 / np.maximum(problem.capacity, 1.0)
    way = np.zeros(len(problem.capacity))
    for _ in range(rounds):
        if stop():
            break
        cost, chosen = pricer.best(prices)
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
                prices, way = best.values.copy(), np.zeros(len(way))
                if scale < LAST_STEP:
                    break
                continue
        slope = (pricer.asked(chosen, cost < pricer.penalty) - problem.capacity) * unit
        way = _uphill(prices, _uphill(prices, slope) + MEMORY * way)
        length = float(way @ way)
        if length <= 0:
            break
        prices = np.maximum(0.0, prices + scale * max(target - bound, 0.0) / length * way * unit)
    best.met = joined(met)
    return best


def _uphill(prices: Floats, way: Floats) -> Floats:
    """Leave out of a direction what would make a price of nothing lower still."""
    return np.where((prices <= 0) & (way < 0), 0.0, way)
