"""The weeks that a provider of the demo planned by half days."""

from __future__ import annotations

from datetime import timedelta

from shortchain.cli.demo_rows import Rows
from shortchain.kernel.window import local_day


def add_weeks(rows: Rows, enterprise_id: int, team: list[list[int]]) -> None:
    """Plan this week and the next by half days: half of the usual amount each, done by (people, minutes each)."""
    today = local_day(rows.now)
    own = [row for row in rows.tables["capability"] if row["enterprise_id"] == enterprise_id]
    for week in range(2):
        monday = today + timedelta(days=7 * week - today.weekday())
        rows.add("week_plan", enterprise_id=enterprise_id, monday=monday, version=1)
        for weekday in range(7):
            day = monday + timedelta(days=weekday)
            works = any(row["weekday_capacity"][weekday] for row in own)
            (people, minutes), (late_people, late_minutes) = team if works else ((0, 0), (0, 0))
            rows.add(
                "day_staff",
                enterprise_id=enterprise_id,
                day=day,
                morning_people=people,
                morning_minutes=minutes,
                afternoon_people=late_people,
                afternoon_minutes=late_minutes,
            )
            for row in own:
                usual = row["weekday_capacity"][weekday]
                rows.add(
                    "day_capacity",
                    capability_id=row["id"],
                    day=day,
                    morning=usual - usual // 2,
                    afternoon=usual // 2,
                )
