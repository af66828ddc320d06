"""On which day money leaves: the table of docs/money.md, and what holds for every schedule."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.window import at_local, local_day
from shortchain.payouts import schedules
from shortchain.payouts.schedules import Interval, Schedule

READY = 10_000
DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


def examples() -> list[list[str]]:
    """Read the table of docs/money.md: how often, on, from, today, ready since, leaves."""
    part = DOCS.read_text().partition("## When an enterprise wants its money")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:2] == "| "]
    assert len(rows) == 11, "a head and ten examples"
    return rows[1:]


def at(day: str) -> datetime:
    return at_local(date.fromisoformat(day), time(12))


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row))
def test_leaves_on_the_day_of_the_table(row: list[str]) -> None:
    often, on, least, today, since, leaves = row
    schedule = Schedule(Interval(often), int(on), int(least))
    assert schedule.is_sound
    values = {"ready_cents": READY, "oldest_at": at(since), "now": at(today)}
    assert schedules.leaves_on(schedule, **values) == date.fromisoformat(leaves)
    assert schedules.leaves(schedule, **values) == (today == leaves)


SCHEDULES = st.one_of(
    st.builds(Schedule, st.just(Interval.DAILY), st.just(0), st.integers(0, 50_000)),
    st.builds(Schedule, st.just(Interval.WEEKLY), st.integers(0, 6), st.integers(0, 50_000)),
    st.builds(Schedule, st.just(Interval.MONTHLY), st.integers(1, 31), st.integers(0, 50_000)),
)


@given(
    schedule=SCHEDULES, cents=st.integers(1, 60_000), since=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))
)
def test_never_keeps_money_longer_than_three_weeks_and_keeps_its_word(
    schedule: Schedule, cents: int, since: datetime
) -> None:
    start = at_local(since.date(), time(12))
    promised = schedules.leaves_on(schedule, ready_cents=cents, oldest_at=start, now=start)
    gone = None
    for days in range(schedules.LONGEST.days + 1):
        now = start + timedelta(days=days)
        if schedules.leaves(schedule, ready_cents=cents, oldest_at=start, now=now):
            gone = local_day(now)
            break
    assert gone is not None
    assert abs(gone - promised) <= timedelta(days=1), "a change of the clock may move noon over a day's end, no more"


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(Interval.WEEKLY, 7),
        Schedule(Interval.MONTHLY, 0),
        Schedule(Interval.MONTHLY, 32),
        Schedule(Interval.DAILY, 0, -1),
        Schedule(Interval.DAILY, 0, 50_001),
    ],
)
def test_knows_a_schedule_that_can_not_be(schedule: Schedule) -> None:
    assert not schedule.is_sound
