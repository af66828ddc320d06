"""Of day passes counts what the city sells: so many days a calendar year, the first first."""

from __future__ import annotations

from datetime import date, timedelta

from shortchain.data.zones import zones
from shortchain.enterprises.day_passes import Granted, counting, left, overdrawn

GHENT = zones()["GNT"]
NEW_YEAR = date(2027, 1, 1)


def passes(*days: date) -> list[Granted]:
    return [Granted("GNT", day, day, True) for day in days]


def test_the_first_eight_days_of_a_year_count() -> None:
    days = [NEW_YEAR + timedelta(days=7 * n) for n in range(10)]
    assert [right.first_day for right in counting(passes(*reversed(days)), zones())] == days[:8]
    assert overdrawn(passes(*days), GHENT) == 2027
    assert left(passes(*days), GHENT, 2027) == 0


def test_every_year_begins_anew_and_a_day_counts_once() -> None:
    over = [Granted("GNT", date(2026, 12, 28), date(2027, 1, 2), True), *passes(NEW_YEAR)]
    assert (left(over, GHENT, 2026), left(over, GHENT, 2027)) == (4, 6)
    assert overdrawn(over, GHENT) is None


def test_permits_are_not_counted_nor_zones_of_which_no_number_is_known() -> None:
    permit = Granted("GNT", NEW_YEAR, NEW_YEAR + timedelta(days=300))
    assert left([permit], GHENT, 2027) == 8
    assert len(counting([permit], zones())) == 1
    brussels = [Granted("BRU", NEW_YEAR, NEW_YEAR + timedelta(days=30), True)]
    assert left(brussels, zones()["BRU"], 2027) is None
    assert len(counting(brussels, zones())) == 31
