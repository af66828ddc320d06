"""Why a task is left over: what rules out every van, even when it drives nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shortchain.delivery.tour_engine.checking import faults
from shortchain.delivery.tour_engine.problem import DROP, PICK, STOP, Answer, Problem, Round, Task, Van


def why_alone(problem: Problem, task: Task) -> str:
    """Give the first of `problem.REASONS` that leaves no van for the task; "full" when one could take it alone."""
    if not problem.vans:
        return "no_vehicle"
    vans: Sequence[Van] = [
        van for van in problem.vans if all(a <= b for a, b in zip(task.amounts, van.capacity, strict=True))
    ]
    if not vans:
        return "payload"
    places = [visit.place for visit in (task.pick, task.drop) if visit is not None]
    vans = [van for van in vans if not van.forbidden.intersection(places)]
    if not vans:
        return "access"
    alone = replace(problem, tasks=(task,))
    steps = ((STOP, task.id),) if task.pick is None else ((PICK, task.id), (DROP, task.id))
    return "full" if any(not faults(alone, Answer((Round(van.id, steps),), ())) for van in vans) else "time"
