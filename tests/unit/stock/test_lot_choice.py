"""The choice of lots serves a line from what keeps long enough, and never more than there is."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shortchain.stock.lot_choice import Shelf, Take, choose

DAY = date(2026, 11, 26)


def shelf(number: int, left: int, keeps_days: int) -> Shelf:
    return Shelf(number, left, DAY + timedelta(days=keeps_days))


def test_takes_what_keeps_shortest_first() -> None:
    assert choose([shelf(1, 5, 9), shelf(2, 5, 2)], amount=3, on_day=DAY) == [Take(2, 3)]


def test_leaves_what_does_not_keep_until_the_day() -> None:
    assert choose([shelf(1, 5, -1), shelf(2, 5, 0)], amount=5, on_day=DAY) == [Take(2, 5)]


def test_refuses_when_too_little_keeps() -> None:
    assert choose([shelf(1, 50, -1), shelf(2, 5, 0)], amount=6, on_day=DAY) is None


def test_takes_one_lot_rather_than_two_that_keep_equally_long() -> None:
    assert choose([shelf(1, 2, 3), shelf(2, 9, 3)], amount=4, on_day=DAY) == [Take(2, 4)]


shelves = st.lists(
    st.builds(shelf, st.integers(1, 8), st.integers(0, 20), st.integers(-3, 6)),
    max_size=8,
    unique_by=lambda one: one.lot_id,
)


@given(shelves, st.integers(1, 60))
def test_serves_exactly_what_was_asked_or_nothing(given_shelves: list[Shelf], amount: int) -> None:
    good = {one.lot_id: one.left for one in given_shelves if one.best_before >= DAY}
    takes = choose(given_shelves, amount=amount, on_day=DAY)
    if takes is None:
        assert sum(good.values()) < amount
    else:
        assert sum(take.amount for take in takes) == amount
        assert all(0 < take.amount <= good[take.lot_id] for take in takes)
        assert len({take.lot_id for take in takes}) == len(takes)


@given(shelves, st.integers(1, 60), st.randoms())
def test_chooses_the_same_in_any_order(given_shelves: list[Shelf], amount: int, dice) -> None:
    mixed = list(given_shelves)
    dice.shuffle(mixed)
    assert choose(mixed, amount=amount, on_day=DAY) == choose(given_shelves, amount=amount, on_day=DAY)
