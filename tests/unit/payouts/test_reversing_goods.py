"""Money for one line comes from who sold it: as if the line had cost that much less from the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shortchain.payouts.shares import PLATFORM, Facts, Share, Sold, Worked, reverse, reverse_goods, split

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money.md"
FEE_BP = 500
sold = st.builds(Sold, st.integers(1, 3), st.integers(1, 9_000), st.sampled_from([600, 2100]))
worked = st.builds(Worked, st.sampled_from(["pack", "deliver"]), st.integers(7, 9), st.integers(0, 900), st.just(2100))
facts = st.builds(
    Facts,
    st.lists(sold, min_size=1, max_size=6).map(tuple),
    st.lists(worked, max_size=3).map(tuple),
    st.integers(0, 2_000),
    st.just(FEE_BP),
)


def sums(shares: list[Share]) -> dict[tuple[int, str, int], int]:
    found: dict[tuple[int, str, int], int] = {}
    for one in shares:
        key = (one.enterprise_id, one.kind, one.vat_rate_bp)
        found[key] = found.get(key, 0) + one.cents
    return {key: cents for key, cents in found.items() if cents}


@given(facts, st.data())
def test_ends_as_if_the_line_had_cost_less(paid: Facts, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(paid.goods) - 1))
    line = paid.goods[place]
    cents = data.draw(st.integers(1, line.cents))
    shares = split(paid)
    assume(cents <= sum(one.cents for one in shares))
    less = Sold(line.farm_id, line.cents - cents, line.vat_rate_bp)
    cheaper = Facts((*paid.goods[:place], less, *paid.goods[place + 1 :]), paid.work, paid.services_cents, FEE_BP)
    back = reverse_goods(shares, farm_id=line.farm_id, vat_rate_bp=line.vat_rate_bp, refund_cents=cents, fee_bp=FEE_BP)
    assert sums([*shares, *back]) == sums(split(cheaper))


@given(facts, st.data())
def test_any_two_refunds_take_what_was_given_and_no_more_than_there_is(paid: Facts, data: st.DataObject) -> None:
    shares = split(paid)
    total = sum(one.cents for one in shares)
    assume(total > 1)
    first = data.draw(st.integers(1, total - 1))
    standing = [*shares, *reverse(shares, refund_cents=first, total_cents=total)]
    joined = [Share(party, kind, cents, rate) for (party, kind, rate), cents in sums(standing).items()]
    line = data.draw(st.sampled_from(paid.goods))
    second = data.draw(st.integers(1, total - first))
    back = reverse_goods(joined, farm_id=line.farm_id, vat_rate_bp=line.vat_rate_bp, refund_cents=second, fee_bp=FEE_BP)
    assert sum(one.cents for one in back) == -second
    left = sums([*joined, *back])
    assert all(cents >= 0 for (_party, kind, _rate), cents in left.items() if kind == "goods")


def worked_examples() -> list[tuple[str, int, int, int]]:
    """Read the table of docs/money.md: the farm's goods, what goes back, what the farm gives, its fee back."""
    part = DOCS.read_text().split("## Money back for one line")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([\d +]+) \| (\d+) \| (\d+) \| (\d+) \|$", part, re.M)
    return [(goods, int(back), int(farm), int(fee)) for goods, back, farm, fee in rows]


def test_the_documents_have_examples() -> None:
    assert len(worked_examples()) >= 5


@pytest.mark.parametrize(("goods", "back", "farm", "fee"), worked_examples())
def test_follows_the_table_of_the_book(goods: str, back: int, farm: int, fee: int) -> None:
    amounts = [int(cents) for cents in goods.split(" + ")]
    paid = Facts(
        (Sold(1, amounts[0], 600), *(Sold(1, cents, 2100) for cents in amounts[1:]), Sold(2, 370, 600)),
        (Worked("pack", 7, 240, 2100),),
        240,
        FEE_BP,
    )
    found = sums(reverse_goods(split(paid), farm_id=1, vat_rate_bp=600, refund_cents=back, fee_bp=FEE_BP))
    expected = {(1, "goods", 600): -farm, (1, "fee", 2100): fee, (PLATFORM, "fee", 2100): -fee}
    assert found == {key: cents for key, cents in expected.items() if cents}


@pytest.mark.parametrize("cents", [0, -1, 1001])
def test_refuses_what_can_not_be(cents: int) -> None:
    shares = split(Facts((Sold(1, 1000, 600),), (), 0, FEE_BP))
    with pytest.raises(ValueError, match="refund"):
        reverse_goods(shares, farm_id=1, vat_rate_bp=600, refund_cents=cents, fee_bp=FEE_BP)
