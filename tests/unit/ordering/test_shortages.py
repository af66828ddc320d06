"""A shortage hits the last orders first, and its parts add up to the cent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.ordering import shortages
from shortchain.ordering.shortages import Cost, Sold

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
LEFT = st.lists(st.integers(1, 9), min_size=1, max_size=8)


@given(left=LEFT, data=st.data())
def test_hits_the_last_and_as_few_as_possible(left: list[int], data: st.DataObject) -> None:
    missing = data.draw(st.integers(1, sum(left)))
    lines = [Sold(number, amount) for number, amount in enumerate(left)]
    parts = shortages.share(lines, missing)
    assert sum(parts.values()) == missing
    assert all(0 < part <= left[number] for number, part in parts.items())
    first = min(parts)
    assert set(parts) == set(range(first, len(left)))  # everybody after the first one hit is hit too
    assert all(parts[number] == left[number] for number in parts if number > first)  # and wholly


@pytest.mark.parametrize("missing", [0, -1, 4])
def test_refuses_what_can_not_be(missing: int) -> None:
    with pytest.raises(ValueError, match="not to come"):
        shortages.share([Sold(1, 3)], missing)


@given(total=st.integers(0, 100_000), parts=LEFT, rest=st.integers(0, 9))
def test_the_parts_add_up_to_the_line(total: int, parts: list[int], rest: int) -> None:
    amount = sum(parts) + rest
    before, back = 0, 0
    for part in parts:
        cents = shortages.back_cents(Cost(total, amount), missing=before, dropped=0, less=part)
        assert cents >= 0
        before, back = before + part, back + cents
    assert back == total - Cost(total, amount).left(missing=before)
    assert rest or back == total


def examples() -> list[tuple[int, ...]]:
    """Read the table of docs/money.md: line, ordered, missing, worth of the replacement, back."""
    text = DOCS.read_text(encoding="utf-8").split("### Shortage", 1)[1].split("###", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [tuple(int(cell) for cell in row) for row in rows[2:]]


@pytest.mark.parametrize(("total", "amount", "missing", "replaced", "back"), [*examples(), (1200, 500, 250, 0, 600)])
def test_gives_back_what_is_worth_less(total: int, amount: int, missing: int, replaced: int, back: int) -> None:
    assert (
        shortages.back_cents(Cost(total, amount), missing=0, dropped=0, less=missing, replaced_cents=replaced) == back
    )


@pytest.mark.parametrize(
    ("other", "first", "wider"),
    [
        ({"milk": "free"}, {"milk": "free"}, False),
        ({"milk": "contains"}, {"milk": "contains"}, False),
        ({"milk": "may_contain"}, {"milk": "contains"}, False),
        ({"milk": "contains"}, {"milk": "may_contain"}, True),  # who eats what has traces may not bear the milk
        ({"milk": "contains"}, {"milk": "unknown"}, True),
        ({"milk": "may_contain"}, {"milk": "free"}, True),
        ({"milk": "unknown"}, {"milk": "free"}, True),
        ({"milk": "contains"}, {}, True),
        ({}, {"milk": "contains"}, False),
        ({"milk": "free_from"}, {"milk": "free_from"}, False),
        ({"milk": "free"}, {"milk": "free_from"}, True),  # it was promised
        ({}, {"milk": "free_from"}, True),
        ({"milk": "free_from"}, {"milk": "free"}, True),  # who packs was not chosen to keep it apart
    ],
)
def test_never_brings_an_allergen(other: dict[str, str], first: dict[str, str], wider: bool) -> None:
    assert shortages.is_wider(other, first) is wider


def taken_off() -> list[tuple[int, ...]]:
    """Read the table of docs/money.md: line, ordered, off or missing before, off now, back."""
    text = DOCS.read_text(encoding="utf-8").split("### Taken off by the customer", 1)[1].split("###", 1)[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("|")]
    return [tuple(int(cell) for cell in row) for row in rows if row[0].isdigit()]


@pytest.mark.parametrize(("total", "amount", "before", "part", "back"), taken_off())
def test_gives_back_for_what_a_customer_takes_off(total: int, amount: int, before: int, part: int, back: int) -> None:
    assert shortages.back_cents(Cost(total, amount), missing=0, dropped=before, off=part) == back
    assert shortages.back_cents(Cost(total, amount), missing=before, dropped=0, off=part) == back


STEPS = ((0, 220), (5000, 200), (10_000, 190))


@pytest.mark.parametrize(
    ("ordered", "dropped", "missing", "left"),
    [
        (10_000, 0, 0, 1900),
        (10_000, 1000, 0, 1800),  # nine kilos at the price from five
        (10_000, 5000, 0, 1000),
        (10_000, 5500, 0, 990),  # 4,5 kg at the price of one
        (10_000, 5100, 0, 1000),  # would be 10,78 and more than five kilos cost
        (10_000, 0, 5500, 855),  # the farm has none: the price stays
        (10_000, 10_000, 0, 0),
        (4000, 1000, 0, 660),
    ],
)
def test_who_takes_off_pays_the_price_of_what_is_kept(ordered: int, dropped: int, missing: int, left: int) -> None:
    price = next(cents for start, cents in reversed(STEPS) if start <= ordered)
    cost = Cost(price * ordered // 1000, ordered, STEPS, 1000)
    assert cost.left(missing=missing, dropped=dropped) == left


@given(
    ordered=st.integers(1, 40),
    moves=st.lists(st.tuples(st.booleans(), st.integers(1, 8)), max_size=8),
    falls=st.lists(st.tuples(st.integers(2, 40), st.integers(1, 30)), max_size=4, unique_by=lambda one: one[0]),
)
def test_what_goes_back_in_parts_is_what_the_rest_does_not_cost(
    ordered: int, moves: list[tuple[bool, int]], falls: list[tuple[int, int]]
) -> None:
    steps, price = [(0, 300)], 300
    for start, fall in sorted(falls):
        price -= fall
        steps.append((start, price))
    paid = next(cents for start, cents in reversed(steps) if start <= ordered) * ordered
    cost = Cost(paid, ordered, tuple(steps) if len(steps) > 1 else ())
    missing = dropped = back = 0
    for is_missing, part in moves:
        part = min(part, ordered - missing - dropped)
        less, off = (part, 0) if is_missing else (0, part)
        cents = shortages.back_cents(cost, missing=missing, dropped=dropped, less=less, off=off)
        assert cents >= 0
        missing, dropped, back = missing + less, dropped + off, back + cents
    assert paid - back == cost.left(missing=missing, dropped=dropped) >= 0
    if missing + dropped == ordered:
        assert back == paid
