"""What an issuer of meal and eco vouchers looks like from the inside; calls raise as those of `kernel.ports` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shortchain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """Where the holder approves, and the issuer's reference for it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class VoucherStatus:
    """What an issuer of vouchers says of a payment now.

    `state` is 'open' (its holder has not answered), 'authorised' (set aside for us), 'captured', 'refused' or 'released'.
    """

    reference: str
    state: str
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IssuerStatement:
    """A payment that an issuer makes to our bank account: what it counts, by its own names, less its fee, in cents.

    `reference` stands in the text of the bank. `items` are payments, and refunds with a minus; they add up to `gross_cents`.
    Below zero it is a bill: more went back onto vouchers than was taken, and the issuer asks us for it.
    """

    reference: str
    kind: str
    day: date
    gross_cents: int
    fee_cents: int
    items: tuple[tuple[str, int], ...]


class VoucherGateway(Protocol):
    """Takes meal and eco vouchers: the holder approves on the issuer's page, we capture when all else is paid.

    Every call may raise `GatewayDown` (unsure: call again with the same key) or `GatewayRefused`.
    """

    def authorise(
        self, *, key: str, kind: str, amount: Money, order_number: str, return_url: str, expires_at: datetime
    ) -> VoucherPage:
        """Open the page on which the holder approves; `kind` is 'meal_voucher' or 'eco_voucher'. Same key, same page."""

    def status(self, *, reference: str) -> VoucherStatus:
        """Ask how a payment stands."""

    def capture(self, *, key: str, reference: str) -> VoucherStatus:
        """Take what was set aside; a repeat says 'captured' again."""

    def release(self, *, key: str, reference: str) -> None:
        """Let go of what was set aside, or close the page; harmless when it is gone already."""

    def refund(self, *, key: str, reference: str, amount: Money) -> str:
        """Put money back onto the holder's vouchers; returns the issuer's name of it."""

    def statements(self, *, since: date) -> Sequence[IssuerStatement]:
        """List the payments that the issuer made to us from a day on, the oldest first."""
