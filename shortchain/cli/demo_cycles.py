"""The order cycles of the demo with their delivery windows, all told from the moment of loading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shortchain.cli.demo_enterprises import Point
from shortchain.cli.demo_rows import Rows
from shortchain.kernel.window import BRUSSELS, at_local, local_day

WEDNESDAY = 2
HOME_WINDOWS = (
    (1, time(17), time(20), 60),
    (2, time(17), time(20), 80),
    (3, time(9), time(12), 80),
)
"""Days after closing, from, to, places."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle with the days that matter to what is offered in it."""

    id: int
    opens_at: datetime
    closes_at: datetime

    @property
    def closing_day(self) -> date:
        """Give the day in Flanders on which it closes."""
        return local_day(self.closes_at)


@dataclass(frozen=True, slots=True)
class Cycles:
    """The cycle before this one (delivering or delivered), the open one and the one after."""

    past: Cycle
    current: Cycle
    coming: Cycle


def add_cycles(rows: Rows, *, hub_id: int, points: list[Point]) -> Cycles:
    """Add three cycles; the open one closes on the next Wednesday at 20:00 local time.

    The past one stands open until its orders are placed; `demo_data.close_past` closes it.
    """
    now = rows.now
    closing = _next_wednesday(now)
    closes = at_local(closing, time(20))
    opened = min(at_local(closing - timedelta(days=6), time(8)), now - timedelta(hours=1))
    before = min(at_local(closing - timedelta(days=7), time(20)), now - timedelta(hours=2))
    current = _cycle(rows, hub_id, opened, closes, "open")
    coming = _cycle(rows, hub_id, closes, at_local(closing + timedelta(days=7), time(20)), "draft")
    past = _cycle(rows, hub_id, before - timedelta(days=6), before, "open", mark="past")
    for cycle in (current, coming, past):
        _windows(rows, cycle, points)
    _window_of_today(rows, past)
    return Cycles(past, current, coming)


def _next_wednesday(now: datetime) -> date:
    """Find the first Wednesday whose 20:00 is at least three hours away."""
    day = local_day(now)
    while day.weekday() != WEDNESDAY or at_local(day, time(20)) < now + timedelta(hours=3):
        day += timedelta(days=1)
    return day


def _cycle(rows: Rows, hub_id: int, opens: datetime, closes: datetime, state: str, mark: str = "") -> Cycle:
    delivery = local_day(closes) + timedelta(days=1)
    row_id = rows.add(
        "order_cycle",
        public_id=rows.public_id("cycle", mark or state),
        hub_id=hub_id,
        name=f"Week {delivery.isocalendar().week}",
        opens_at=opens,
        closes_at=closes,
        state=state,
        created_at=min(opens, rows.now),
        version=1,
    )
    return Cycle(row_id, opens, closes)


def _windows(rows: Rows, cycle: Cycle, points: list[Point]) -> None:
    """Add home windows from Thursday to Saturday and those of every pick-up point."""
    for days, starts, ends, places in HOME_WINDOWS:
        _window(rows, cycle, cycle.closing_day + timedelta(days=days), starts, ends, places)
    for point in points:
        for weekday, starts, ends, places in point.windows:
            days = (weekday - cycle.closing_day.weekday() - 1) % 7 + 1
            _window(
                rows,
                cycle,
                cycle.closing_day + timedelta(days=days),
                starts,
                ends,
                places,
                point.id,
            )


def _window_of_today(rows: Rows, past: Cycle) -> None:
    """Add a home window of the past cycle that is still to come, so that a driver has a round."""
    local = rows.now.astimezone(BRUSSELS)
    day = local.date() if local.hour < 18 else local.date() + timedelta(days=1)
    taken = {row["starts_at"] for row in rows.tables["delivery_window"] if row["cycle_id"] == past.id}
    if at_local(day, time(17)) not in taken:
        _window(rows, past, day, time(17), time(20), 40)


def _window(
    rows: Rows,
    cycle: Cycle,
    day: date,
    starts: time,
    ends: time,
    places: int,
    point_id: int | None = None,
) -> None:
    rows.add(
        "delivery_window",
        public_id=rows.public_id("window", cycle.id, day, starts, point_id),
        cycle_id=cycle.id,
        kind="pickup" if point_id else "home",
        pickup_point_id=point_id,
        starts_at=at_local(day, starts),
        ends_at=at_local(day, ends),
        places=places,
        taken=0,
    )
