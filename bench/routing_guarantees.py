"""`python -m bench.routing_guarantees`: what bid prices gain, what a social floor costs, what a no costs.

Three of the targets of the routing study, each beside its peer in the same run: O5 (bid prices against none),
F1 (a floor against none), R1 (orders that are hit by a no, nobody else moved, against the proven best for them).
"""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

from bench.routing_batch import in_order, make_case
from shortchain.routing.batch.floors import Floor, solve_with_floors
from shortchain.routing.batch.packing import Packing
from shortchain.routing.batch.problem import Problem
from shortchain.routing.batch.solving import BatchPlan, Budget, solve_batch
from shortchain.routing.cases.batch import Network, network_of, rows_of, solve_decline_case

BOUND_ONLY = Budget(ascent=250, columns=8, moves=0, ejections=0, neighbourhoods=0)
GOOD = Budget(ascent=250, columns=8, moves=4, ejections=200, neighbourhoods=60)
SHARE = 0.25
CENTS = 0.5
"""Euro that a missing kilogram or stop counts."""


def gap(cost: float, bound: float) -> float:
    """Say how far a cost is above a bound, in per cent."""
    return 100 * (cost - bound) / bound


def bid_prices(orders: int, providers: int, seed: int) -> None:
    """O5: fresh orders as they come, without prices and with those of the last cycle."""
    last = network_of(make_case(seed, orders=orders, providers=providers))
    prices = solve_batch(last.problem, budget=BOUND_ONLY).prices
    fresh = network_of(make_case(seed, orders=orders, providers=providers, week=1)).problem
    bound = solve_batch(fresh, budget=BOUND_ONLY).bound
    plain, priced = in_order(fresh), in_order(fresh, prices)
    without, with_prices = gap(plain.cost, bound), gap(priced.cost, bound)
    left = [sum(chain is None for chain in packing.plan) for packing in (plain, priced)]
    print(f"O5 bid prices   gap {without:.1f} % without, {with_prices:.1f} % with: {with_prices / without:.2f} x")
    print(f"                unserved {left[0]} and {left[1]} of {orders}; goal 0.6 x")


def social_floor(orders: int, providers: int, seed: int, load: float) -> None:
    """F1: what a floor of a quarter of what each offers costs, at a load."""
    network = network_of(make_case(seed, orders=orders, providers=providers, load=load))
    found = solve_with_floors(network.problem, _floors(network), budget=GOOD)
    cost = found.plan.cost - found.price
    print(
        f"F1 social floor {load:.0%} load: + {100 * found.price / cost:.2f} %, "
        f"missing {found.missing_before:.0f} -> {found.missing:.0f} units; goal 1.5 %"
    )


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


def a_no(orders: int, providers: int, seed: int) -> None:
    """R1: a twentieth of the providers says no at 75 % load; only the orders that are hit move."""
    case = make_case(seed, orders=orders, providers=providers, load=0.75)
    network = network_of(case)
    plan = solve_batch(network.problem, budget=GOOD)
    answer = [network.answer(number, chain) for number, chain in enumerate(plan.chains)]
    gone = random.Random(seed).sample(range(providers), max(1, providers // 20))
    hit = [number for number, row in enumerate(answer) if row is not None and set(row[::2]) & set(gone)]
    began = time.perf_counter()
    declined: dict[str, Any] = {
        "kind": "decline",
        "declined_providers": gone,
        "affected_orders": hit,
        "assignment": answer,
    }
    found = solve_decline_case(declined, case)
    seconds = time.perf_counter() - began
    ours = sum(_cost(network, number, row) for number, row in zip(hit, found, strict=True))
    best = _best_of_hit(network, plan, hit, gone)
    state = "proven best" if best.cost == best.bound else "bound"
    print(
        f"R1 a no         {len(hit)} orders hit, {sum(row is None for row in found)} unserved, {seconds:.1f} s: "
        f"{ours / best.bound:.3f} x the {state}; goal 1.05 x"
    )


def _cost(network: Network, number: int, row: list[int] | None) -> float:
    order = network.problem.orders[number]
    if row is None:
        return order.penalty
    return order.cost(rows_of(network, number, row))


def _best_of_hit(network: Network, plan: BatchPlan, hit: list[int], gone: list[int]) -> BatchPlan:
    """Plan the hit orders alone, in what the others leave."""
    packing = Packing(network.problem)
    for number, chain in enumerate(plan.chains):
        if chain is not None and number not in set(hit):
            packing.put(number, chain)
    left = packing.left.copy()
    for (provider, _service, _day), number in network.names.items():
        if provider in gone:
            left[number] = 0.0
    return solve_batch(Problem([network.problem.orders[number] for number in hit], left), budget=GOOD)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=600)
    parser.add_argument("--providers", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    bid_prices(args.orders, args.providers, args.seed)
    for load in (0.6, 0.8):
        social_floor(args.orders, args.providers, args.seed, load)
    a_no(args.orders, args.providers, args.seed)


if __name__ == "__main__":
    main()
