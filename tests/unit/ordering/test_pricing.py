"""Prices, taxes and parts, as docs/money.md states them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.pricing import Fee, GoodsLine, price_sheet

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"

LINES = [
    # unit              amount   price   total
    (SellUnit.KG, 1500, 220, 330),
    (SellUnit.KG, 333, 199, 66),
    (SellUnit.PIECE, 3, 125, 375),
    (SellUnit.G100, 250, 160, 400),
    (SellUnit.LITRE, 750, 500, 375),
    (SellUnit.BUNCH, 1, 190, 190),
]


@pytest.mark.parametrize(("unit", "amount", "price", "total"), LINES)
def test_prices_a_line_by_its_unit(unit: SellUnit, amount: int, price: int, total: int) -> None:
    assert GoodsLine(1, 5, amount, unit, price, 600).total_cents == total


def test_takes_vat_on_the_sum_of_a_rate_and_not_line_by_line() -> None:
    # Three lines of 1.32 at 6 %: 0.07 + 0.07 + 0.07 per line, but 0.22 on the sum of 3.96.
    lines = [GoodsLine(ref, 5, 1, SellUnit.PIECE, 132, 600) for ref in range(3)]
    sheet = price_sheet(lines, [])
    assert [row.vat_cents for row in sheet.vat] == [22]


def test_keeps_sellers_and_rates_apart() -> None:
    lines = [GoodsLine(1, 5, 1, SellUnit.PIECE, 1000, 600), GoodsLine(2, 6, 1, SellUnit.PIECE, 500, 2100)]
    sheet = price_sheet(lines, [Fee("pack", 9, 250, 2100), Fee("transport", 5, 40, 600)])
    assert [(row.seller_id, row.rate_bp, row.gross_cents) for row in sheet.vat] == [
        (5, 600, 1040),
        (6, 2100, 500),
        (9, 2100, 250),
    ]


goods = st.builds(
    GoodsLine,
    st.integers(1, 10**6),
    st.integers(1, 4),
    st.integers(1, 5000),
    st.sampled_from([SellUnit.KG, SellUnit.PIECE]),
    st.integers(1, 900),
    st.sampled_from([600, 2100]),
)
fees = st.builds(
    Fee,
    st.sampled_from(["process", "transport", "pack", "deliver"]),
    st.integers(1, 6),
    st.integers(0, 900),
    st.sampled_from([600, 2100]),
)


@given(
    st.lists(goods, min_size=1, max_size=6, unique_by=lambda line: line.ref),
    st.lists(fees, max_size=6),
    st.integers(0, 5_000),
)
def test_adds_up_whatever_is_bought(lines: list[GoodsLine], extra: list[Fee], held: int) -> None:
    sheet = price_sheet(lines, extra, deposit_cents=held)
    assert sheet.total_cents == sheet.goods_cents + sheet.services_cents + held == sum(sheet.parts.values())
    assert sum(row.gross_cents for row in sheet.vat) == sheet.total_cents - held  # a deposit holds no VAT
    assert sum(sheet.vat_parts.values()) == sum(row.vat_cents for row in sheet.vat)  # each kind with its own
    assert all(cents >= 0 for cents in sheet.vat_parts.values())


@given(
    st.lists(goods, min_size=1, max_size=6, unique_by=lambda line: line.ref),
    st.lists(fees, max_size=6),
    st.sets(st.integers(1, 6)),
)
def test_takes_no_vat_out_of_what_the_exempt_sell(lines: list[GoodsLine], extra: list[Fee], exempt: set[int]) -> None:
    sheet = price_sheet(lines, extra, exempt=exempt)
    everybody = price_sheet(lines, extra)
    assert sheet.total_cents == everybody.total_cents and sheet.parts == everybody.parts  # the price stays
    assert [row for row in sheet.vat if row.seller_id not in exempt] == [
        row for row in everybody.vat if row.seller_id not in exempt
    ]
    assert all(row.rate_bp == row.vat_cents == 0 for row in sheet.vat if row.seller_id in exempt)
    assert sum(row.gross_cents for row in sheet.vat) == sheet.total_cents
    assert sum(sheet.vat_parts.values()) == sum(row.vat_cents for row in sheet.vat)


def test_keeps_the_worked_example_of_the_document_true() -> None:
    rows = re.findall(r"^\| (\w+) \| (?:[^|]*) \| (\d+) \|$", DOCS.read_text(encoding="utf-8"), re.M)
    documented = {kind: int(cents) for kind, cents in rows}
    lines = [GoodsLine(1, 5, 1500, SellUnit.KG, 220, 600), GoodsLine(2, 6, 2, SellUnit.PIECE, 185, 600)]
    sheet = price_sheet(
        lines,
        [
            Fee("transport", 5, 18, 600),
            Fee("transport", 6, 9, 600),
            Fee("pack", 9, 240, 2100),
            Fee("deliver", 8, 450, 2100),
        ],
        deposit_cents=60,
    )
    assert documented == {**sheet.parts, "total": sheet.total_cents}
