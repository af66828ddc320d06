"""What is left of an order to charge is nothing, or as much as can be charged; what gives way is in docs/money.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.payments.rests import LEAST_ONLINE_CENTS, is_chargeable, leaving_enough
from shortchain.payments.tenders import SOME_GOODS_ONLY, SPENT_IN_ORDER

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"


def amounts(text: str) -> list[tuple[str, int]]:
    return [(name, int(cents)) for name, cents in re.findall(r"([a-z_]+) (\d+)", text)]


def worked_examples() -> list[tuple[int, list[tuple[str, int]], list[tuple[str, int]], str]]:
    """Read the table of docs/money.md: costs, would pay, pays, left."""
    part = DOCS.read_text().split("### What is left to pay")[1].split("\n### ")[0]
    rows = re.findall(r"^\| (\d+) \| ([a-z_0-9 ,–]+) \| ([a-z_0-9 ,–]+) \| ([a-z0-9, ]+) \|$", part, re.M)
    return [(int(costs), amounts(would), amounts(pays), left) for costs, would, pays, left in rows]


def test_the_documents_have_examples() -> None:
    assert len(worked_examples()) >= 12


@pytest.mark.parametrize(("costs", "would", "pays", "left"), worked_examples())
def test_parts_pay_as_the_documents_say(
    costs: int, would: list[tuple[str, int]], pays: list[tuple[str, int]], left: str
) -> None:
    found = leaving_enough(costs, would)
    assert [(method, cents) for (method, _), cents in zip(would, found, strict=True) if cents] == pays
    rest = costs - sum(found)
    assert left == (str(rest) if is_chargeable(rest) else f"refused, {rest}")


PARTS = st.lists(st.tuples(st.sampled_from(SPENT_IN_ORDER), st.integers(1, 3000)), max_size=5).map(
    lambda rows: sorted(rows, key=lambda one: SPENT_IN_ORDER.index(one[0]))
)


@given(PARTS, st.integers(0, 200))
def test_nobody_pays_more_and_refusing_is_the_last_way_out(parts: list[tuple[str, int]], left: int) -> None:
    parts = [
        (method, max(cents, LEAST_ONLINE_CENTS) if method in SOME_GOODS_ONLY else cents) for method, cents in parts
    ]
    total = sum(cents for _, cents in parts) + left
    found = leaving_enough(total, parts)
    assert all(0 <= cents <= before for cents, (_, before) in zip(found, parts, strict=True))
    for cents, (method, _before) in zip(found, parts, strict=True):
        if method in SOME_GOODS_ONLY:
            assert cents == 0 or cents >= LEAST_ONLINE_CENTS
    if is_chargeable(left):
        assert found == [cents for _, cents in parts]
    if not is_chargeable(total - sum(found)):
        others = [cents for cents, (method, _) in zip(found, parts, strict=True) if method != "discount"]
        assert not any(others), "as long as a card or vouchers pay, they give way"
