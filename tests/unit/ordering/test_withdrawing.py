"""Until when somebody may withdraw: 14 days, and never ending on a day on which nobody works."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.enterprises import calendar
from shortchain.ordering import withdrawing

DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 1))


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 16)),  # Monday to Monday
        (date(2026, 11, 7), date(2026, 11, 23)),  # ends on Saturday the 21st: the Monday after
        (date(2026, 10, 28), date(2026, 11, 12)),  # ends on Armistice Day: the day after
        (date(2026, 12, 11), date(2026, 12, 28)),  # ends on Christmas, a Friday: over the weekend too
    ],
)
def test_ends_on_a_working_day(received: date, last: date) -> None:
    free = calendar.public_holidays(received, received + timedelta(days=30))
    assert withdrawing.last_day(received, holidays=free) == last
    assert withdrawing.is_open(received, last, holidays=free)
    assert not withdrawing.is_open(received, last + timedelta(days=1), holidays=free)


@given(received=DAYS)
def test_is_never_shorter_than_fourteen_days(received: date) -> None:
    free = calendar.public_holidays(received, received + timedelta(days=30))
    last = withdrawing.last_day(received, holidays=free)
    assert timedelta(days=14) <= last - received <= timedelta(days=19)
    assert last.weekday() < withdrawing.SATURDAY
    assert last not in free


def test_is_open_before_anything_came() -> None:
    assert withdrawing.is_open(None, date(2026, 11, 2), holidays=())


@pytest.mark.parametrize(("terms", "has"), [("none_perishable", False), ("14d", True), ("14d_sealed", True)])
def test_belongs_to_what_keeps(terms: str, has: bool) -> None:
    assert withdrawing.has_right(terms) is has
