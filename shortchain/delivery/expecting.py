"""When a driver will be where, as far as one can know now. Pure.

The plan says how long each way and each stop takes. What has been tapped on the way moves everything after
it: later, and earlier too, but never before the window that a customer was promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A stop of a tour: `eta` as planned, `seconds` of driving from the stop before, `stay_s` at the stop.

    `left_at` is when it was recorded, which a driver does on leaving; None while it is still to come.
    """

    eta: datetime
    starts_at: datetime | None
    seconds: int
    stay_s: int
    left_at: datetime | None = None


def expected(stops: Sequence[OnTheWay], *, now: datetime | None) -> list[datetime]:
    """Give for each stop in order when the driver is there: what was planned where the stop is recorded.

    With `now`, the next stop is not before it: who has not tapped has not been there. Without it (a tour of
    another day, a draft) only what was tapped counts.
    """
    found = []
    at: datetime | None = None
    for stop in stops:
        if stop.left_at is not None:
            at = stop.left_at if at is None else max(at, stop.left_at)
            found.append(stop.eta)
            continue
        there = stop.eta if at is None else at + timedelta(seconds=stop.seconds)
        if stop.starts_at is not None:
            there = max(there, stop.starts_at)
        if now is not None:
            there = max(there, now)  # of the stops after it this is true anyway: nothing takes less than no time
        found.append(there)
        at = there + timedelta(seconds=stop.stay_s)
    return found
