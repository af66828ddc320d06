"""Every cent of an order goes to exactly one party, and comes back the same way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortchain.kernel.money import Money, vat_in
from shortchain.payouts.shares import (
    PLATFORM,
    Facts,
    Held,
    Share,
    Sold,
    Worked,
    owed,
    reverse,
    reverse_deposit,
    split,
    vat_held,
)

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
    st.lists(st.builds(Held, st.integers(1, 9), st.integers(1, 3_000)), max_size=4).map(tuple),
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


@given(facts, st.sets(st.integers(1, 9)))
def test_holds_the_vat_of_each_seller_and_rate_on_the_sum(paid: Facts, exempt: set[int]) -> None:
    shares = split(paid)
    held = vat_held(shares, exempt)
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for share, vat in zip(shares, held, strict=True):
        assert 0 <= vat * (1 if share.cents > 0 else -1) <= abs(share.cents)
        if share.seller_id in exempt:
            assert vat == 0
        if share.kind != "fee":
            cents, before = sums.get((share.enterprise_id, share.vat_rate_bp), (0, 0))
            sums[share.enterprise_id, share.vat_rate_bp] = (cents + share.cents, before + vat)
    for (seller, rate), (cents, vat) in sums.items():
        assert vat == (0 if seller in exempt else vat_in(Money(cents), rate).minor)


def test_names_the_seller_of_what_parties_of_a_cycle_give_each_other() -> None:
    ceded, received = Share(1, "ceded", -121, 2100, 9), Share(9, "received", 121, 2100, 1)
    assert vat_held([ceded, received], set()) == [-21, 21]
    assert vat_held([ceded, received], {9}) == [0, 0]  # who asks it charges no VAT
    assert vat_held([ceded, received], {1}) == [-21, 21]  # the farm only buys it
    assert vat_held([Share(1, "fee", -121, 2100), Share(PLATFORM, "fee", 121, 2100)], {1}) == [-21, 21]


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


def sums(shares: list[Share]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for one in shares:
        found[one.enterprise_id, one.kind] = found.get((one.enterprise_id, one.kind), 0) + one.cents
    return {key: cents for key, cents in found.items() if cents}


@given(facts, st.data())
def test_a_refund_to_everybody_spares_the_deposits(paid: Facts, data: st.DataObject) -> None:
    shares = split(paid)
    price = paid.total_cents - sum(held.cents for held in paid.deposits)
    if price < 1:
        return
    back = reverse(shares, refund_cents=data.draw(st.integers(1, price)), total_cents=paid.total_cents)
    assert not [one for one in back if one.kind == "deposit"]


@given(facts, st.data())
def test_only_who_owns_the_containers_gives_the_deposit_back(paid: Facts, data: st.DataObject) -> None:
    owners = {held.owner_id: 0 for held in paid.deposits}
    for held in paid.deposits:
        owners[held.owner_id] += held.cents
    if not owners or paid.total_cents < max(owners.values()):
        return
    owner = data.draw(st.sampled_from(sorted(owners)))
    cents = data.draw(st.integers(1, owners[owner]))
    assert sums(reverse_deposit(split(paid), owner_id=owner, refund_cents=cents)) == {(owner, "deposit"): -cents}


@given(facts, st.data())
def test_a_deposit_after_a_large_refund_comes_from_what_is_left_and_adds_up(paid: Facts, data: st.DataObject) -> None:
    if not paid.deposits or paid.total_cents < 2:
        return
    shares = split(paid)
    first = data.draw(st.integers(1, paid.total_cents - 1))
    standing = [*shares, *reverse(shares, refund_cents=first, total_cents=paid.total_cents)]
    cents = data.draw(st.integers(1, paid.total_cents - first))
    back = reverse_deposit(standing, owner_id=paid.deposits[0].owner_id, refund_cents=cents)
    assert sum(one.cents for one in back) == -cents


def test_a_deposit_needs_something_that_is_left() -> None:
    shares = split(Facts((Sold(FARM, 100, 600),), (), 0, 500, (Held(FARM, 60),)))
    with pytest.raises(ValueError, match="between"):
        reverse_deposit(shares, owner_id=FARM, refund_cents=161)
