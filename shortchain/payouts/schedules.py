"""On which days an enterprise wants its money, and from which amount; decides only.

Waiting has an end: food must be paid within 30 days of its delivery (law of 28 November 2021 on unfair trading practices,
`domain.md` 4.1). A payout is made two days after the delivery at the earliest, so one that has waited `LONGEST` leaves
on any day and for any amount, with a week to spare for banks and holidays.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from shortchain.kernel.window import local_day

LONGEST = timedelta(days=21)
MOST_MINIMUM_CENTS = 50_000


class Interval(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """`anchor` is the weekday (Monday 0) of a weekly schedule, the day of the month of a monthly one."""

    interval: Interval = Interval.DAILY
    anchor: int = 0
    minimum_cents: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether it says something that can be done."""
        known = {Interval.DAILY: range(1), Interval.WEEKLY: range(7), Interval.MONTHLY: range(1, 32)}
        return self.anchor in known[self.interval] and 0 <= self.minimum_cents <= MOST_MINIMUM_CENTS

    def is_on(self, day: date) -> bool:
        """Say whether money leaves on a day; a month that is too short for its day has its last instead."""
        if self.interval is Interval.WEEKLY:
            return day.weekday() == self.anchor
        if self.interval is Interval.MONTHLY:
            return day.day == min(self.anchor, calendar.monthrange(day.year, day.month)[1])
        return True

    def next_on(self, day: date) -> date:
        """Give the first day from `day` on, itself included, on which money leaves."""
        while not self.is_on(day):
            day += timedelta(days=1)
        return day


DAILY = Schedule()
"""What holds for who chose nothing."""


def leaves(schedule: Schedule, *, ready_cents: int, oldest_at: datetime, now: datetime) -> bool:
    """Say whether what is ready for an enterprise leaves now: all of it, or nothing."""
    if now - oldest_at >= LONGEST:
        return True
    return schedule.is_on(local_day(now)) and ready_cents >= schedule.minimum_cents


def leaves_on(schedule: Schedule, *, ready_cents: int, oldest_at: datetime, now: datetime) -> date:
    """Give the day on which what is ready leaves, when nothing is added to it."""
    at_last = local_day(oldest_at + LONGEST)
    if ready_cents < schedule.minimum_cents:
        return max(at_last, local_day(now))
    return min(schedule.next_on(local_day(now)), max(at_last, local_day(now)))
