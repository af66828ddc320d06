"""What the stand-in knows: payments, what was put back, keys of calls, planned faults."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any

KINDS = ("meal_voucher", "eco_voucher")


class Refused(Exception):
    """The answer is no: a status and a word for why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class Paid:
    """A payment; `state` is open, authorised, captured, refused or released. Amounts in cents."""

    id: str
    kind: str
    amount: int
    order: str
    return_url: str
    expires_at: float
    state: str = "open"
    refunded: int = 0
    refunds: list[tuple[str, int]] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)
    """What of it was paid to the shop, or kept of another payment."""


@dataclass
class Fault:
    """For the next `times` calls whose `METHOD /path` fits `match`: 'down' (503) or 'refuse' (402)."""

    name: str
    match: str
    times: int = 1


@dataclass
class Statement:
    """A payment to the shop: what it is for, with a minus for what was put back, and the fee that is kept of it.

    Below zero it is a bill to the shop: more was put back than taken.
    """

    id: str
    kind: str
    day: str
    gross: int
    fee: int
    items: list[dict[str, Any]]


class Book:
    """Everything, behind one lock: a stand-in has few visitors."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.paid: dict[str, Paid] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.faults: list[Fault] = []
        self.statements: list[Statement] = []
        self.ahead = 0.0

    def now(self) -> float:
        """Give the time, which a control may set ahead."""
        return time.time() + self.ahead

    def once(self, call: str, key: str, deed: Any) -> Any:
        """Do a deed once a key; a repeat gets the same answer."""
        if not key:
            raise Refused(400, "no_key")
        with self.lock:
            if (call, key) not in self.answers:
                self.answers[call, key] = deed()
            return self.answers[call, key]

    def trip(self, call: str) -> None:
        """Fail as planned, if something is planned for this call."""
        with self.lock:
            for fault in self.faults:
                if fault.times and fnmatch(call, fault.match):
                    fault.times -= 1
                    raise Refused(503, "down") if fault.name == "down" else Refused(402, "not_enough")

    def find(self, name: str) -> Paid:
        """Find a payment; one whose time to approve is over is refused by then."""
        one = self.paid.get(name)
        if one is None:
            raise Refused(404, "unknown")
        if one.state == "open" and self.now() > one.expires_at:
            one.state = "refused"
        return one

    def open(self, asked: dict[str, Any]) -> Paid:
        """Write a payment down that its holder may approve."""
        if asked.get("kind") not in KINDS or not isinstance(asked.get("amount"), int) or asked["amount"] < 1:
            raise Refused(400, "bad_request")
        one = Paid(
            f"vch_{secrets.token_hex(8)}",
            asked["kind"],
            asked["amount"],
            str(asked.get("order", "")),
            str(asked.get("return_url", "")),
            float(asked.get("expires_at", self.now() + 1800)),
        )
        self.paid[one.id] = one
        return one

    def answer(self, name: str, *, approves: bool) -> Paid:
        """Let the holder say yes or no on the page."""
        with self.lock:
            one = self.find(name)
            if one.state == "open":
                one.state = "authorised" if approves else "refused"
            return one

    def capture(self, name: str) -> Paid:
        """Take what is set aside."""
        one = self.find(name)
        if one.state == "authorised":
            one.state = "captured"
        if one.state != "captured":
            raise Refused(409, f"is_{one.state}")
        return one

    def release(self, name: str) -> Paid:
        """Let go of what is set aside, or close the page."""
        one = self.find(name)
        if one.state in ("open", "authorised"):
            one.state = "released"
        return one

    def refund(self, name: str, amount: Any) -> dict[str, str]:
        """Put money back onto the holder's vouchers."""
        one = self.find(name)
        if one.state != "captured" or not isinstance(amount, int) or not 0 < amount <= one.amount - one.refunded:
            raise Refused(409, "too_much")
        one.refunded += amount
        one.refunds.append((f"vrf_{secrets.token_hex(8)}", amount))
        return {"id": one.refunds[-1][0]}

    def pay(self, *, fee_bp: int = 0, short: int = 0, settles: bool = False) -> list[Statement]:
        """Pay the shop what was taken and not paid yet, kind by kind; with `short` so much too little for the first.

        A kind of which more was put back than taken waits for the next time; who `settles` asks the shop for it.
        """
        made = []
        with self.lock:
            for kind in KINDS:
                parts = [
                    (one, name, cents)
                    for one in self.paid.values()
                    if one.kind == kind and one.state == "captured"
                    for name, cents in [(one.id, one.amount), *((name, -cents) for name, cents in one.refunds)]
                    if name not in one.counted
                ]
                gross = sum(cents for _one, _name, cents in parts) - short
                fee = max(0, gross * fee_bp // 10_000)
                if gross == 0 or (gross <= fee and not settles):
                    continue
                items: list[dict[str, Any]] = [{"id": name, "amount": cents} for _one, name, cents in parts]
                items[0]["amount"] -= short
                for one, name, _cents in parts:
                    one.counted.add(name)
                day = datetime.fromtimestamp(self.now(), UTC).date().isoformat()
                number = f"CHQ-{len(self.statements) + 1:05d}-{secrets.token_hex(2).upper()}"
                self.statements.append(Statement(number, kind, day, gross, fee, items))
                made.append(self.statements[-1])
        return made

    def shown(self, one: Paid, base: str) -> dict[str, Any]:
        """Write a payment as the interface shows it."""
        return {**asdict(one), "counted": sorted(one.counted), "page": f"{base}/holder/{one.id}"}
