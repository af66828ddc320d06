"""What the payment provider looks like from the inside; calls raise as those of `kernel.ports` do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shortchain.kernel.money import Money


@dataclass(frozen=True, slots=True)
class CheckoutStart:
    """Where to send the person to pay, and the provider's reference for it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """That a customer may be debited: the provider's names for who and by which account, the mandate's reference on
    bank statements, and the end of the account number."""

    customer: str
    method: str
    reference: str
    account_end: str


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What the provider says of a payment now.

    `state` is 'open', 'processing' (a debit is on its way from the customer's bank), 'captured', 'failed' or 'expired'.
    """

    reference: str
    state: str
    amount: Money
    charge: str | None = None
    intent: str | None = None
    reason: str | None = None
    agreement: Agreement | None = None  # of a direct debit
    bank_reference: str = ""  # what the bank calls the credit by which a transfer came in, when a statement said so


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


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Whether a seller's connected account can be paid, and what it still has to tell.

    `can_receive`: we may send it money. `paid_out`: the provider sends that on to its bank account. `charges`: it
    could take payments itself, which nobody needs here. The fields are the provider's own names for what it wants:
    `missing` now, `overdue` (part of it) too late, `later` some day, `checking` told and being looked at, `refused`
    told and not accepted, with why. `due_by` is when payouts stop without an answer, `stopped` the provider's word
    for why they did.
    """

    account: str
    can_receive: bool
    paid_out: bool
    missing: tuple[str, ...] = ()
    charges: bool = False
    submitted: bool = False
    overdue: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    checking: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    due_by: datetime | None = None
    stopped: str = ""
    bank_name: str = ""
    bank_end: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether money that we send arrives on the seller's bank account."""
        return self.can_receive and self.paid_out


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """A verified webhook: its id, its type, the object it is about, and whose account it happened to (or ours)."""

    id: str
    type: str
    created_at: datetime
    object: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""


class BadSignature(Exception):
    """A webhook was not signed by the payment provider, or too long ago."""


class PaymentGateway(Protocol):
    """Takes, returns and divides money.

    Every call may raise `GatewayDown` (unsure: call again with the same key) or `GatewayRefused`.
    """

    def start_checkout(
        self,
        *,
        key: str,
        amount: Money,
        order_number: str,
        transfer_group: str,
        method: str,
        email: str,
        success_url: str,
        cancel_url: str,
        language: str,
        expires_at: datetime,
    ) -> CheckoutStart:
        """Open a hosted payment page. The same `key` gives the same page.

        `expires_at` is when the hold ends; always the same value with the same key.
        """

    def debit(
        self, *, key: str, amount: Money, order_number: str, transfer_group: str, customer: str, method: str
    ) -> str:
        """Debit a bank account as its owner agreed to earlier, without them; returns the reference of the payment."""

    def forget_agreement(self, *, method: str) -> None:
        """Let an account never be debited again; harmless when that was done."""

    def status(self, *, reference: str) -> PaymentStatus:
        """Ask what became of a checkout or a debit."""

    def expire(self, *, reference: str) -> None:
        """Close a checkout that nobody paid; harmless when it is paid or closed already."""

    def refund(self, *, key: str, intent: str, amount: Money, reason: str) -> str:
        """Send money back to where it came from; returns the provider's refund id."""

    def refund_status(self, *, reference: str) -> RefundStatus:
        """Ask what became of a refund."""

    def refunds_of(self, *, intent: str) -> Sequence[RefundStatus]:
        """List all that went back of a payment, the oldest first."""

    def reversals_of(self, *, transfer: str) -> Sequence[ReversalStatus]:
        """List all that was taken back of a transfer, the oldest first."""

    def dispute_status(self, *, reference: str) -> DisputeStatus:
        """Ask how a dispute stands."""

    def balance(self) -> Money:
        """Ask what lies on our balance, in euro: available and on its way."""

    def balance_of(self, *, account: str) -> Money:
        """Ask what lies on the balance of a connected account, in euro: available and on its way; less than nothing too."""

    def movements(self, *, since: datetime) -> Iterator[Movement]:
        """List the movements of our balance from `since` on, the newest first."""

    def transfer(
        self,
        *,
        key: str,
        account: str,
        amount: Money,
        charge: str | None,
        transfer_group: str,
    ) -> str:
        """Move money from the platform to a connected account; returns the transfer's id."""

    def reverse_transfer(self, *, key: str, transfer: str, amount: Money) -> str:
        """Take back (part of) a transfer; returns the reversal's id."""

    def open_account(self, *, key: str, email: str, name: str, kbo: str) -> str:
        """Make a connected account for a seller; returns its id."""

    def onboarding_link(self, *, account: str, return_url: str, refresh_url: str) -> str:
        """Make the short-lived address on which a seller tells the provider who they are."""

    def desk_link(self, *, account: str) -> str:
        """Make the short-lived address on which a seller sees its account and changes its bank account."""

    def account_status(self, *, account: str) -> AccountStatus:
        """Ask whether a connected account can be paid."""

    def verify(self, *, payload: bytes, signature: str, now: datetime) -> PaymentEvent:
        """Check a webhook's signature and read it.

        :raises BadSignature: when it is not the provider's, or older than five minutes
        """
