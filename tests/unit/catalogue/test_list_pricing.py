"""Who pays which price from how much on, as docs/money.md states it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.catalogue import list_pricing
from shortchain.catalogue.list_pricing import BadListPrice, Entry
from shortchain.enterprises.price_lists import PriceList, lists_for

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
C, M, S, K = PriceList.CONSUMER, PriceList.MEMBER, PriceList.SHOP, PriceList.CANTEEN
ENTRIES = [
    Entry(C, 5_000, cents=200),
    Entry(C, 10_000, cents=190),
    Entry(M, 0, less_bp=500),
    Entry(S, 0, cents=195),
    Entry(S, 20_000, cents=170),
    Entry(K, 10_000, less_bp=2_000),
]
"""The price list of the table: carrots at € 2,20 a kilo."""


def examples() -> list[list[str]]:
    part = DOCS.read_text(encoding="utf-8").split("## Prices for kinds of customers and larger amounts")[1]
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in part.split("\n## ")[0].splitlines() if line[:1] == "|"]
    return [row for row in rows if row[0] != "Lists" and not row[0].startswith("---")]


def test_reads_the_whole_table() -> None:
    assert len(examples()) == 14


@pytest.mark.parametrize(("lists", "amount", "price", "whose", "more"), examples())
def test_asks_as_the_book_says(lists: str, amount: str, price: str, whose: str, more: str) -> None:
    own = {PriceList(name) for name in lists.split(" + ")} - {C}
    steps = list_pricing.ladder(220, list_pricing.resolve(220, ENTRIES), own)
    step = list_pricing.step_at(steps, int(amount))
    assert (step.cents, step.price_list.value) == (int(price), whose)
    after = list_pricing.step_after(steps, int(amount))
    assert (f"{after.from_amount}: {after.cents}" if after else "–") == more


entries = st.lists(
    st.one_of(
        st.builds(Entry, st.sampled_from(PriceList), st.integers(0, 30), cents=st.integers(1, 400)),
        st.builds(Entry, st.sampled_from(PriceList), st.integers(0, 30), less_bp=st.integers(1, 9000)),
    ),
    max_size=12,
)


@settings(deadline=None)  # on a busy machine one example may wait for its turn
@given(price=st.integers(1, 400), asked=entries, own=st.sets(st.sampled_from(PriceList)), amount=st.integers(1, 40))
def test_everybody_pays_the_lowest_that_applies(
    price: int, asked: list[Entry], own: set[PriceList], amount: int
) -> None:
    prices = list_pricing.resolve(price, asked)
    steps = list_pricing.ladder(price, prices, own)
    applies = [cents for name in {C, *own} for start, cents in prices.get(name.value, []) if start <= amount]
    assert list_pricing.step_at(steps, amount).cents == min([price, *applies])
    assert steps[0].from_amount == 0
    assert all(low.from_amount < high.from_amount and low.cents > high.cents for low, high in itertools.pairwise(steps))
    assert (
        list_pricing.step_at(list_pricing.ladder(price, prices), amount).cents
        >= list_pricing.step_at(steps, amount).cents
    )


@settings(deadline=None)  # on a busy machine one example may wait for its turn
@given(price=st.integers(1, 400), asked=entries)
def test_the_shops_list_holds_the_steps_of_consumers_alone(price: int, asked: list[Entry]) -> None:
    prices = list_pricing.resolve(price, asked)
    told = list_pricing.from_text(list_pricing.as_text(prices))
    assert told.get("consumer", []) == prices.get("consumer", [])
    assert set(told) <= {"consumer"}


@pytest.mark.parametrize(
    "bad",
    [
        [Entry(C, 0, cents=100)],
        [Entry(S, 0, cents=220)],
        [Entry(S, 0, cents=0)],
        [Entry(S, 0, less_bp=9_001)],
        [Entry(S, 0, less_bp=0)],
        [Entry(S, 0, cents=200), Entry(S, 0, less_bp=500)],
        [Entry(C, 500, cents=200)],  # the least that is sold
        [Entry(C, 2_000, cents=200), Entry(C, 4_000, cents=200)],
        [Entry(C, 1_000 * n, cents=200 - n) for n in range(1, 6)],
    ],
)
def test_refuses_what_nobody_could_mean(bad: list[Entry]) -> None:
    with pytest.raises(BadListPrice):
        list_pricing.check(bad, price_cents=220, least=500)


def test_takes_what_the_book_has() -> None:
    list_pricing.check(ENTRIES, price_cents=220, least=500)


def test_a_yes_counts_where_it_was_given() -> None:
    grants = {(7, M), (9, S)}
    assert lists_for(grants, farm_id=7, hub_id=9) == {M, S}
    assert lists_for(grants, farm_id=8, hub_id=9) == {S}
    assert lists_for(grants, farm_id=8, hub_id=10) == set()
