"""What the payment provider says of money after it came in: refunds, reversals, disputes, movements of our balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shortchain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class RefundStatus:
    """What the provider says of a refund now. `state` is 'pending', 'succeeded' or 'failed'.

    `intent` is the payment that it is of; `key` ours, empty for one that was made on the provider's own pages.
    """

    reference: str
    state: str
    amount: Money
    reason: str | None = None
    intent: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReversalStatus:
    """A reversal of a transfer, with our key; without one it was made on the provider's own pages."""

    reference: str
    amount: Money
    key: str = ""


@dataclass(frozen=True, slots=True)
class DisputeStatus:
    """What the provider says of a dispute now: the customer asked the bank for the money back.

    `state` is 'inquiry' (only a question, no money moved), 'open', 'won' or 'lost'. `taken_cents` is what
    the provider has taken from us for it by now, `fee_cents` its own fee on top. `key` is our key of the
    payment that it is about, when the provider kept it.
    """

    reference: str
    state: str
    amount: Money
    taken_cents: int
    fee_cents: int
    charge: str
    intent: str = ""
    key: str = ""
    reason: str = ""
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of our balance at the provider. `amount` is before the provider's fee, which `fee_cents` is.

    `kind` is 'charge', 'refund', 'refund_back', 'transfer', 'reversal', 'dispute', 'payout' (to our own bank
    account), 'payout_back', 'topup' or the provider's own word for something else; `source` is what moved.
    """

    id: str
    kind: str
    amount: Money
    fee_cents: int
    source: str
    at: datetime
