"""The stage of `flask money simulate`: the stand-in, the clock, and how webhooks arrive."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shortchain.cli.demo_rows import Rows
from shortchain.kernel.payment_port import BadSignature
from shortchain.kernel.ports import Gateways
from shortchain.workflows import payment_events, vouchers

SLOW = timedelta(seconds=2)
"""Longer than the stand-in is at work on anything but a bank debit."""

Step = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done and how much there is."""


@dataclass(slots=True)
class Bought:
    """An order of the play, and what its customer holds."""

    order_id: int
    payment_id: int
    token: str
    reference: str = ""
    user_id: int | None = None
    is_debit: bool = False


@dataclass(slots=True)
class Provider:
    """The stand-in: its controls, and the events that it would have sent."""

    url: str
    key: str
    secret: str
    last: str = ""

    def control(self, path: str, values: dict[str, Any] | None = None) -> Any:
        """Steer the stand-in."""
        return _post(f"{self.url}/_control/{path}", values or {})

    def names(self, kind: str) -> list[str]:
        """Give the names of the newest objects of a kind, such as 'transfers'."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/v1/{kind}?limit=20", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return [one["id"] for one in json.loads(answer.read())["data"]]

    def new_events(self) -> list[dict[str, Any]]:
        """Fetch what happened since the last time, oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            after = f"&ending_before={self.last}" if self.last else ""
            request = urllib.request.Request(  # noqa: S310
                f"{self.url}/v1/events?limit=100{after}", headers={"Authorization": f"Bearer {self.key}"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                page = json.loads(answer.read())
            rows = page["data"][::-1]
            if rows:
                self.last = rows[-1]["id"]
            found += rows
            if not page["has_more"] or not rows:
                return found

    def signed(self, body: bytes, now: datetime, *, forged: bool = False) -> str:
        """Sign an event as the provider does."""
        stamp = int(now.timestamp())
        secret = "whsec_of_somebody_else" if forged else self.secret
        mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={stamp},v1={mac}"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The stand-in for an issuer of vouchers: its controls."""

    url: str

    def answer(self, reference: str, *, approves: bool) -> None:
        """Let the holder say yes or no on the page."""
        self._control(f"answer/{reference}", {"approves": approves})

    def fault(self, name: str, match: str) -> None:
        """Let the next call that fits fail: 'down' or 'refuse'."""
        self._control("faults", {"name": name, "match": match})

    def pay(self, *, short: int = 0, settles: bool = False) -> None:
        """Let the issuer pay what it took, less 1.9 %: `short` cents too little, or `settles` what went back beyond it."""
        self._control("pay", {"fee_bp": 190, "short": short, "settles": settles})

    def behave(self) -> None:
        """Take back what was planned."""
        self._control("faults", {})

    def set_ahead(self, seconds: float) -> None:
        """Set its clock ahead of the machine's."""
        self._control("clock", {"ahead": seconds})

    def _control(self, path: str, values: dict[str, Any]) -> Any:
        return _post(f"{self.url}/_control/{path}", values)


def _post(url: str, values: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, data=json.dumps(values).encode(), method="POST")  # noqa: S310 - a stand-in
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


@dataclass
class Stage:
    """What a play needs: the shop, the provider, the dice and the clock."""

    session: Session
    gateways: Gateways
    provider: Provider
    rows: Rows
    started: datetime  # of the machine's clock
    orders: int
    step: Step
    issuer: Issuer | None = None
    now: datetime = field(init=False)
    dice: random.Random = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    bought: list[Bought] = field(default_factory=list)
    disputes: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    """Codes of gift cards that were sold."""
    card_pages: list[str] = field(default_factory=list)
    """Secrets of the pages of their buyers."""
    codes: list[str] = field(default_factory=list)
    """Discount codes of the hub and of farms."""
    is_sure: bool = False
    """Whether all that may happen does so at its first chance: a small month plays everything then."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The machine's, by which the stand-ins go on while the play computes."""
    _synced: datetime | None = None
    _ahead: timedelta | None = None

    def __post_init__(self) -> None:
        self.now = self.rows.now
        self.dice = self.rows.chance("play")

    def happens(self, what: str, chance: float, *, times: int = 1) -> bool:
        """Throw for something that is counted as `what`; where the play `is_sure` the first `times` chances are taken."""
        thrown = self.dice.random() < chance
        return thrown or (self.is_sure and self.counts[what] < times)

    def to(self, moment: datetime) -> None:
        """Move the clock on, and that of the stand-in when it lags."""
        self.now = max(self.now, moment)
        if self._synced is None or self.now - self._synced >= timedelta(minutes=10):
            self._sync()

    def _sync(self) -> None:
        """Bring the clocks of play and stand-ins together, on the later of the two.

        A month of many orders computes longer than a payment page lives: had the play no part in that time, pages would
        be over before anybody saw them. No clock ever goes back.
        """
        machine = self.clock()
        if self._ahead is not None:
            theirs = machine + self._ahead
            self.now = max(self.now, theirs.replace(microsecond=0))
        self._ahead = self.now - machine
        ahead = self._ahead.total_seconds()
        self.provider.control("clock", {"ahead": ahead})
        if self.issuer is not None:
            self.issuer.set_ahead(ahead)
        self._synced = self.now

    def hear(self) -> None:
        """Take in what the provider would have told: shuffled, some twice, some forged; then work on it.

        A moment passes first, in which the provider ends what it had under way, such as a refund that the bank
        does not take.
        """
        self.now += SLOW
        self._sync()
        events = self.provider.new_events()
        events += [event for event in events if self.dice.random() < 0.2]
        self.dice.shuffle(events)
        for event in events:
            body = json.dumps(event).encode()
            if self.dice.random() < 0.02:
                try:
                    payment_events.receive(
                        self.session,
                        self.gateways,
                        payload=body,
                        signature=self.provider.signed(body, self.now, forged=True),
                        now=self.now,
                    )
                except BadSignature:
                    self.counts["webhooks refused"] += 1
            received = payment_events.receive(
                self.session,
                self.gateways,
                payload=body,
                signature=self.provider.signed(body, self.now),
                now=self.now,
            )
            self.counts["webhooks" if received.is_new else "webhooks repeated"] += 1
        while payment_events.process_inbox(self.session, self.gateways, now=self.now):
            pass
        vouchers.sweep(self.session, self.gateways, now=self.now)
