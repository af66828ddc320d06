"""What a cycle asks on top of the goods, as docs/money.md states it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.levies import Basis, Levy, Load, charge
from shortchain.ordering.pricing import GoodsLine, price_sheet
from shortchain.payouts import shares
from shortchain.payouts.shares import Facts, Sold, Worked

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
HUB = 9
LOADS = [Load(1, 2000, 3000, 600), Load(2, 1000, 2000, 600), Load(2, 500, 500, 2100)]


def examples() -> list[list[str]]:
    part = DOCS.read_text().split("## What a cycle asks on top")[1].split("\n## ")[0]
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in part.splitlines() if line.startswith("|")][2:]


def test_reads_the_whole_table() -> None:
    assert len(examples()) == 9


@pytest.mark.parametrize(("party", "basis", "rate", "home", "cents"), examples())
def test_asks_as_the_book_says(party: str, basis: str, rate: str, home: str, cents: str) -> None:
    levy = Levy(int(party), Basis(basis), int(rate), of_farm=int(party) != HUB)
    fees = charge([levy], LOADS, is_home=home == "yes", vat_rate_bp=2100)
    assert {fee.enterprise_id for fee in fees} <= {int(party)}
    expected = [(int(bp) * 100, int(part)) for bp, part in re.findall(r"(\d+) %: (\d+)", cents)]
    assert [(fee.vat_rate_bp, fee.amount_cents) for fee in fees] == expected


levies = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, HUB]), st.sampled_from(Basis), st.integers(1, 3000)).map(
        lambda drawn: Levy(drawn[0], drawn[1], drawn[2], of_farm=drawn[0] != HUB)
    ),
    max_size=5,
)
loads = st.lists(
    st.builds(Load, st.integers(1, 3), st.integers(0, 5000), st.integers(0, 9000), st.sampled_from([600, 2100])),
    min_size=1,
    max_size=6,
)


@given(levies, loads, st.booleans())
def test_sheet_and_shares_add_up_and_nobody_pays_for_a_levy(asked: list[Levy], held: list[Load], home: bool) -> None:
    fees = charge(asked, held, is_home=home, vat_rate_bp=2100)
    assert all(fee.amount_cents > 0 for fee in fees)
    lines = [
        GoodsLine(ref, load.farm_id, 1, SellUnit.PIECE, load.cents, load.vat_rate_bp) for ref, load in enumerate(held)
    ]
    sheet = price_sheet(lines, fees)
    assert sheet.parts["levy"] == sum(fee.amount_cents for fee in fees) == sheet.services_cents
    assert sum(sheet.parts.values()) == sheet.total_cents == sum(row.gross_cents for row in sheet.vat)
    divided = shares.split(
        Facts(
            tuple(Sold(load.farm_id, load.cents, load.vat_rate_bp) for load in held),
            tuple(Worked(fee.kind, fee.enterprise_id, fee.amount_cents, fee.vat_rate_bp) for fee in sheet.fees),
            sheet.services_cents,
            500,
        )
    )
    assert sum(share.cents for share in divided) == sheet.total_cents
    assert all(cents >= 0 for cents in shares.owed(divided).values())
    assert not any(share.kind == "margin" for share in divided)


@given(levies, loads)
def test_divides_a_farms_levy_over_its_rates_without_a_cent_lost(asked: list[Levy], held: list[Load]) -> None:
    one_rate = [Load(load.farm_id, load.cents, load.grams, 600) for load in held]
    for levy in asked:
        mixed = charge([levy], held, is_home=True, vat_rate_bp=2100)
        plain = charge([levy], one_rate, is_home=True, vat_rate_bp=2100)
        assert sum(fee.amount_cents for fee in mixed) == sum(fee.amount_cents for fee in plain)
