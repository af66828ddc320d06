"""Every cent of an order goes to exactly one party, and comes back the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.payouts.shares import PLATFORM, Facts, Sold, Worked, owed, reverse, split

KINDS = ["process", "transport", "pack", "deliver"]
sold = st.builds(Sold, st.integers(1, 4), st.integers(0, 20_000), st.sampled_from([0, 600, 1200, 2100]))
worked = st.builds(
    Worked, st.sampled_from(KINDS), st.integers(1, 9), st.integers(0, 3_000), st.sampled_from([600, 2100])
)
facts = st.builds(
    Facts,
    st.lists(sold, min_size=1, max_size=8).map(tuple),
    st.lists(worked, max_size=6).map(tuple),
    st.integers(0, 8_000),
    st.sampled_from([0, 500, 1250]),
)


@given(facts)
def test_adds_up_to_what_was_paid(paid: Facts) -> None:
    assert sum(share.cents for share in split(paid)) == paid.total_cents


@given(facts, st.data())
def test_takes_a_refund_back_to_the_cent(paid: Facts, data: st.DataObject) -> None:
    shares = split(paid)
    if paid.total_cents < 1:
        return
    refund = data.draw(st.integers(1, paid.total_cents))
    back = reverse(shares, refund_cents=refund, total_cents=paid.total_cents)
    assert sum(share.cents for share in back) == -refund


@given(facts)
def test_takes_everything_back_on_a_full_refund(paid: Facts) -> None:
    shares = split(paid)
    if paid.total_cents < 1:
        return
    back = reverse(shares, refund_cents=paid.total_cents, total_cents=paid.total_cents)
    assert [(s.enterprise_id, s.kind, -s.cents) for s in back] == [(s.enterprise_id, s.kind, s.cents) for s in shares]


FARM, OTHER, PACKER, BIKE = 11, 12, 21, 31
TABLE = [
    # goods (farm, cents, rate)                 work (kind, who, cents)             services  who gets what
    ([(FARM, 1000, 600)], [("pack", PACKER, 250)], 250, {FARM: 950, PACKER: 250}),
    ([(FARM, 1000, 600), (OTHER, 333, 600)], [("pack", PACKER, 250)], 250, {FARM: 950, OTHER: 316, PACKER: 250}),
    ([(FARM, 1000, 600)], [("deliver", BIKE, 450), ("transport", FARM, 40)], 490, {FARM: 990, BIKE: 450}),
    ([(FARM, 1000, 600)], [("pack", PACKER, 300)], 250, {FARM: 950, PACKER: 300}),
    ([(FARM, 10, 600)], [], 0, {FARM: 9}),
]


@pytest.mark.parametrize(("goods", "work", "services", "expected"), TABLE)
def test_gives_each_party_its_part(goods, work, services, expected) -> None:  # type: ignore[no-untyped-def]
    paid = Facts(
        tuple(Sold(*row) for row in goods),
        tuple(Worked(kind, who, cents, 2100) for kind, who, cents in work),
        services,
        500,
    )
    shares = split(paid)
    assert owed(shares) == expected
    platform = sum(share.cents for share in shares if share.enterprise_id == PLATFORM)
    assert platform == paid.total_cents - sum(expected.values())


@pytest.mark.parametrize("refund", [0, -1, 1001])
def test_refuses_a_refund_that_can_not_be(refund: int) -> None:
    shares = split(Facts((Sold(FARM, 1000, 600),), (), 0, 500))
    with pytest.raises(ValueError, match="refund"):
        reverse(shares, refund_cents=refund, total_cents=1000)
