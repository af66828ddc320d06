"""What a code takes off, and what of it goes back, as docs/money.md says; and what holds for any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.money import Money
from shortchain.ordering.discounts import (
    DiscountKind,
    Goods,
    NothingForCode,
    Terms,
    TooLittleForCode,
    made_up,
    part_of,
    plain,
    take_off,
)
from shortchain.ordering.shortages import Cost

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
HUB = 9
FARM_OF = {11: 1, 12: 1, 21: 2}
PART = DOCS.read_text().split("## Discount codes")[1].split("\n## ")[0]


def rows(columns: int) -> list[list[str]]:
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in PART.splitlines() if line[:1] == "|"]
    return [row for row in found if len(row) == columns and row[0].isdigit()]


def test_the_documents_have_examples() -> None:
    assert (len(rows(6)), len(rows(4))) == (11, 5)


@pytest.mark.parametrize("row", rows(6), ids=" | ".join)
def test_takes_off_what_the_documents_say(row: list[str]) -> None:
    owner, takes, least, only, goods, off = row
    kind = DiscountKind.PERCENT if "%" in takes else DiscountKind.AMOUNT
    value = int(takes.replace("%", "")) * (100 if "%" in takes else 1)
    wanted = frozenset(int(one) for one in re.findall(r"\d+", only))
    terms = Terms(int(owner), int(owner) == HUB, kind, value, int(least), wanted)
    held = [(int(product), int(cents)) for product, cents in re.findall(r"(\d+): (\d+)", goods)]
    lines = [Goods(FARM_OF[product], product, cents) for product, cents in held]
    if off == "nothing":
        with pytest.raises(NothingForCode):
            take_off(terms, lines)
    elif off.startswith("too little"):
        with pytest.raises(TooLittleForCode) as refusal:
            take_off(terms, lines)
        assert refusal.value.values["lacking"] == Money(int(off.split(",")[1]))
    else:
        assert take_off(terms, lines) == [int(part) for part in off.split(" + ")]


@pytest.mark.parametrize("row", rows(4), ids=" | ".join)
def test_gives_the_hub_its_part(row: list[str]) -> None:
    before, cents, hub, customer = map(int, row)
    part = part_of(155, total_cents=1000, before_cents=before, cents=cents)
    assert (part, cents - part) == (hub, customer)


GOODS = st.lists(st.builds(Goods, st.integers(1, 3), st.integers(1, 9), st.integers(0, 9000)), min_size=1, max_size=8)


@given(GOODS, st.sampled_from(DiscountKind), st.integers(1, 10_000), st.integers(1, 3), st.booleans())
def test_never_takes_more_than_a_line_costs(
    goods: list[Goods], kind: DiscountKind, value: int, owner: int, is_hub: bool
) -> None:
    try:
        parts = take_off(Terms(owner, is_hub, kind, value), goods)
    except NothingForCode:
        return
    own = [one.cents if is_hub or one.farm_id == owner else 0 for one in goods]
    assert all(0 <= part <= cents for part, cents in zip(parts, own, strict=True))
    wanted = value if kind is DiscountKind.AMOUNT else round(sum(own) * value / 10_000 + 1e-9)
    assert sum(parts) == min(wanted, sum(own))


@given(st.integers(0, 5000), st.lists(st.integers(0, 900), max_size=12))
def test_gives_all_of_it_back_with_all_of_the_line(off: int, steps: list[int]) -> None:
    total = max(off, sum(steps))
    before = given_back = 0
    for cents in steps:
        part = part_of(off, total_cents=total, before_cents=before, cents=cents)
        assert 0 <= part <= cents
        before, given_back = before + cents, given_back + part
    assert given_back + part_of(off, total_cents=total, before_cents=before, cents=total - before) == (
        off if total else 0
    )


@given(st.integers(1, 40), st.integers(0, 2000), st.data())
def test_the_rest_of_a_line_keeps_its_discount(amount: int, off: int, data: st.DataObject) -> None:
    """Ten for 190 each (220 below ten): taking some off never pays for the discount of what is gone."""
    steps = [[0, 220], [10, 190]]
    listed = (190 if amount >= 10 else 220) * amount
    off = min(off, listed)
    cost = Cost(listed - off, amount, steps, 1, off)
    dropped = data.draw(st.integers(0, amount))
    left = cost.left(dropped=dropped)
    assert cost.left() == listed - off
    assert 0 <= left <= listed - off
    bare = Cost(listed, amount, steps, 1).left(dropped=dropped)
    assert abs(left * listed - bare * (listed - off)) <= listed  # within a cent of its part


def test_reads_a_code_as_people_type_it() -> None:
    assert plain(" lente-10 ") == plain("LENTE 10") == "LENTE10"
    assert plain("  ") == ""
    assert len({made_up() for _ in range(50)}) == 50
    assert plain(made_up()) != ""
