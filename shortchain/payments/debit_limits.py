"""Who may pay by direct debit: the food leaves before the money has come, so what can be lost is kept small. Pure.

The rule with worked examples is in docs/payments.md; why it is so, in decision 0042.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_AN_ORDER_CENTS = 15_000
MOST_OPEN_CENTS = 30_000
GUEST, NEW, UNPAID, TAKEN_BACK, TOO_MUCH, TOO_MUCH_OPEN = "guest", "new", "unpaid", "taken_back", "order", "open"


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a customer: orders that they paid in another way or whose debit came in; debits under way, in
    cents; debits that failed and were not paid since; debits that they had their bank take back."""

    is_known: bool
    paid_orders: int = 0
    open_cents: int = 0
    unpaid: int = 0
    taken_back: int = 0


def refusal(history: History, *, amount_cents: int) -> str:
    """Say why somebody may not pay an amount by direct debit; '' when they may.

    The reasons, in this order: 'guest' (no account), 'unpaid', 'taken_back', 'new' (never paid an order), 'order' (too
    much for one), 'open' (too much together with what is under way).
    """
    if not history.is_known:
        return GUEST
    if history.unpaid:
        return UNPAID
    if history.taken_back:
        return TAKEN_BACK
    if not history.paid_orders:
        return NEW
    if amount_cents > MOST_AN_ORDER_CENTS:
        return TOO_MUCH
    return TOO_MUCH_OPEN if history.open_cents + amount_cents > MOST_OPEN_CENTS else ""
