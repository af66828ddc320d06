"""The two halves of a working day, and which of them a stage of an order is tied to."""

from __future__ import annotations

from datetime import date, time

MORNING, AFTERNOON = "morning", "afternoon"
HALVES = (MORNING, AFTERNOON)
AFTERNOON_FROM = time(13)


def half_of(*, delivers: bool, day: date, delivery_day: date, is_late: bool) -> str:
    """Give the half of `day` in which a stage must be done; '' when either will do.

    A delivery has that of its window (`is_late`: it begins in the afternoon). What is done on the day of the delivery
    itself is done in its morning, to be ready for the afternoon; what is done on a day before has the whole day.
    """
    if delivers:
        return AFTERNOON if is_late else MORNING
    return MORNING if day == delivery_day else ""
