"""How fast and how good the choice for one order is: `python -m bench.routing_online`.

Our own synthetic networks: towns of Flanders, three stages, own radius, eight process services. Both
sides are measured in the same run, on the same orders.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta

from geopy.distance import geodesic

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


def timed(plan: Callable[[], RoutePlan]) -> tuple[float, RoutePlan | None]:
    """Give milliseconds, and the plan if there is one."""
    start = time.perf_counter()
    try:
        found = plan()
    except Unroutable:
        found = None
    return (time.perf_counter() - start) * 1000, found


def rank(plan: RoutePlan | None) -> tuple[int, int] | None:
    """Give what the search compares: millicents and metres."""
    return (plan.billed_cents * 1000 + plan.steering_millicents, plan.metres) if plan else None


def table(size: int, *, orders: int, against: int, geodesics: int) -> None:
    """Measure one size and print its row; `against` orders are checked with the search one by one."""
    dice = random.Random(size)
    candidates = network(size, dice)
    start = time.perf_counter()
    columns = Columns(candidates, DAYS, version=str(size))
    building = (time.perf_counter() - start) * 1000
    asked = [a_question(dice) for _ in range(orders)]
    ours = [timed(lambda q=q: plan_route(q, columns, distance=distance_m, policy=Policy())) for q in asked]  # type: ignore[misc]
    plain = [
        timed(lambda q=q: plan_route(q, candidates, distance=apart, policy=Policy()))  # type: ignore[misc]
        for q in asked[:against]
    ]
    loop = [
        timed(lambda q=q: plan_route(q, candidates, distance=by_geodesic, policy=Policy(runner_ups=False)))  # type: ignore[misc]
        for q in asked[:geodesics]
    ]
    times = sorted(ms for ms, _plan in ours)
    served = sum(plan is not None for _ms, plan in ours)
    equal = sum(rank(mine) == rank(theirs) for (_a, mine), (_b, theirs) in zip(ours, plain, strict=False))
    row = [
        f"{size:,}",
        f"{served}/{orders}",
        f"{statistics.median(times):.2f}",
        f"{times[int(0.95 * len(times))]:.2f}",
        f"{building:.0f}",
        f"{equal}/{against}",
    ]
    for side in (plain, loop):
        middle = statistics.median(ms for ms, _plan in side) if side else None
        row.append(f"{middle:.1f} ({middle / statistics.median(times[:]):.0f} x)" if middle else "-")
    print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    """Print the table of the page."""
    print(
        "| Providers | Served | p50 ms | p95 ms | Columns ms | Same as one by one | One by one ms | geodesic loop ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    table(36, orders=200, against=200, geodesics=20)
    table(300, orders=200, against=100, geodesics=20)
    table(1_000, orders=200, against=60, geodesics=15)
    table(10_000, orders=200, against=10, geodesics=3)
    table(100_000, orders=60, against=2, geodesics=0)


if __name__ == "__main__":
    main()
