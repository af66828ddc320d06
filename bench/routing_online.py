"""How fast and how good the choice for one order is: the targets O1 to O3 of `python -m bench.routing`.

Our own synthetic networks: towns of Flanders, three stages, own radius, eight process services. Both
sides are measured in the same run, on the same orders.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from geopy.distance import geodesic

from bench.figures import Figure, spending
from bench.routing_peers import cheapest_by_loops
from shortchain.kernel.geo import Point, distance_m
from shortchain.routing.columns import Columns
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import (
    DELIVER,
    PACK,
    PROCESS,
    Candidate,
    Line,
    Policy,
    RoutePlan,
    RouteRequest,
    Unroutable,
)

DAY = date(2026, 11, 26)
DAYS = [DAY - timedelta(days=back) for back in range(3)]
FULL, BARE = Policy(), Policy(runner_ups=False)
WASHES = [f"WASH{number}" for number in range(8)]
PRICES = {PROCESS: ("kg", 30, 60), PACK: ("box", 180, 320), DELIVER: ("stop", 350, 650)}


def a_place(dice: random.Random) -> Point:
    """Draw a place in Flanders, as a town would lie."""
    return Point(round(50.7 + dice.random() * 0.7, 5), round(2.6 + dice.random() * 3.3, 5))


def network(size: int, dice: random.Random) -> list[Candidate]:
    """Draw providers, a third of them a stage."""
    found = []
    for number in range(size):
        stage = (PROCESS, PACK, DELIVER)[number % 3]
        form, low, high = PRICES[stage]
        service = {PROCESS: dice.choice(WASHES), PACK: "BOX_ASSEMBLE", DELIVER: "DELIVER_VAN"}[stage]
        found.append(
            Candidate(
                capability_id=number,
                enterprise_id=number,
                name=str(number),
                service=service,
                stage=stage,
                point=a_place(dice),
                radius_m=dice.randint(8_000, 40_000),
                price_form=form,
                price_cents=dice.randint(low, high),
                pickup_price_cents=200,
                storage_classes=frozenset(dice.choice([("AMB", "COOL"), ("AMB",)])),
                lead_days=dice.choice([0, 0, 1]),
                free={day: dice.choice([0, 40_000, 90_000]) for day in DAYS if dice.random() < 0.8},
            )
        )
    return found


def a_question(dice: random.Random) -> RouteRequest:
    """Draw an order: two farms near the home, one line that needs a process step."""
    home = a_place(dice)
    farms = [Point(home.lat + dice.uniform(-0.1, 0.1), home.lon + dice.uniform(-0.15, 0.15)) for _ in range(2)]
    lines = tuple(
        Line(ref, 10**7 + ref, "f", farms[ref], 2500, "COOL", False, dice.choice(WASHES) if ref else None)
        for ref in range(2)
    )
    return RouteRequest(lines, home, False, DAY, DAYS[-1])


def by_geodesic(a: Point, b: Point) -> int:
    """Measure as geopy does, on the ellipsoid."""
    return round(geodesic((a.lat, a.lon), (b.lat, b.lon)).meters)


def apart(a: Point, b: Point) -> int:
    """Measure the great circle pair by pair: the search without columns."""
    return distance_m(a, b)


def asked_of(size: int, count: int) -> tuple[list[Candidate], Columns, list[RouteRequest]]:
    """Draw a network and questions to it, always the same for a size."""
    dice = random.Random(size)
    candidates = network(size, dice)
    return candidates, Columns(candidates, DAYS, version=str(size)), [a_question(dice) for _ in range(count)]


def route(request: RouteRequest, columns: Columns, policy: Policy) -> RoutePlan | None:
    """Ask ours; None when there is no chain."""
    try:
        return plan_route(request, columns, distance=distance_m, policy=policy)
    except Unroutable:
        return None


def milliseconds(deeds: Sequence[Callable[[], object]]) -> list[float]:
    """Time deeds one by one by the processor's clock, sorted; those of before are warmed up."""
    found = []
    for deed in deeds:
        start = time.process_time()
        deed()
        found.append((time.process_time() - start) * 1000)
    return sorted(found)


def latency(size: int, goal_ms: float, count: int) -> Figure:
    """O1: one order with explanation and every runner-up."""
    _candidates, columns, asked = asked_of(size, count)
    with spending() as spent:
        for request in asked[:10]:
            route(request, columns, FULL)
        times = milliseconds([partial(route, request, columns, FULL) for request in asked])
    p50, p95 = statistics.median(times), times[int(0.95 * len(times))]
    said = f"p50 {p50:.2f} ms, p95 {p95:.2f} ms"
    return Figure("O1", f"{size:,} providers", said, f"p95 ≤ {goal_ms:g} ms", p95 <= goal_ms, "", spent.cpu, spent.wall)


def speed(size: int = 1_000, count: int = 200, loops: int = 25) -> Iterator[Figure]:
    """O2: the same question to ours and to geopy: the best chain alone, and with the best without each of its three."""
    candidates, columns, asked = asked_of(size, count)
    for name, policy, chains in (("the best chain alone", BARE, 1), ("with explanation and three runner-ups", FULL, 4)):
        with spending() as spent:
            route(asked[0], columns, policy)
            ours = statistics.median(milliseconds([partial(route, request, columns, policy) for request in asked]))
            few = asked[:loops]
            loop = statistics.median(milliseconds([partial(_loops, request, candidates, chains) for request in few]))
            pruned = [partial(_one_by_one, request, candidates, policy) for request in few]
            pruned_ms = statistics.median(milliseconds(pruned))
        peer = (
            f"geopy loop over everybody {loop:.0f} ms; our own pruned search, one by one with geopy, "
            f"{pruned_ms:.0f} ms ({pruned_ms / ours:.0f} x)"
        )
        said = f"{ours:.2f} ms median, {loop / ours:.0f} x"
        is_enough = loop >= 100 * ours
        yield Figure("O2", f"{size:,} providers, {name}", said, "≥ 100 x", is_enough, peer, spent.cpu, spent.wall)


def _loops(request: RouteRequest, candidates: Sequence[Candidate], chains: int) -> None:
    for _ in range(chains):
        cheapest_by_loops(request, candidates, distance=by_geodesic, policy=BARE)


def _one_by_one(request: RouteRequest, candidates: Sequence[Candidate], policy: Policy) -> RoutePlan | None:
    try:
        return plan_route(request, candidates, distance=by_geodesic, policy=policy)
    except Unroutable:
        return None


def exact(size: int = 3_000, count: int = 100) -> Figure:
    """O3: the cost against that of trying every pair, to the thousandth of a cent."""
    candidates, columns, asked = asked_of(size, count)
    same = 0
    with spending() as spent:
        for request in asked:
            plan = route(request, columns, BARE)
            mine = None if plan is None else plan.billed_cents * 1000 + plan.steering_millicents
            same += mine == cheapest_by_loops(request, candidates, distance=apart, policy=BARE)
    return Figure(
        "O3", f"{size:,} providers", f"{same}/{count} the same cost", f"{count}/{count}", same == count,
        "every pair tried", spent.cpu, spent.wall,
    )  # fmt: skip
