"""What a cycle asks of its orders, on top or out of the farms' price, as docs/money.md states it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.quantity import SellUnit
from shortchain.ordering.levies import Basis, Levy, Load, Payer, cede, ceded_of, charge
from shortchain.ordering.pricing import GoodsLine, price_sheet
from shortchain.payouts import shares
from shortchain.payouts.shares import Facts, Promised, Sold, Worked

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
HUB = 9
LOADS = [Load(1, 2000, 3000, 600), Load(2, 1000, 2000, 600), Load(2, 500, 500, 2100)]


def examples() -> list[list[str]]:
    part = DOCS.read_text().split("## What a cycle asks")[1].split("What farms 1 and 2 give")[0]
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


def given_rows() -> list[list[str]]:
    part = DOCS.read_text().split("What farms 1 and 2 give")[1].split("\n## ")[0]
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in part.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0][:1].isdigit()]


def test_reads_the_whole_table_of_what_farms_give() -> None:
    assert len(given_rows()) == 7


@pytest.mark.parametrize(("asked", "home", "first", "second"), given_rows())
def test_farms_give_as_the_book_says(asked: str, home: str, first: str, second: str) -> None:
    levies = [
        Levy(int(party), Basis(basis), int(rate), of_farm=False, payer=Payer.SELLER)
        for party, basis, rate in re.findall(r"(\d+): (\w+) (\d+)", asked)
    ]
    found = cede(levies, LOADS, is_home=home == "yes")
    sums = {farm: sum(one.cents for one in found if one.farm_id == farm) for farm in (1, 2)}
    assert sums == {1: int(first), 2: int(second)}
    assert charge(levies, LOADS, is_home=home == "yes", vat_rate_bp=2100) == []


asked_of_sellers = st.lists(
    st.builds(
        Levy,
        st.integers(1, 6),
        st.sampled_from(Basis),
        st.integers(1, 3000),
        of_farm=st.just(False),
        payer=st.just(Payer.SELLER),
    ),
    max_size=4,
)


@given(asked_of_sellers, loads, st.booleans(), st.data())
def test_what_farms_give_is_never_lost_and_leaves_them_half(
    asked: list[Levy], held: list[Load], home: bool, data: st.DataObject
) -> None:
    found = cede(asked, held, is_home=home)
    goods = {farm: sum(load.cents for load in held if load.farm_id == farm) for farm in range(1, 7)}
    for farm in goods:
        assert sum(one.cents for one in found if one.farm_id == farm) <= goods[farm] // 2
    assert all(one.farm_id != one.enterprise_id and one.cents > 0 for one in found)
    assert len({(one.farm_id, one.enterprise_id) for one in found}) == len(found)
    promised = tuple(Promised(one.farm_id, one.enterprise_id, one.cents, one.goods_cents, 2100) for one in found)
    sold = tuple(Sold(load.farm_id, data.draw(st.integers(0, load.cents)), load.vat_rate_bp) for load in held)
    divided = shares.split(Facts(sold, (), 0, 500, promised=promised))
    assert sum(share.cents for share in divided) == sum(one.cents for one in sold)  # the customer pays nothing more
    assert sum(share.cents for share in divided if share.kind in ("ceded", "received")) == 0
    assert all(cents >= 0 for cents in shares.owed(divided).values())


@given(asked_of_sellers, loads, st.data())
def test_a_line_that_goes_back_ends_as_if_it_had_gone_back_before(
    asked: list[Levy], held: list[Load], data: st.DataObject
) -> None:
    promised = tuple(
        Promised(one.farm_id, one.enterprise_id, one.cents, one.goods_cents, 2100)
        for one in cede(asked, held, is_home=True)
    )
    sold = [Sold(load.farm_id, load.cents, load.vat_rate_bp) for load in held]
    standing = shares.split(Facts(tuple(sold), (), 0, 500, promised=promised))
    place = data.draw(st.integers(0, len(sold) - 1))
    one = sold[place]
    if not one.cents:
        return
    back = data.draw(st.integers(1, one.cents))
    after = shares.sum_up(
        [
            *standing,
            *shares.reverse_goods(
                standing,
                farm_id=one.farm_id,
                vat_rate_bp=one.vat_rate_bp,
                refund_cents=back,
                fee_bp=500,
                promised=promised,
            ),
        ]
    )
    sold[place] = Sold(one.farm_id, one.cents - back, one.vat_rate_bp)
    before = shares.split(Facts(tuple(sold), (), 0, 500, promised=promised))
    assert {share.key: share.cents for share in after} == {share.key: share.cents for share in before}


@pytest.mark.parametrize(("left", "kept"), [(1000, 99), (999, 98), (500, 49), (1, 0), (0, 0), (-5, 0)])
def test_gives_less_of_less(left: int, kept: int) -> None:
    assert ceded_of(99, goods_cents=1000, left_cents=left) == kept
