"""What the outside world looks like from the inside. `shortchain.gateways` speaks to the real thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shortchain.kernel.geo import Point
from shortchain.kernel.money import Money
from shortchain.kernel.provider_words import DisputeStatus as DisputeStatus
from shortchain.kernel.provider_words import Movement as Movement
from shortchain.kernel.provider_words import RefundStatus as RefundStatus
from shortchain.kernel.provider_words import ReversalStatus as ReversalStatus
from shortchain.kernel.voucher_port import VoucherGateway


class GatewayDown(Exception):
    """The service did not answer properly; the same call may be repeated later."""


class GatewayRefused(Exception):
    """The service answered no, and will again; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadSignature(Exception):
    """A webhook was not signed by the payment provider, or too long ago."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address turned into a point. `precision` is 'address', 'street', 'postcode' or 'municipality'."""

    label: str
    point: Point
    postcode: str
    municipality: str
    precision: str
    source: str
    nis: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """The answer to 'where is this?': one place, or a question with suggestions, or nothing."""

    place: Place | None
    suggestions: tuple[Place, ...] = ()


class Geocoder(Protocol):
    """Turns what people write into a place."""

    def locate(self, text: str, *, language: str = "nl") -> Located:
        """Find the place that `text` names; never raises for odd input, never takes over 2 s."""


Distance = Callable[[Point, Point], int]
"""Metres between two points."""

Ways = Mapping[tuple[Point, Point], tuple[int, int]]
"""Metres and seconds by road from one point to another, as far as they are known."""

BIKE, CAR = "bike", "car"
"""What a road is for: a cargo bike may go where a van may not, and the other way round."""


class Roads(Protocol):
    """Knows how far it is by road."""

    def ways(self, points: Sequence[Point], *, profile: str) -> Ways:
        """Give the ways between points for `BIKE` or `CAR`; never raises, and is done within 10 s.

        What is not known (no service, no road, too late) is left out: the caller has a straight line for it.
        """


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


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person."""

    to: str
    subject: str
    text: str
    html: str | None
    message_id: str


class Mailer(Protocol):
    """Hands mails over to be delivered."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over.

        :raises GatewayDown: when it may work later
        :raises GatewayRefused: when this address will never take it
        """


class RenderMail(Protocol):
    """Makes a mail out of its templates."""

    def __call__(self, template: str, *, language: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
        """Make (subject, text, html) from `templates/mails/<template>/`."""


class MediaStore(Protocol):
    """Keeps pictures under names that never change their content."""

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        """Keep a picture.

        :raises GatewayDown: when it may work later
        """

    def get(self, name: str) -> bytes | None:
        """Give a picture, or None when there is none of this name.

        :raises GatewayDown: when it may work later
        """

    def delete(self, name: str) -> None:
        """Remove a picture; harmless when it is gone."""


@dataclass(frozen=True, slots=True)
class SendingStatus:
    """What became of a sent document. `state` is 'sent' (on its way), 'delivered' or 'refused'."""

    state: str
    reason: str = ""


class AccessPoint(Protocol):
    """Sends electronic invoices over Peppol.

    Every call may raise `GatewayDown` (unsure: call again with the same key) or `GatewayRefused`.
    """

    def send(self, *, key: str, document: bytes, sender: str, receiver: str) -> str:
        """Hand a UBL document over; returns the access point's reference.

        `sender` and `receiver` are electronic addresses, `0208:` and an enterprise number. The same key
        never sends twice.
        """

    def status(self, *, reference: str) -> SendingStatus:
        """Ask what became of a document."""


@dataclass(frozen=True, slots=True)
class Firm:
    """Who we are on paper. `kbo` is ten digits."""

    name: str
    kbo: str
    street: str
    postcode: str
    municipality: str
    email: str


@dataclass(frozen=True, slots=True)
class Gateways:
    """Everything outside, handed to workflows as one value, with who we are towards it.

    `platform` is None when the installation has no enterprise number: then no documents are made.
    Without an `access_point` documents are made and not sent, without `vouchers` nobody pays with any.
    """

    payments: PaymentGateway
    geocoder: Geocoder
    mailer: Mailer
    render_mail: RenderMail
    distance: Distance
    roads: Roads
    media: MediaStore
    platform: Firm | None = None
    access_point: AccessPoint | None = None
    vouchers: VoucherGateway | None = None
