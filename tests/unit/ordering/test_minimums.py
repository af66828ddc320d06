"""What an order cycle asks for, as docs/money.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shortchain.enterprises.price_lists import PriceList
from shortchain.ordering.minimums import BadMinimum, kept, lacking

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
ROW = re.compile(r"^\| ([a-z0-9, ]+) \| ([a-z0-9+ ]+) \| ([a-z0-9 ]+) \|$", re.M)
PART = DOCS.read_text().split("## A minimum for an order")[1].split("\n## ")[0]


def amounts(text: str) -> list[tuple[PriceList, int]]:
    return [(PriceList(name), int(cents)) for name, cents in re.findall(r"([a-z]+) (\d+)", text)]


def test_the_documents_have_examples() -> None:
    assert len(ROW.findall(PART)) >= 7


@pytest.mark.parametrize(("asked", "bought", "lacks"), ROW.findall(PART))
def test_asks_what_the_documents_say(asked: str, bought: str, lacks: str) -> None:
    short = lacking({one.value: cents for one, cents in amounts(asked)}, amounts(bought))
    told = "nothing" if short is None else f"{short.price_list.value} {short.lacking_cents}"
    assert told == lacks


@pytest.mark.parametrize("cents", [-1, 50_001])
def test_keeps_no_minimum_that_nobody_orders_for(cents: int) -> None:
    with pytest.raises(BadMinimum) as refusal:
        kept({PriceList.SHOP: cents})
    assert refusal.value.fields == ("shop",)
    assert kept({PriceList.SHOP: 100, PriceList.CONSUMER: 0}) == {"shop": 100}
