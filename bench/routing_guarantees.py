"""What bid prices gain, what a social floor costs, what a no costs: three targets of `python -m bench.routing`.

O5 (bid prices against none),
F1 (a floor against none), R1 (orders that are hit by a no, nobody else moved, against the proven best for them).
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from bench.figures import Figure, spending
from bench.routing_batch import make_case
from bench.routing_exact import solve_exactly
from bench.routing_peers import in_order
from shortchain.routing.batch.floors import Floor, solve_with_floors
from shortchain.routing.batch.packing import Packing
from shortchain.routing.batch.problem import Chain, Problem
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch
from shortchain.routing.cases.batch import Network, network_of, rows_of, solve_decline_case

BOUND_ONLY = Budget(ascent=250, columns=8, moves=0, ejections=0, neighbourhoods=0)
GOOD = Budget(ascent=250, columns=8, moves=4, ejections=200, neighbourhoods=600)
START = Budget(ascent=250, columns=8, moves=4, ejections=200, neighbourhoods=200)
SHARE = 0.25
CENTS = 0.5
"""Euro that a missing kilogram or stop counts."""


def gap(cost: float, bound: float) -> float:
    """Say how far a cost is above a bound, in per cent."""
    return 100 * (cost - bound) / bound


def bid_prices(orders: int = 3_000, providers: int = 300, seed: int = 1) -> Figure:
    """O5: fresh orders as they come, without prices and with those of the last cycle."""
    with spending() as spent:
        last = network_of(make_case(seed, orders=orders, providers=providers))
        prices = solve_batch(last.problem, budget=BOUND_ONLY).prices
        fresh = network_of(make_case(seed, orders=orders, providers=providers, week=1)).problem
        bound = solve_batch(fresh, budget=BOUND_ONLY).bound
        plain, priced = in_order(fresh), in_order(fresh, prices)
    without, with_prices = gap(plain.cost, bound), gap(priced.cost, bound)
    left = [sum(chain is None for chain in packing.plan) for packing in (plain, priced)]
    said = f"gap {with_prices:.1f} %, {left[1]} unserved: {with_prices / without:.2f} x"
    peer = f"greedy cheapest without prices {without:.1f} %, {left[0]} unserved"
    is_enough = with_prices <= 0.6 * without
    return Figure("O5", f"{orders:,} fresh orders", said, "≤ 0.6 x", is_enough, peer, spent.cpu, spent.wall)


def social_floor(load: float, orders: int = 600, providers: int = 180, seed: int = 1) -> Figure:
    """F1: what a floor of a quarter of what each offers costs, at a load."""
    with spending() as spent:
        network = network_of(make_case(seed, orders=orders, providers=providers, load=load))
        found = solve_with_floors(network.problem, _floors(network), budget=GOOD)
    cost = 100 * found.price / (found.plan.cost - found.price)
    peer = f"no floor: {found.missing_before:.0f} units missing, with it {found.missing:.0f}"
    case = f"{orders} orders at {load:.0%} load"
    return Figure("F1", case, f"+ {cost:.2f} %", "≤ 1.5 %", cost <= 1.5, peer, spent.cpu, spent.wall)


def _floors(network: Network) -> list[Floor]:
    """Put a floor under the whole of each provider, all services and days together."""
    of: dict[int, list[int]] = {}
    for (provider, service, _day), number in network.names.items():
        if service is None:
            of.setdefault(provider, []).append(number)
    return [
        Floor(tuple(numbers), SHARE * float(network.capacity[numbers].sum()), CENTS)
        for _provider, numbers in sorted(of.items())
    ]


def a_no(orders: int = 1_000, providers: int = 300, seed: int = 1) -> Figure:
    """R1: a twentieth of the providers says no at 75 % load; only the orders that are hit move."""
    case = make_case(seed, orders=orders, providers=providers, load=0.75)
    network = network_of(case)
    plan = solve_batch(network.problem, budget=START)
    answer = [network.answer(number, chain) for number, chain in enumerate(plan.chains)]
    gone = random.Random(seed).sample(range(providers), max(1, providers // 20))
    hit = [number for number, row in enumerate(answer) if row is not None and set(row[::2]) & set(gone)]
    declined: dict[str, Any] = {
        "kind": "decline",
        "declined_providers": gone,
        "affected_orders": hit,
        "assignment": answer,
    }
    with spending() as spent:
        found = solve_decline_case(declined, case)
    ours = sum(_cost(network, number, row) for number, row in zip(hit, found, strict=True))
    left = _left_for(network, plan, hit, gone)
    best = solve_exactly(left, seconds=120, known=_chains_of(network, hit, found))
    greedy = in_order(left).cost
    reference, state = best.reference(solve_batch(left, budget=BOUND_ONLY).bound)
    ratio = ours / reference
    said = f"{ratio:.3f} x the {state}, {sum(row is None for row in found)} unserved"
    peer = f"one after the other {greedy * ratio / ours:.3f} x"
    case_said = f"{len(hit)} of {orders:,} orders hit, nobody else moved"
    return Figure("R1", case_said, said, "≤ 1.05 x", ratio <= 1.05, peer, spent.cpu, spent.wall)


def _chains_of(network: Network, hit: list[int], rows: list[list[int] | None]) -> list[Chain | None]:
    """Give the answer of a case as chains of the problem, for the orders that are hit."""
    pairs = zip(hit, rows, strict=True)
    return [None if row is None else rows_of(network, number, row) for number, row in pairs]


def _cost(network: Network, number: int, row: list[int] | None) -> float:
    order = network.problem.orders[number]
    if row is None:
        return order.penalty
    return order.cost(rows_of(network, number, row))


def _left_for(network: Network, plan: BatchPlan, hit: list[int], gone: list[int]) -> Problem:
    """Give the hit orders as a problem of their own, in what the others leave."""
    packing = Packing(network.problem)
    for number, chain in enumerate(plan.chains):
        if chain is not None and number not in set(hit):
            packing.put(number, chain)
    left = np.maximum(packing.left, 0.0)
    for (provider, _service, _day), number in network.names.items():
        if provider in gone:
            left[number] = 0.0
    return Problem([network.problem.orders[number] for number in hit], left)
