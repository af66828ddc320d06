"""A cent of rounding changes what somebody sold or gave back; it is never a second sale, and never a deposit.

What farms get back of the platform's fee and what the platform gives back of it are rounded apart. In a month of 2,000
orders that cent once went to the crate of an order, as a second ticket of the hub under the same key: none of the order's
documents could be made.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shortchain.documents import due
from shortchain.payouts import shares
from shortchain.payouts.shares import Facts, Held, Promised, Share, Sold, Worked

HUB, PACKER, BIKE = 1, 10, 11
RATES = st.sampled_from((600, 2100))


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[Share], int]:
    """Draw the shares of an order with a crate and fees of its cycle, and what went back of it."""
    goods = tuple(
        Sold(2 + draw(st.integers(0, 2)), draw(st.integers(1, 3000)), draw(RATES))
        for _ in range(draw(st.integers(1, 5)))
    )
    work = (
        Worked("pack", PACKER, draw(st.integers(1, 300)), 2100),
        Worked("deliver", BIKE, draw(st.integers(0, 450)), 2100),
        Worked("levy", HUB, draw(st.integers(0, 150)), 2100),
    )
    cost = {farm: sum(one.cents for one in goods if one.farm_id == farm) for farm in {one.farm_id for one in goods}}
    promised = tuple(
        Promised(farm, HUB, draw(st.integers(0, cents // 2)), cents, 2100) for farm, cents in sorted(cost.items())
    )
    margin = draw(st.integers(-100, 100))
    services = max(0, sum(one.cents for one in work) + margin)
    whole = shares.split(Facts(goods, work, services, 500, (Held(HUB, draw(st.integers(0, 900))),), promised))
    price = sum(one.cents for one in whole if one.kind != shares.DEPOSIT)
    return whole, draw(st.integers(0, max(0, min(price, 200))))


def entries(divided: list[Share]) -> list[tuple[int | None, str, int, int]]:
    """Write shares as the ledger does: what is owed is a minus."""
    return [(one.enterprise_id or None, one.kind, one.vat_rate_bp, -one.cents) for one in divided]


def signed(divided: list[Share]) -> due.Signed:
    return {(one.enterprise_id, one.kind, one.vat_rate_bp): one.cents for one in divided if one.kind in due.SOLD}


def test_the_cent_of_an_order_whose_crate_is_its_largest_amount() -> None:
    """The order of that month, as small as it gets: 35 cents went back of it."""
    work = (Worked("pack", PACKER, 248, 2100), Worked("deliver", BIKE, 271, 2100), Worked("levy", HUB, 57, 2100))
    promised = (Promised(3, HUB, 54, 167, 2100),)
    whole = shares.split(Facts((Sold(3, 167, 600),), work, 576, 500, (Held(HUB, 400),), promised))
    back = shares.reverse(whole, refund_cents=35, total_cents=1143)
    divided = due.joined(entries(shares.sum_up([*whole, *back])))
    assert divided[HUB, shares.DEPOSIT, 0] == 400
    sold, given_back = due.apart(signed(whole), divided)
    assert sold == signed(whole)
    assert {key: cents for key, cents in given_back.items() if cents} == {
        (3, "goods", 600): -8,
        (PACKER, "pack", 2100): -12,
        (BIKE, "deliver", 2100): -12,
        (HUB, "levy", 2100): -3,
    }


@given(orders())
@settings(max_examples=150, deadline=None)
def test_what_goes_back_is_never_a_second_sale(drawn: tuple[list[Share], int]) -> None:
    whole, lost = drawn
    total = sum(one.cents for one in whole)
    back = shares.reverse(whole, refund_cents=lost, total_cents=total) if lost else []
    divided = due.joined(entries(shares.sum_up([*whole, *back])))
    sold, given_back = due.apart(signed(whole), divided)
    assert max(given_back.values(), default=0) <= 0
    assert sum(sold.values()) + sum(given_back.values()) == sum(divided.values()) == total - lost
    assert all(cents == sold[key] for key, cents in divided.items() if key[1] == shares.DEPOSIT)
    if lost:
        refund = due.joined(entries(back))
        assert max(refund.values(), default=0) <= max(0, -min((one.cents for one in whole), default=0))
        assert sum(refund.values()) == -lost or not refund
