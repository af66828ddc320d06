"""How what goes back of an order is divided over the ways in which it was paid. Pure.

The rule with worked examples is in docs/money.md. Money goes back the way it came: what may pay some goods only
(meal and eco vouchers) gets back what those goods lost, the rest goes back in the reverse order of spending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEAL_VOUCHER, ECO_VOUCHER, GIFT_CARD = "meal_voucher", "eco_voucher", "gift_card"
DISCOUNT = "discount"
"""What a hub pays in the customer's place, for a discount code of its own."""
SPENT_IN_ORDER = (DISCOUNT, MEAL_VOUCHER, ECO_VOUCHER, GIFT_CARD)
"""What is spent first: what can pay the least of what a shop sells. Online payments and transfers come last."""

SOME_GOODS_ONLY = (MEAL_VOUCHER, ECO_VOUCHER)


@dataclass(frozen=True, slots=True)
class Tender:
    """One payment that came in: its number, the way of paying, and the cents that did not go back of it."""

    ref: int
    method: str
    left_cents: int


def in_order_of_spending(tenders: Sequence[Tender]) -> list[Tender]:
    """Sort: a hub's code, vouchers, gift cards, then money; among alike ones the older first."""
    return sorted(tenders, key=lambda one: (_rank(one.method), one.ref))


def _rank(method: str) -> int:
    return SPENT_IN_ORDER.index(method) if method in SPENT_IN_ORDER else len(SPENT_IN_ORDER)


def left_of(tenders: Sequence[Tender]) -> int:
    """Add up what did not go back yet, in cents."""
    return sum(one.left_cents for one in tenders)


def divide(cents: int, tenders: Sequence[Tender], *, lost: Mapping[str, int] | None = None) -> dict[int, int]:
    """Divide money that goes back over the payments that it came from, in cents by their number.

    `lost` says how much of it is for goods that a voucher may pay, by its way of paying: that much goes back onto
    the voucher first, as far as it paid them. For a hub's code it says what the hub gets back. The rest goes back in
    the reverse order of spending, so that money comes back before what can be spent here only. The parts add up to `cents`; payments that get nothing are left out.

    :raises ValueError: for nothing, or for more than is left of all of them
    """
    if not 0 < cents <= left_of(tenders):
        raise ValueError("what goes back lies within what is left of the payments")
    parts: dict[int, int] = {}
    spent = in_order_of_spending(tenders)
    for method in (DISCOUNT, *SOME_GOODS_ONLY):
        for one in spent:
            if one.method == method:
                _give(parts, one, min(cents - sum(parts.values()), (lost or {}).get(method, 0)))
    for one in reversed(spent):
        _give(parts, one, cents - sum(parts.values()))
    return parts


def _give(parts: dict[int, int], one: Tender, wanted: int) -> None:
    more = min(wanted, one.left_cents - parts.get(one.ref, 0))
    if more > 0:
        parts[one.ref] = parts.get(one.ref, 0) + more


def source_for(cents: int, *, charges: Sequence[tuple[str, int]], used: Mapping[str, int]) -> str | None:
    """Choose the charge out of which a payout is sent: the first with room for all of it; None when none has.

    `charges` are those of the order with their cents, `used` what left each for other payouts. The provider sends no
    more out of a charge than came in with it; without one it takes the money from our balance.
    """
    return next((name for name, whole in charges if whole - used.get(name, 0) >= cents), None)
