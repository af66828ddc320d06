"""`python -m bench.routing [--parts O1,O2,…]`: the targets of the routing, each beside its peer in the same run.

A part is a process of its own, so that its memory is its own. Times of the processor stand beside those of the clock.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from bench.figures import HEAD, Figure, keep_figures, spending
from bench.load import ROOT
from bench.routing_batch import make_case
from bench.routing_cut_offs import make_cut_off
from bench.routing_declines import noes
from bench.routing_exact import solve_exactly
from bench.routing_guarantees import a_no, bid_prices, gap, social_floor
from bench.routing_http import quote_and_hold
from bench.routing_online import exact, latency, speed
from bench.routing_peers import by_regret_alone, in_order, nearest_in_order
from shortchain.routing.batch.packing import Packing
from shortchain.routing.batch.solving import solve_batch
from shortchain.routing.cases.batch import budget_for, network_of, solve_batch_case

WRITING_S, ENDING_S = 5, 1
"""What ending takes after a stop, of the seconds of a target: with thousands of orders, and with a hundred."""


def small_batches() -> Iterator[Figure]:
    """B1: batches of 60 to 100 orders against a direct programme that proves the best, or how near it is.

    First cut-offs in which everybody could be served, then dense networks where a provider does anything for anybody.
    """
    cut_offs = [(60, 30, 1), (80, 34, 2), (100, 40, 4), (100, 40, 5)]
    cases = [("", orders, make_cut_off(seed, orders=orders, providers=firms)) for orders, firms, seed in cut_offs]
    dense = [(60, 60, 1), (80, 80, 2), (100, 90, 3)]
    cases += [(" dense", orders, make_case(seed, orders=orders, providers=firms)) for orders, firms, seed in dense]
    for kind, orders, case in cases:
        problem = network_of(case).problem
        end = time.process_time() + 15 - ENDING_S
        with spending() as spent:
            plan = solve_batch(problem, budget=budget_for(orders), stop=partial(_is_past, end))
        best = solve_exactly(problem, seconds=180, known=plan.chains)
        reference, state = best.reference(plan.bound)
        above = gap(plan.cost, reference)
        yield Figure(
            "B1",
            f"{orders} orders{kind}",
            f"{above:+.2f} % of the {state}, own bound {gap(plan.cost, plan.bound):.2f} %",
            "≤ 0.5 % in 15 s",
            above <= 0.5 and spent.cpu <= 15,
            "direct integer programme over ways",
            spent.cpu,
            spent.wall,
        )


def batch(code: str, orders: int, *, most_gap: float, most_s: float, most_left: float) -> Figure:
    """B2 and B3: a batch against its bound, beside the greedy rules."""
    network = network_of(make_case(1, orders=orders, providers=300))
    nearest = nearest_in_order(network)
    greedy = {"nearest": nearest, "cheapest": in_order(network.problem), "regret": by_regret_alone(network.problem)}
    end = time.process_time() + most_s - WRITING_S
    with spending() as spent:
        plan = solve_batch(network.problem, budget=budget_for(orders), progress=_tell, stop=partial(_is_past, end))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own, theirs = gap(plan.cost, plan.bound), gap(nearest.cost, plan.bound)
    nobody = sum(not order.is_possible for order in network.problem.orders)
    left = plan.unserved - nobody
    is_enough = own <= most_gap and spent.cpu <= most_s and left <= most_left * orders and megabytes <= 1229
    said = (
        f"{own:.2f} %, {left} unserved beside {nobody} that have nobody for some stage, "
        f"{own / theirs:.2f} x nearest's gap, {megabytes:.0f} MB"
    )
    goal = f"≤ {most_gap:g} % in {most_s:g} s, ≤ {most_left:.1%} unserved, ≤ 1.2 GB"
    peer = "; ".join(
        f"{name} {gap(packing.cost, plan.bound):.1f} % ({_left(packing)})" for name, packing in greedy.items()
    )
    return Figure(code, f"{orders:,} orders", said, goal, is_enough, f"{peer}; bound by LP", spent.cpu, spent.wall)


def _is_past(end: float) -> bool:
    """Say whether the granted seconds of the processor are over, as a caller with a clock would."""
    return time.process_time() > end


def _left(packing: Packing) -> int:
    return sum(chain is None for chain in packing.plan)


def _tell(phase: str, done: int, total: int, cost: float, bound: float) -> None:
    if done == total:
        print(f"  … {phase}: {cost:.0f}, bound {bound:.0f}", file=sys.stderr, flush=True)


def same_again() -> Figure:
    """B4: the same case with orders and providers shuffled gives the same plan, byte for byte."""
    case = make_case(4, orders=150, providers=90)
    dice = random.Random(4)
    mixed = {**case, **{key: dice.sample(case[key], len(case[key])) for key in ("orders", "providers")}}
    with spending() as spent:
        one, other = solve_batch_case(case | {"seconds": 3600}), solve_batch_case(mixed | {"seconds": 3600})
    by_id = {order["id"]: chain for order, chain in zip(mixed["orders"], other, strict=True)}
    same = repr(one) == repr([by_id[order["id"]] for order in case["orders"]])
    said = "the same bytes" if same else "another plan"
    return Figure("B4", "150 orders, shuffled", said, "the same", same, "", spent.cpu, spent.wall)


def races() -> Figure:
    """C1: the race tests of the capacity ledger, with their naive controls."""
    with spending() as spent:
        words = [sys.executable, "-m", "pytest", "-q", "-m", "race", "tests/race/test_capacity.py"]
        words += ["tests/race/test_capacity_processes.py"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    said = (done.stdout.strip().splitlines() or ["nothing said"])[-1].strip("= ")
    control = "the same without the guard takes too much"
    return Figure("C1", "tight buckets", said, "none over", not done.returncode, control, 0.0, spent.wall)


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "O1": lambda: iter([latency(10_000, 5, 200), latency(100_000, 25, 60)]),
    "O2": speed,
    "O3": lambda: iter([exact()]),
    "O4": lambda: iter([quote_and_hold()]),
    "O5": lambda: iter([bid_prices()]),
    "B1": small_batches,
    "B2": lambda: iter([batch("B2", 1_000, most_gap=5, most_s=60, most_left=0.01)]),
    "B3": lambda: iter([batch("B3", 10_000, most_gap=1.5, most_s=150, most_left=0.003)]),
    "B4": lambda: iter([same_again()]),
    "R1": lambda: chain([a_no()], noes()),
    "F1": lambda: iter([social_floor(0.6), social_floor(0.8)]),
    "C1": lambda: iter([races()]),
}


def measure(code: str) -> list[Figure]:
    """Measure one target and print its rows as they come."""
    found = []
    for figure in PARTS[code]():
        print(figure.line(), flush=True)
        found.append(figure)
    return found


def main() -> int:
    """Print the table and keep it; exit code 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    asked = parser.parse_args().parts.split(",")
    if unknown := [code for code in asked if code not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    print(HEAD, flush=True)
    found: list[Figure] = []
    for code in asked:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found += pool.apply(measure, (code,))
    keep_figures("routing", found)
    return int(any(figure.is_enough is False for figure in found))


if __name__ == "__main__":
    raise SystemExit(main())
