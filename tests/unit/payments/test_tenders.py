"""What goes back of an order paid in several ways goes back the way it came, to the cent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.payments.tenders import SOME_GOODS_ONLY, Tender, divide, in_order_of_spending, left_of, source_for

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


def amounts(text: str) -> list[tuple[str, int]]:
    return [(name, int(cents)) for name, cents in re.findall(r"([a-z_]+) (\d+)", text)]


def worked_examples() -> list[tuple[list[tuple[str, int]], int, dict[str, int], list[tuple[str, int]]]]:
    """Read the table of docs/money.md: paid with, back, for, goes to."""
    part = DOCS.read_text().split("## Paid in several ways")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z_0-9 ,]+) \| (\d+) \| ([a-z_0-9 ,–]+) \| ([a-z_0-9 ,]+) \|$", part, re.M)
    return [(amounts(paid), int(back), dict(amounts(lost)), amounts(to)) for paid, back, lost, to in rows]


def test_the_documents_have_examples() -> None:
    assert len(worked_examples()) >= 12


@pytest.mark.parametrize(("paid", "back", "lost", "to"), worked_examples())
def test_divides_as_the_documents_say(
    paid: list[tuple[str, int]], back: int, lost: dict[str, int], to: list[tuple[str, int]]
) -> None:
    tenders = [Tender(number, method, cents) for number, (method, cents) in enumerate(paid)]
    parts = divide(back, tenders, lost=lost)
    assert [(tenders[ref].method, cents) for ref, cents in sorted(parts.items())] == to


METHODS = st.sampled_from(("discount", "meal_voucher", "eco_voucher", "gift_card", "card", "transfer"))
TENDERS = st.lists(st.tuples(METHODS, st.integers(0, 5000)), min_size=1, max_size=6).map(
    lambda rows: [Tender(number, method, cents) for number, (method, cents) in enumerate(rows)]
)


@given(TENDERS, st.data())
def test_gives_back_exactly_and_never_more_than_came(tenders: list[Tender], data: st.DataObject) -> None:
    whole = left_of(tenders)
    if not whole:
        return
    cents = data.draw(st.integers(1, whole))
    lost = {method: data.draw(st.integers(0, cents)) for method in (*SOME_GOODS_ONLY, "discount")}
    parts = divide(cents, tenders, lost=lost)
    left = {one.ref: one.left_cents for one in tenders}
    assert sum(parts.values()) == cents
    assert all(0 < part <= left[ref] for ref, part in parts.items())


@given(TENDERS, st.data())
def test_two_halves_end_as_the_whole_does(tenders: list[Tender], data: st.DataObject) -> None:
    """Without goods of a voucher, giving back at once or bit by bit leaves the same on each payment."""
    whole = left_of(tenders)
    if whole < 2:
        return
    cents = data.draw(st.integers(2, whole))
    first = data.draw(st.integers(1, cents - 1))
    at_once = divide(cents, tenders)
    one = divide(first, tenders)
    rest = [Tender(t.ref, t.method, t.left_cents - one.get(t.ref, 0)) for t in tenders]
    two = divide(cents - first, rest)
    assert at_once == {ref: one.get(ref, 0) + two.get(ref, 0) for ref in one | two}


@pytest.mark.parametrize("cents", [0, -1, 301])
def test_refuses_nothing_and_more_than_is_left(cents: int) -> None:
    with pytest.raises(ValueError, match="what goes back"):
        divide(cents, [Tender(1, "card", 300)])


def test_spends_what_can_pay_the_least_first() -> None:
    rows = [Tender(1, "card", 1), Tender(2, "gift_card", 1), Tender(3, "eco_voucher", 1), Tender(4, "meal_voucher", 1)]
    assert [one.ref for one in in_order_of_spending(rows)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("cents", "used", "source"),
    [(500, {}, "one"), (1000, {}, "one"), (500, {"one": 501}, "two"), (1001, {}, "two"), (2001, {}, None)],
)
def test_sends_a_payout_out_of_a_charge_with_room(cents: int, used: dict[str, int], source: str | None) -> None:
    assert source_for(cents, charges=[("one", 1000), ("two", 2000)], used=used) == source
