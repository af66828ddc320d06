"""What a reduction is compared with, as docs/money.md states it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.catalogue import reductions
from shortchain.catalogue.reductions import Price, Reduction, ReferenceKind, reference, standing
from tests.support.clock import MONDAY_MORNING

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
TODAY = date(2026, 11, 23)


def examples() -> list[list[str]]:
    part = DOCS.read_text().split("## A lower price that is announced")[1].split("\n## ")[0]
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in part.splitlines() if line.startswith("|")][2:]


def priced(text: str) -> list[Price]:
    return [
        Price(int(cents), MONDAY_MORNING - timedelta(days=int(days)))
        for days, cents in re.findall(r"(\d+): (\d+)", text)
    ]


def test_reads_the_whole_table() -> None:
    assert len(examples()) == 10


@pytest.mark.parametrize(("before", "perishable", "new", "compared", "percent"), examples())
def test_compares_as_the_book_says(before: str, perishable: str, new: str, compared: str, percent: str) -> None:
    found = reference(priced(before), perishable=perishable == "yes", now=MONDAY_MORNING)
    if compared == "refused, nothing":
        assert found is None
        return
    assert found is not None
    if compared.startswith("refused"):
        assert compared == f"refused, {found.cents}"
        assert int(new) >= found.cents
    else:
        assert compared == f"{found.kind.value} {found.cents}"
        assert Reduction(int(new), found.cents, found.kind).percent == int(percent)


ages = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 900)), min_size=1, max_size=8)


@given(ages, st.booleans())
def test_never_compares_with_more_than_the_last_price(drawn: list[tuple[int, int]], perishable: bool) -> None:
    prices = [Price(cents, MONDAY_MORNING - timedelta(days=days)) for days, cents in sorted(drawn, reverse=True)]
    found = reference(prices, perishable=perishable, now=MONDAY_MORNING)
    assert found is not None
    assert found.cents <= prices[-1].cents
    lately = [price.cents for price in prices if price.since > MONDAY_MORNING - timedelta(days=30)]
    if not perishable:
        assert all(found.cents <= cents for cents in lately)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_never_promises_more_than_it_is(cents: int, was: int) -> None:
    found = standing(cents, was_cents=was, kind=ReferenceKind.LOWEST, until=TODAY, today=TODAY)
    assert (found is not None) == (was > cents)
    if found is not None:
        assert 0 <= found.percent * was <= (was - cents) * 100


def test_is_told_for_thirty_days() -> None:
    until = reductions.last_day(TODAY)
    told = {"was_cents": 300, "kind": ReferenceKind.LOWEST, "until": until}
    assert standing(240, **told, today=TODAY + timedelta(days=29)) is not None
    assert standing(240, **told, today=TODAY + timedelta(days=30)) is None
