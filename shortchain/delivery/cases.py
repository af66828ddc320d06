"""Answers `tour` and `pdtour` cases: which vehicle stops where, in which order. Pure.

Roads are 1.3 times the great circle, driven at 38 km/h; whole metres and seconds, halves rounded up.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from shortchain.delivery.tour_engine.problem import Budget, Problem, Task, Van, Visit
from shortchain.delivery.tour_engine.solving import solve
from shortchain.kernel.geo import EARTH_RADIUS_M

DETOUR, KMH = 1.3, 38
OVERHEAD = 0.92
"""Part of the granted time that goes to searching; the rest reads, builds and checks."""


class CaseAnswer(NamedTuple):
    """The routes of a case: stop ids, or pairs of "p" or "d" and a shipment id; and what is in none of them.

    `left` pairs an id with one of `tour_engine.problem.REASONS`. The format of a plan has no place for it.
    """

    routes: list[list[Any]]
    left: tuple[tuple[int, str], ...]


def solve_tour_case(case: Mapping[str, Any]) -> CaseAnswer:
    """Answer a case within the seconds that it grants.

    :raises KeyError, TypeError, ValueError: when the case is not of this format
    """
    began = time.monotonic()
    problem = problem_of(case)
    seconds = float(case.get("seconds", 10)) * OVERHEAD - (time.monotonic() - began)
    answer = solve(problem, Budget(iterations=None, seconds=max(0.5, seconds), seed=int(case.get("seed", 1))))
    routes: list[list[Any]]
    if case["kind"] == "pdtour":
        routes = [[[kind, task_id] for kind, task_id in one.steps] for one in answer.rounds]
    else:
        routes = [[task_id for _, task_id in one.steps] for one in answer.rounds]
    return CaseAnswer(routes, answer.left)


def problem_of(case: Mapping[str, Any]) -> Problem:
    """Read a case into the engine's question; the depot is place 0."""
    if case["kind"] not in ("tour", "pdtour"):
        raise ValueError(f"not a case of tours: {case['kind']}")
    depot, fleet = case["depot"], case["vehicle"]
    sizes = [name for name in ("crates", "cooled_crates") if name in fleet]
    spots: list[Mapping[str, Any]] = [depot]
    tasks = []
    if case["kind"] == "tour":
        for stop in case["stops"]:
            tasks.append(Task(int(stop["id"]), _visit(stop, spots), tuple(int(stop.get(s, 0)) for s in sizes)))
    else:
        for row in case["shipments"]:
            pick, drop = _visit(row["pick"], spots), _visit(row["drop"], spots)
            tasks.append(Task(int(row["id"]), drop, tuple(int(row.get(s, 0)) for s in sizes), pick))
    van = (tuple(int(fleet[s]) for s in sizes), int(depot["open_s"]), int(depot["close_s"]), int(fleet["max_shift_s"]))
    vans = tuple(Van(number, 0, 0, *van, int(fleet["fixed_m"])) for number in range(int(fleet["count"])))
    km = _kilometres(spots)
    metres = np.floor(1000 * DETOUR * km + 0.5).astype(np.int64)
    seconds = np.floor(metres * 3.6 / KMH + 0.5).astype(np.int64)
    return Problem(metres, seconds, tuple(tasks), vans)


def _visit(row: Mapping[str, Any], spots: list[Mapping[str, Any]]) -> Visit:
    spots.append(row)
    return Visit(len(spots) - 1, int(row["open_s"]), int(row["close_s"]), int(row["service_s"]))


def _kilometres(spots: Sequence[Mapping[str, Any]]) -> Any:
    """Measure the great circle between every two spots, in km (haversine formula)."""
    lat = np.radians([float(spot["lat"]) for spot in spots])
    lon = np.radians([float(spot["lon"]) for spot in spots])
    root = np.sin((lat[:, None] - lat) / 2) ** 2
    root += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M / 1000 * np.arcsin(np.sqrt(np.minimum(root, 1.0)))
