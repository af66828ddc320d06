"""Goods that are paid by weight: the price follows the scale, never above what was paid, to the cent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.ordering.weighing import NoWeight, TooHeavy, per_kg_cents, true_cents
from shortchain.payouts.shares import Facts, Sold, Worked, split

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


def worked_examples() -> list[tuple[int, int, int, int, int, int]]:
    """Read the table of docs/money.md: paid, most, per kilo, true weight, costs, back."""
    part = DOCS.read_text().split("## Goods that are weighed")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", part, re.M)
    return [(int(a), int(b), int(c), int(d), int(e), int(f)) for a, b, c, d, e, f in rows]


def test_the_documents_have_examples() -> None:
    assert len(worked_examples()) >= 6


@pytest.mark.parametrize(("paid", "most", "per_kg", "grams", "costs", "back"), worked_examples())
def test_prices_as_the_documents_say(paid: int, most: int, per_kg: int, grams: int, costs: int, back: int) -> None:
    assert per_kg_cents(paid, max_weight_g=most) == per_kg
    assert true_cents(paid, max_weight_g=most, true_weight_g=grams) == costs
    assert paid - costs == back


@pytest.mark.parametrize("grams", [0, -1])
def test_refuses_no_weight(grams: int) -> None:
    with pytest.raises(NoWeight):
        true_cents(1000, max_weight_g=500, true_weight_g=grams)


def test_refuses_more_than_was_paid_for() -> None:
    assert true_cents(1000, max_weight_g=500, true_weight_g=500) == 1000
    with pytest.raises(TooHeavy):
        true_cents(1000, max_weight_g=500, true_weight_g=501)


line = st.integers(1, 20_000).flatmap(
    lambda most: st.tuples(st.integers(1, 30_000), st.just(most), st.integers(1, most), st.integers(1, 3))
)


@given(st.lists(line, min_size=1, max_size=6), st.integers(0, 900))
def test_refund_and_shares_add_up_to_what_was_paid(lines: list[tuple[int, int, int, int]], services: int) -> None:
    costs = [true_cents(paid, max_weight_g=most, true_weight_g=grams) for paid, most, grams, _farm in lines]
    back = sum(row[0] for row in lines) - sum(costs)
    goods = tuple(Sold(row[3], cents, 600) for row, cents in zip(lines, costs, strict=True))
    shares = split(Facts(goods, (Worked("pack", 9, services, 2100),), services, 500))
    assert back >= 0
    assert back + sum(share.cents for share in shares) == sum(row[0] for row in lines) + services


@given(line, st.integers(1, 20_000))
def test_lighter_never_costs_more(row: tuple[int, int, int, int], other: int) -> None:
    paid, most, grams, _farm = row
    lighter = min(grams, other)
    light = true_cents(paid, max_weight_g=most, true_weight_g=lighter)
    assert 0 <= light <= true_cents(paid, max_weight_g=most, true_weight_g=grams) <= paid
