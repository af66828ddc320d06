"""Which containers come with an order, and what is paid for them, as docs/money.md states it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.ordering.deposits import CRATE_G, Container, Filled, charge, crates_for, total_cents

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
CRATE = Container(7, 9, 400)


def documented() -> list[tuple[int, int, int, int, int]]:
    """Read the table of docs/money.md: jars, cents each, grams, cents a crate, deposit."""
    text = DOCS.read_text(encoding="utf-8").partition("\n## Deposits on what comes back\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+|none) \| (\d+) \|$", text, re.M)
    assert len(rows) >= 5
    return [
        (int(jars), int(each), int(grams), 0 if crate == "none" else int(crate), int(cents))
        for jars, each, grams, crate, cents in rows
    ]


@pytest.mark.parametrize(("jars", "each", "grams", "crate", "cents"), documented())
def test_keeps_the_worked_examples_true(jars: int, each: int, grams: int, crate: int, cents: int) -> None:
    jar = Container(3, 5, each) if each else None
    lines = [Filled(1, jars, grams, jar)]
    assert total_cents(charge(lines, Container(7, 9, crate) if crate else None)) == cents


@given(st.integers(1, 500_000))
def test_crates_hold_all_and_one_less_would_not(grams: int) -> None:
    crates = crates_for(grams)
    assert (crates - 1) * CRATE_G < grams <= crates * CRATE_G


def test_nothing_needs_no_crate() -> None:
    assert crates_for(0) == 0
    assert charge([Filled(1, 0, 0, None)], CRATE) == []


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9_000)), min_size=1, max_size=6))
def test_each_piece_has_its_own_and_the_order_has_its_crates(pieces: list[tuple[int, int]]) -> None:
    jar = Container(3, 5, 30)
    lines = [Filled(ref, count, grams, jar if ref % 2 else None) for ref, (count, grams) in enumerate(pieces)]
    found = charge(lines, CRATE)
    assert {one.ref: one.count for one in found if one.container == jar} == {
        line.ref: line.pieces for line in lines if line.container
    }
    assert [one.count for one in found if one.ref is None] == [crates_for(sum(line.grams for line in lines))]
