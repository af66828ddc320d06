"""A clock that a test sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10 o'clock in Brussels: where every test begins."""


class Clock:
    """Tells the time that the test says it is; the app asks it for every request."""

    def __init__(self, now: datetime = MONDAY_MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> datetime:
        """Let time pass: `clock.move(hours=2)`; returns the new time."""
        self.now += timedelta(**span)
        return self.now
