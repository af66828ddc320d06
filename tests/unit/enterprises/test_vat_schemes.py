"""Which scheme of VAT holds on a day: the example of the page, and that the order of entering does not matter."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from shortchain.enterprises.models import VatScheme
from shortchain.enterprises.vat_schemes import on_day

PAGE = Path(__file__).parents[3] / "docs" / "documents.md"
CHANGES = [(date(2026, 1, 1), VatScheme.NORMAL), (date(2026, 7, 1), VatScheme.SMALL_EXEMPT)]


def test_is_that_of_the_page() -> None:
    page = PAGE.read_text()
    table = page[page.index("| Supplied on |") :].split("\n\n")[0].strip()
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert len(rows) == 5
    for day, scheme in rows:
        assert on_day(VatScheme.AGRI_FLAT, CHANGES, datetime.strptime(day, "%d %B %Y").date()).value == scheme, day


def test_without_a_change_the_first_holds() -> None:
    assert on_day(VatScheme.EXEMPT_44, [], date(2026, 1, 1)) is VatScheme.EXEMPT_44


DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@given(st.dictionaries(DAYS, st.sampled_from(VatScheme)), DAYS, st.randoms())
def test_holds_from_its_day_until_the_next(changes: dict[date, VatScheme], day: date, dice) -> None:  # type: ignore[no-untyped-def]
    entered = list(changes.items())
    dice.shuffle(entered)
    expected = VatScheme.NORMAL
    for since in sorted(changes):
        if since <= day:
            expected = changes[since]
    assert on_day(VatScheme.NORMAL, entered, day) is expected
