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
from shortchain.delivery.tour_engine.searching import FEW, MANY, MANY_FROM, PAIRED, Found, Spending, Tuning, search

FIRST_PART, PART_FOR_FEWER, PARTS_FOR_FEWER = 0.4, 0.2, 2
"""How a budget is spent where vans cost something: a first search, up to two for one van less, then what is left."""

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
    search = _Search(problem, tasks, budget)
    for required, share in ((True, 0.95), (False, 1.45)):  # what is impossible takes half as long again
        found = search.best(start, required, share)
        if found is not None:
            return _rounds(found, tasks, search.vans), search.is_cut
    return (), True


class _Search:
    """One budget, spent in parts: each part goes on from the best plan so far."""

    def __init__(self, problem: Problem, tasks: list[Task], budget: Budget) -> None:
        self.problem, self.tasks, self.budget = problem, tasks, budget
        self.vans = _alike(problem.vans)
        self.clock = time.process_time if budget.cpu else time.monotonic
        self.began = self.clock()
        self.is_cut = budget.iterations is None

    def best(self, start: Sequence[Round], required: bool, share: float) -> Any:
        """Give the engine's best plan, or None; be done when a share of the seconds is spent.

        Where a van costs something to use, part of the search is for a plan with one van less: the engine moves stops
        and seldom empties a round.
        """
        vans, until = self.vans, self.began + self.budget.seconds * share
        asked = _data(self.problem, self.tasks, vans, required)
        fewer = required and any(group[0].fixed_m for group in vans)
        found = self._part(asked, _begun(asked, self.tasks, vans, start), 0, FIRST_PART if fewer else 1.0, until)
        for number in range(1, PARTS_FOR_FEWER + 1):
            if not fewer or not found.best.is_feasible():
                break
            fleet = self._one_less(vans, found)
            if fleet is None:
                break
            vans = fleet
            less = _data(self.problem, self.tasks, vans, required)
            other = self._part(less, None, number, PART_FOR_FEWER, until)
            if other.cost >= found.cost:
                break
            asked, found = less, other
        if fewer and found.best.is_feasible():
            last = self._part(asked, found.best, PARTS_FOR_FEWER + 1, None, until)
            found = last if last.cost <= found.cost else found
        return found.best if found.best.is_feasible() else None

    def _part(self, asked: Any, start: Any, number: int, share: float | None, until: float) -> Found:
        """Search on for a share of the budget, or (None) for what is left of it."""
        left = max(0.02, until - self.clock())
        seconds = left if share is None or share == 1.0 else min(left, self.budget.seconds * share)
        most = self.budget.iterations
        if most is not None:
            most = max(1, int(most * (1 - FIRST_PART if share is None else share)))
        tuning = tuning_for(self.tasks)
        seed = self.budget.seed + 1_000 * number
        found = search(asked, Spending(self.clock, seconds, most), tuning, seed=seed, start=start)
        self.is_cut = self.is_cut or (most is not None and found.iterations < most)
        return found

    def _one_less(self, vans: list[list[Van]], found: Any) -> list[list[Van]] | None:
        """Give the vans that a plan uses, but one of the kind it uses most; None when fewer can not do."""
        used = [0] * len(vans)
        for route in found.best.routes():
            used[route.vehicle_type()] += 1
        most = max(range(len(vans)), key=lambda kind: used[kind])
        if sum(used) - 1 < _fewest_vans(self.problem, self.tasks):
            return None
        used[most] -= 1
        return [group[: max(1, count)] for group, count in zip(vans, used, strict=True)]


def tuning_for(tasks: Sequence[Task]) -> Tuning:
    """Say how to search for so many tasks of such kinds."""
    if len(tasks) > MANY_FROM:
        return MANY
    return PAIRED if any(task.pick is not None for task in tasks) else FEW


def _fewest_vans(problem: Problem, tasks: list[Task]) -> int:
    """Bound from below how many vans it takes: by what is loaded at depots, and by the hours.

    Each visit takes its service and at least the shortest way to it.
    """
    loaded = [task.amounts for task in tasks if task.pick is None]
    room = [max(sizes) for sizes in zip(*(van.capacity for van in problem.vans), strict=True)]
    sums = [sum(row) for row in zip(*loaded, strict=True)] if loaded else []
    by_load = [-(-amount // most) for amount, most in zip(sums, room, strict=False) if most]
    far = np.array(problem.seconds, dtype=np.int64)
    np.fill_diagonal(far, NEVER_S)
    nearest = far.min(axis=0)
    work = sum(
        int(nearest[visit.place]) + visit.service_s
        for task in tasks
        for visit in (task.pick, task.drop)
        if visit is not None
    )
    longest = max(min(van.max_shift_s, van.close_s - van.open_s) for van in problem.vans)
    return int(max(1, *by_load, -(-work // max(1, longest))))


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
