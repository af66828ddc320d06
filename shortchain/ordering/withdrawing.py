"""Until when somebody may withdraw from what they bought. Pure.

Directive 2011/83/EU art. 9 (Code of Economic Law art. VI.47): 14 days from the day on which the goods came, without a
reason. The day itself does not count, and a period that ends on a Saturday, a Sunday or a public holiday ends with the
next working day (Regulation 1182/71 art. 3). Goods that spoil or expire soon have no such right (art. VI.53, 4°).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

NONE = "none_perishable"
DAYS = 14
SATURDAY = 5


def has_right(withdrawal: str) -> bool:
    """Say whether goods sold under these terms can be withdrawn from."""
    return withdrawal != NONE


def last_day(received_on: date, *, holidays: Collection[date]) -> date:
    """Give the last day on which somebody may withdraw from goods that came on `received_on`."""
    day = received_on + timedelta(days=DAYS)
    while day.weekday() >= SATURDAY or day in holidays:
        day += timedelta(days=1)
    return day


def is_open(received_on: date | None, today: date, *, holidays: Collection[date]) -> bool:
    """Say whether somebody may withdraw today; what has not come yet can always be withdrawn from."""
    return received_on is None or today <= last_day(received_on, holidays=holidays)
