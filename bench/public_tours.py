"""Public instances with time windows (Solomon, Gehring and Homberger) from a folder, in our words. They are not ours to ship.

A file `NAME.vrp` (VRPLIB) or `NAME.txt` (Solomon) with `NAME.sol` beside it, whose line `Cost` is the best-known
value. Distances are those of the DIMACS challenge: Euclidean, cut off after one decimal, and as long in time. RC208 is in the
source package of PyVRP (`notebooks/data`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from shortchain.delivery.tour_engine.problem import Problem, Task, Van, Visit

TENTHS = 10


class Public(NamedTuple):
    """A public instance: tenths of its units, and its best-known cost in the same."""

    name: str
    problem: Problem
    best_known: int


def instances(folder: Path) -> Iterator[Public]:
    """Read every instance of a folder that has a best-known value, by name."""
    import vrplib

    for path in sorted(folder.iterdir()):
        known = path.with_suffix(".sol")
        if path.suffix not in (".vrp", ".txt") or not known.exists():
            continue
        read = vrplib.read_instance(path, instance_format="solomon" if path.suffix == ".txt" else "vrplib")
        yield Public(path.stem, problem_of(read), best_known(known))


def best_known(path: Path) -> int:
    """Read the cost of a solution file, in tenths."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.lower().startswith("cost"):
            return round(float(line.split()[-1]) * TENTHS)
    raise ValueError(f"{path.name} tells no cost")


def problem_of(read: dict[str, Any]) -> Problem:
    """Put an instance in our words: one depot, one load, the whole day as shift, no cost of a van."""
    corners = np.array(read["node_coord"], dtype=float)
    way = np.sqrt(((corners[:, None, :] - corners[None, :, :]) ** 2).sum(axis=2))
    tenths = np.floor(way * TENTHS + 1e-9).astype(np.int64)
    windows = (np.array(read["time_window"], dtype=float) * TENTHS).astype(int)
    stays = np.broadcast_to(np.array(read["service_time"], dtype=float) * TENTHS, (len(corners),)).astype(int)
    tasks = tuple(
        Task(
            number,
            Visit(number, int(windows[number, 0]), int(windows[number, 1]), int(stays[number])),
            (int(read["demand"][number]),),
        )
        for number in range(1, len(corners))
    )
    day = int(windows[0, 1])
    capacity = int(np.atleast_1d(read["capacity"])[0])
    count = int(read.get("vehicles") or len(tasks))
    vans = tuple(Van(number, 0, 0, (capacity,), int(windows[0, 0]), day, day) for number in range(count))
    return Problem(tenths, tenths, tasks, vans)
