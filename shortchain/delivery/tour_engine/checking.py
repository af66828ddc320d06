"""Checks an answer of a tour engine from the question alone: it shares no code with any engine.

Cold goods are collected within their narrowed windows (`problem.tightened`), so no earlier than needed;
whether the ride is then short enough is measured here on the times of the round.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from shortchain.delivery.tour_engine.problem import (
    DROP,
    PICK,
    STOP,
    Answer,
    Problem,
    Round,
    Task,
    Van,
    Visit,
    tightened,
)


def faults(problem: Problem, answer: Answer) -> list[str]:
    """List everything that is wrong with an answer; an empty list means that it can be driven."""
    tasks = {task.id: tightened(task) for task in problem.tasks}
    vans = {van.id: van for van in problem.vans}
    found = [f"van {van} twice" for van, times in Counter(r.van_id for r in answer.rounds).items() if times > 1]
    done = Counter(step for one in answer.rounds for step in one.steps)
    left = Counter(task_id for task_id, _ in answer.left)
    for task in tasks.values():
        wanted = [(STOP, task.id)] if task.pick is None else [(PICK, task.id), (DROP, task.id)]
        times = 1 - left[task.id]
        found += [f"{step} done {done[step]} times" for step in wanted if done[step] != times]
    for one in answer.rounds:
        unknown = [step for step in one.steps if step[1] not in tasks]
        if one.van_id not in vans or unknown:
            found.append(f"van {one.van_id}: unknown van or task")
            continue
        found += [f"van {one.van_id}: {fault}" for fault in _round_faults(problem, one, tasks, vans[one.van_id])]
    return found


def metres(problem: Problem, answer: Answer) -> int:
    """Give what an answer costs: the metres driven and the fixed metres of each van used."""
    tasks = {task.id: task for task in problem.tasks}
    vans = {van.id: van for van in problem.vans}
    total = 0
    for one in answer.rounds:
        van = vans[one.van_id]
        places = [van.start, *(_visit(tasks[task_id], kind).place for kind, task_id in one.steps), van.end]
        total += van.fixed_m + sum(int(problem.metres[a, b]) for a, b in pairwise(places))
    return total


def _visit(task: Task, kind: str) -> Visit:
    return task.pick if kind == PICK and task.pick is not None else task.drop


def _round_faults(problem: Problem, one: Round, tasks: dict[int, Task], van: Van) -> list[str]:
    visits = [_visit(tasks[task_id], kind) for kind, task_id in one.steps]
    found = [f"may not come at place {v.place}" for v in visits if v.place in van.forbidden]
    found += _load_faults(one, tasks, van)
    starts = _latest_starts(problem, visits, van)
    times = _drive(problem, visits, van, van.open_s)
    if times is None or starts is None:
        return [*found, "a window is missed"]
    # Leaving later only takes waiting away, until the first service gets later: the last leave that
    # still makes every window gives the shortest shift.
    times = _drive(problem, visits, van, max(van.open_s, starts)) or times
    leave, end = times[0], times[-1]
    if end - leave > van.max_shift_s:
        found.append(f"shift of {end - leave} s")
    begun = dict(zip(one.steps, times[1:-1], strict=True))
    for (kind, task_id), at in begun.items():
        task = tasks[task_id]
        if kind == DROP and task.max_ride_s is not None and task.pick is not None and (PICK, task_id) in begun:
            ride = at - begun[PICK, task_id] - task.pick.service_s
            if ride > task.max_ride_s:
                found.append(f"task {task_id} rides {ride} s")
    return found


def _load_faults(one: Round, tasks: dict[int, Task], van: Van) -> list[str]:
    found, on = [], set()
    load = [0] * len(van.capacity)
    for kind, task_id in one.steps:
        if kind == STOP:
            load = [a + b for a, b in zip(load, tasks[task_id].amounts, strict=True)]
    if any(a > b for a, b in zip(load, van.capacity, strict=True)):
        found.append("too full at the depot")
    for kind, task_id in one.steps:
        if kind == PICK:
            on.add(task_id)
            load = [a + b for a, b in zip(load, tasks[task_id].amounts, strict=True)]
            if any(a > b for a, b in zip(load, van.capacity, strict=True)):
                found.append(f"too full after collecting {task_id}")
        else:
            if kind == DROP and task_id not in on:
                found.append(f"drops {task_id} before it is collected")
            on.discard(task_id)
            load = [a - b for a, b in zip(load, tasks[task_id].amounts, strict=True)]
    return [*found, *(f"keeps {task_id} on board" for task_id in sorted(on))]


def _drive(problem: Problem, visits: list[Visit], van: Van, leave: int) -> list[int] | None:
    """Give the leaving time, the start of each service and the time back; None when a window is missed."""
    times, at, where = [leave], leave, van.start
    for visit in visits:
        at = max(at + int(problem.seconds[where, visit.place]), visit.open_s)
        if at > visit.close_s:
            return None
        times.append(at)
        at, where = at + visit.service_s, visit.place
    at += int(problem.seconds[where, van.end])
    return [*times, at] if at <= van.close_s else None


def _latest_starts(problem: Problem, visits: list[Visit], van: Van) -> int | None:
    """Give the latest time to leave with every window kept, or None when there is none in the hours."""
    late, after = van.close_s, van.end
    for visit in reversed(visits):
        late = min(late - int(problem.seconds[visit.place, after]) - visit.service_s, visit.close_s)
        if late < visit.open_s:
            return None
        after = visit.place
    late -= int(problem.seconds[van.start, after])
    return late if late >= van.open_s else None
