"""Windows of time. Instants are aware UTC; the upper end does not belong to the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From `start` up to but not including `end`, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware times")
        if self.end <= self.start:
            raise ValueError("a window ends after it starts")

    def overlaps(self, other: Window) -> bool:
        """Say whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def holds(self, instant: datetime) -> bool:
        """Say whether `instant` lies in the window."""
        return self.start <= instant < self.end


def local_day(instant: datetime) -> date:
    """Say which calendar day it is in Flanders at `instant`."""
    return instant.astimezone(BRUSSELS).date()


def local_hour(instant: datetime) -> int:
    """Say which hour the clocks in Flanders show at `instant`."""
    return instant.astimezone(BRUSSELS).hour


def at_local(day: date, clock: time) -> datetime:
    """Turn a wall-clock time in Flanders into UTC.

    A time that the clock change skips (02:30 in the last night of March) counts as the same
    distance after the jump; one that happens twice counts as its first time (PEP 495, fold 0).
    """
    return datetime.combine(day, clock, tzinfo=BRUSSELS).astimezone(UTC)


def days_between(first: date, last: date) -> list[date]:
    """List the days from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
