"""What a tour engine is asked and what it answers: places by number, whole metres and seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.int64]

STOP, PICK, DROP = "s", "p", "d"
REASONS = ("no_vehicle", "payload", "access", "time", "full")


@dataclass(frozen=True, slots=True)
class Visit:
    """A place to be at: service starts between `open_s` and `close_s` (of the day) and takes `service_s`."""

    place: int
    open_s: int
    close_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. Without `pick` it is loaded at the depot; with it, collected before it is dropped.

    `amounts` are the loads, one number a dimension of the vehicles (crates, grams, litres, chilled
    crates ...). `max_ride_s` bounds the time that collected goods may be on the road.
    """

    id: int
    drop: Visit
    amounts: tuple[int, ...]
    pick: Visit | None = None
    max_ride_s: int | None = None


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle with its driver: from `start` to `end`, on the road between two times.

    `fixed_m` is what using it costs, in metres. It may not come at the places in `forbidden` (zones for
    clean vehicles, streets it is too wide for).
    """

    id: int
    start: int
    end: int
    capacity: tuple[int, ...]
    open_s: int
    close_s: int
    max_shift_s: int
    fixed_m: int = 0
    forbidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything asked: `metres[a, b]` and `seconds[a, b]` between places."""

    metres: Matrix
    seconds: Matrix
    tasks: tuple[Task, ...]
    vans: tuple[Van, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop searching. The same iterations and seed give the same answer; `seconds` is the outer bound.

    With `cpu` they are seconds of this process, so that a busy machine takes nothing of them.
    """

    iterations: int | None = 2_000
    seconds: float = 10.0
    seed: int = 1
    cpu: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What one van does, in order: pairs of `STOP`, `PICK` or `DROP` and the id of a task."""

    van_id: int
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rounds by van id, and the tasks left over by id, each with one of `REASONS`."""

    rounds: tuple[Round, ...]
    left: tuple[tuple[int, str], ...]
    truncated: bool = False


def tightened(task: Task) -> Task:
    """Turn a bound on the ride into narrower windows: sound, though it may rule out more than it must.

    Collected no earlier than t and dropped no later than t + bound keeps the bound for every plan.
    """
    if task.pick is None or task.max_ride_s is None:
        return task
    ride = task.max_ride_s + task.pick.service_s
    latest = min(task.pick.close_s, max(task.pick.open_s, task.drop.close_s - ride))
    return replace(
        task,
        pick=replace(task.pick, open_s=latest),
        drop=replace(task.drop, close_s=min(task.drop.close_s, latest + ride)),
    )
