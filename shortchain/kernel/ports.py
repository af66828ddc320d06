"""What the outside world looks like from the inside. `shortchain.gateways` speaks to the real thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shortchain.kernel.geo import Point
from shortchain.kernel.payment_port import PaymentGateway
from shortchain.kernel.voucher_port import VoucherGateway


class GatewayDown(Exception):
    """The service did not answer properly; the same call may be repeated later."""


class NotAllowed(GatewayDown):
    """The service does not know our key (any more). The same call may go well once somebody has put the key right."""


class GatewayRefused(Exception):
    """The service answered no, and will again; `reason` is its own word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    """Who we are on paper. `kbo` is ten digits. `legal_form` and `court` (of its register) are those of a legal person."""

    name: str
    kbo: str
    street: str
    postcode: str
    municipality: str
    email: str
    legal_form: str = ""
    court: str = ""
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Gateways:
    """Everything outside, handed to workflows as one value, with who we are towards it.

    `platform` is None when the installation has no enterprise number: then no documents are made.
    Without an `access_point` documents are made and not sent, without `vouchers` nobody pays with any. `has_provider`
    is False when no payment provider is set: asking `payments` would only bring a refusal.
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
    has_provider: bool = True
