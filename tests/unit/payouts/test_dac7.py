"""Who is reported to the tax office: the thresholds of DAC7 as a truth table."""

from __future__ import annotations

from datetime import date

import pytest

from shortchain.payouts import dac7


@pytest.mark.parametrize(
    ("sales", "services", "goods_cents", "is_reported"),
    [
        (0, 0, 0, False),
        (29, 0, 200_000, False),
        (29, 0, 200_001, True),
        (30, 0, 1, True),
        (30, 0, 200_001, True),
        (1, 0, 200_001, True),
        (0, 1, 0, True),  # work for others has no floor
        (5, 1, 900, True),
        (0, 0, 500_000, False),  # nothing was sold this year: only corrections
    ],
)
def test_knows_the_thresholds(sales: int, services: int, goods_cents: int, is_reported: bool) -> None:
    assert dac7.is_reported(sales=sales, services=services, goods_cents=goods_cents) is is_reported


@pytest.mark.parametrize(
    ("text", "year"), [("2026", 2026), ("2025", 2025), ("2027", 2025), ("", 2025), ("x", 2025), ("1999", 2025)]
)
def test_reads_a_year(text: str, year: int) -> None:
    assert dac7.year_of(text, today=date(2026, 11, 23)) == year
