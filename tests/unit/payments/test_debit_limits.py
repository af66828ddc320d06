"""Who may pay by direct debit: the table of docs/payments.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.payments import debit_limits
from shortchain.payments.debit_limits import History, refusal

DOCS = Path(__file__).resolve().parents[3] / "docs" / "payments.md"


def examples() -> list[list[str]]:
    """Read the table: account, paid orders, under way, unpaid, taken back, this order, answer."""
    part = DOCS.read_text().partition("### Who may pay by direct debit")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:2] == "| "]
    assert len(rows) == 12, "a head and eleven examples"
    return rows[1:]


@pytest.mark.parametrize("row", examples(), ids=lambda row: " ".join(row))
def test_answers_as_the_table_says(row: list[str]) -> None:
    known, paid, under_way, unpaid, taken_back, cents, answer = row
    history = History(known == "yes", int(paid), int(under_way), int(unpaid), int(taken_back))
    assert refusal(history, amount_cents=int(cents)) == ("" if answer == "may" else answer)


@given(
    history=st.builds(
        History, st.booleans(), st.integers(0, 3), st.integers(0, 40_000), st.integers(0, 2), st.integers(0, 2)
    ),
    cents=st.integers(1, 20_000),
)
def test_never_lets_more_be_open_than_may_be_lost(history: History, cents: int) -> None:
    if not refusal(history, amount_cents=cents):
        assert history.open_cents + cents <= debit_limits.MOST_OPEN_CENTS
        assert history.is_known
        assert history.paid_orders
        assert refusal(history, amount_cents=max(1, cents - 1)) == "", "less is never refused where more is not"
