"""Asks PyVRP (0.14) for tours. Without PyVRP `available` says no, and the built-in planner does the work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from shortchain.delivery.tour_engine.checking import faults
from shortchain.delivery.tour_engine.problem import (
    DROP,
    PICK,
    STOP,
    Answer,
    Budget,
    Problem,
    Round,
    Task,
    Van,
    tightened,
)
from shortchain.delivery.tour_engine.reasons import why_alone

NEVER_M, NEVER_S = 10**8, 10**7
"""What an arc costs that a van may not drive: more than any tour, and longer than any shift."""


class BadAnswer(RuntimeError):
    """The engine gave an answer that the checker refuses; its text lists the faults."""


def available() -> bool:
    """Say whether the optimising engine is installed."""
    return find_spec("pyvrp") is not None


def solve(problem: Problem, budget: Budget | None = None, *, start: Sequence[Round] = ()) -> Answer:
    """Give rounds that the checker accepts: everything done if that is found, else as much as is found.

    The search goes on from the rounds in `start` where the engine can take them up.

    :raises BadAnswer: when the engine's answer breaks a bound
    :raises ValueError: when a task and the vans do not have the same load dimensions
    """
    budget = budget or Budget()
    possible, left = [], []
    for task in sorted(map(tightened, problem.tasks), key=lambda one: one.id):
        reason = why_alone(problem, task)
        if reason == "full":
            possible.append(task)
        else:
            left.append((task.id, reason))
    rounds: tuple[Round, ...] = ()
    truncated = False
    if possible:
        rounds, truncated = _searched(problem, possible, budget, start)
    done = {task_id for one in rounds for _, task_id in one.steps}
    left += [(task.id, "full") for task in possible if task.id not in done]
    answer = Answer(tuple(sorted(rounds, key=lambda one: one.van_id)), tuple(sorted(left)), truncated)
    if wrong := faults(problem, answer):
        raise BadAnswer("; ".join(wrong[:5]))
    return answer


def _searched(
    problem: Problem, tasks: list[Task], budget: Budget, start: Sequence[Round]
) -> tuple[tuple[Round, ...], bool]:
    """Search with every task required; when that finds no plan, with every task worth a prize."""
    import pyvrp
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria

    vans = _alike(problem.vans)
    began = time.monotonic()
    for required, share in ((True, 0.95), (False, 0.5)):
        data = _data(problem, tasks, vans, required)
        limits: list[Any] = [MaxRuntime(max(0.05, budget.seconds * share - (time.monotonic() - began) * required))]
        if budget.iterations is not None:
            limits.append(MaxIterations(budget.iterations))
        found = pyvrp.solve(
            data,
            stop=MultipleCriteria(limits),
            seed=budget.seed,
            collect_stats=False,
            display=False,
            initial_solution=_begun(data, tasks, vans, start),
        )
        if found.is_feasible():
            cut = budget.iterations is None or found.num_iterations < budget.iterations
            return _rounds(found.best, tasks, vans), cut
    return (), True


def _alike(vans: tuple[Van, ...]) -> list[list[Van]]:
    """Group vans that differ in nothing but their id: the engine need not tell them apart."""
    groups: dict[tuple[Any, ...], list[Van]] = {}
    for van in sorted(vans, key=lambda one: one.id):
        key = (van.start, van.end, van.capacity, van.open_s, van.close_s, van.max_shift_s, van.fixed_m, van.forbidden)
        groups.setdefault(key, []).append(van)
    return list(groups.values())


def _data(problem: Problem, tasks: list[Task], vans: list[list[Van]], required: bool) -> Any:
    """Put the question in the engine's words."""
    import pyvrp

    prize = 0 if required else int(problem.metres.max()) * 4 + max(group[0].fixed_m for group in vans) * 2 + 1
    sides = sorted({place for group in vans for place in (group[0].start, group[0].end)})
    depot = {place: number for number, place in enumerate(sides)}
    clients, shipments = [], []
    for task in tasks:
        drop = task.drop
        if task.pick is None:
            clients.append(
                pyvrp.Client(drop.place, list(task.amounts), [], drop.service_s, drop.open_s, drop.close_s, 0, prize,
                             required)
            )  # fmt: skip
        else:
            pick = task.pick
            shipments.append(
                pyvrp.Shipment(pick.place, drop.place, pick.open_s, pick.close_s, pick.service_s, drop.open_s,
                               drop.close_s, drop.service_s, list(task.amounts), prize, required)
            )  # fmt: skip
    closed = sorted({group[0].forbidden for group in vans}, key=sorted)
    metres = [_without(problem.metres, places, NEVER_M) for places in closed]
    seconds = [_without(problem.seconds, places, NEVER_S) for places in closed]
    types = [
        pyvrp.VehicleType(
            len(group),
            list(van.capacity),
            depot[van.start],
            depot[van.end],
            van.fixed_m,
            van.open_s,
            van.close_s,
            van.max_shift_s,
            profile=closed.index(van.forbidden),
        )
        for group in vans
        for van in group[:1]
    ]
    places = [pyvrp.Location(0, 0) for _ in range(len(problem.metres))]
    depots = [pyvrp.Depot(place) for place in sides]
    return pyvrp.ProblemData(places, clients, depots, types, metres, seconds, [], shipments)


def _without(matrix: Any, places: frozenset[int], never: int) -> Any:
    """Close every way into and out of some places."""
    closed = np.array(matrix, dtype=np.int64)
    numbers = sorted(places)
    closed[numbers, :] = never
    closed[:, numbers] = never
    np.fill_diagonal(closed, 0)
    return closed


def _begun(data: Any, tasks: list[Task], vans: list[list[Van]], start: Sequence[Round]) -> Any:
    """Put rounds in the engine's words, to search on from; None without any."""
    import pyvrp

    clients = {task.id: number for number, task in enumerate(t for t in tasks if t.pick is None)}
    shipments = {task.id: number for number, task in enumerate(t for t in tasks if t.pick is not None)}
    kinds = {
        STOP: (pyvrp.ActivityType.CLIENT, clients),
        PICK: (pyvrp.ActivityType.PICKUP, shipments),
        DROP: (pyvrp.ActivityType.DELIVERY, shipments),
    }
    group = {van.id: number for number, some in enumerate(vans) for van in some}
    routes = []
    for one in start:
        known = [(kind, task_id) for kind, task_id in one.steps if task_id in kinds[kind][1]]
        if known and one.van_id in group:
            acts = [pyvrp.Activity(kinds[kind][0], kinds[kind][1][task_id]) for kind, task_id in known]
            routes.append(pyvrp.Route(data, acts, group[one.van_id]))
    return pyvrp.Solution(data, routes) if routes else None


def _rounds(best: Any, tasks: list[Task], vans: list[list[Van]]) -> tuple[Round, ...]:
    """Read the engine's answer, and give its rounds to the vans of each kind in the order of their ids."""
    loaded = [task.id for task in tasks if task.pick is None]
    collected = [task.id for task in tasks if task.pick is not None]
    free = [iter(group) for group in vans]
    rounds = []
    for route in best.routes():
        steps = []
        for activity in route:
            if activity.is_depot():
                continue
            if activity.is_client():
                steps.append((STOP, loaded[activity.idx]))
            else:
                steps.append((PICK if activity.is_pickup() else DROP, collected[activity.idx]))
        if steps:
            rounds.append(Round(next(free[route.vehicle_type()]).id, tuple(steps)))
    return tuple(rounds)
