"""What is left of an order to charge: nothing, or as much as can be charged. Pure.

The rule with worked examples is in docs/money.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from shortchain.kernel.errors import N_, Conflict
from shortchain.kernel.money import Money
from shortchain.payments.tenders import DISCOUNT, SOME_GOODS_ONLY

LEAST_ONLINE_CENTS = 50
"""What a card or Bancontact is charged at least in euro (Stripe's documentation, minimum charge amounts)."""


class TooLittleLeft(Conflict):
    """What is to be paid is something, and less than can be charged."""

    message = N_("Er is minder dan %(least)s te betalen. Zo weinig kunnen we niet innen: neem er nog iets bij.")

    def __init__(self) -> None:
        super().__init__(least=Money(LEAST_ONLINE_CENTS))


class TooLittleOwed(Conflict):
    """What is still owed of an order is less than can be charged."""

    message = N_("Er staat minder dan %(least)s open. Zo weinig kunnen we niet innen: je hoeft niets te doen.")

    def __init__(self) -> None:
        super().__init__(least=Money(LEAST_ONLINE_CENTS))


def is_chargeable(cents: int) -> bool:
    """Say whether so many cents can be asked for: nothing can, and what is enough."""
    return not 0 < cents < LEAST_ONLINE_CENTS


def leaving_enough(total_cents: int, parts: Sequence[tuple[str, int]]) -> list[int]:
    """Say what each part pays of a total so that nothing is left, or enough to charge; in cents, in their order.

    A part is a way of paying with what it would pay, in the order of spending. The last gives way first: a card pays so
    much less, or nothing; so do vouchers, which pay nothing or what could be charged in their place when their issuer
    refuses. A hub's code only pays less. Too little may be left all the same: see `is_chargeable`.
    """
    amounts = [cents for _method, cents in parts]
    for place in reversed(range(len(parts))):
        method = parts[place][0]
        left = total_cents - sum(amounts)
        if is_chargeable(left):
            break
        short = LEAST_ONLINE_CENTS - left
        least = LEAST_ONLINE_CENTS if method in SOME_GOODS_ONLY else 1
        if amounts[place] - short >= least:
            amounts[place] -= short
        elif method != DISCOUNT:
            amounts[place] = 0
    return amounts
