"""What the stand-in took: each document once a key, with where it is on its way; and what is planned to go wrong."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from shortchain.peppol import rules

FAULTS = ("down", "busy", "stranger", "silent", "lost", "garbage")
"""What a control may plan: 503, 429, 401, no answer in time, work done and its answer lost, an answer that is no JSON."""

NUMBER = re.compile("ap_[0-9a-f]{24}")


class Refused(Exception):
    """The answer is no: a status and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class Taken:
    """A document that was taken. `calls` counts how often it was handed over; it left once."""

    id: str
    digest: str
    receiver: str
    arrives_at: float
    calls: int = 1


@dataclass
class Fault:
    """So often a call of a method goes wrong in one way."""

    name: str
    method: str
    times: int
    seconds: float = 0.0


@dataclass
class Outbox:
    """Everything, behind one lock: a stand-in has few visitors."""

    delivery_seconds: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    taken: dict[str, Taken] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """Receivers whose mailbox refuses what comes."""
    faults: list[Fault] = field(default_factory=list)

    def planned(self, method: str) -> Fault | None:
        """Give what was planned for the next call of a method, and count it."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.method == method:
                    fault.times -= 1
                    return fault
        return None

    def take(self, key: str, *, document: bytes, sender: str, receiver: str) -> Taken:
        """Check a document and take it; the same key gives the same, and never another document.

        :raises Refused: for a document that breaks a rule of Peppol, or parties that are not its own
        """
        digest = hashlib.sha256(document + f"|{sender}|{receiver}".encode()).hexdigest()
        number = f"ap_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        with self.lock:
            known = self.taken.get(number)
            if known is not None and known.digest != digest:
                raise Refused(409, "key: another document was sent with it")
            if known is not None:
                known.calls += 1
                return known
            found = rules.faults(document)
            if not found and {sender, receiver} != set(rules.parties(document)):
                found = ["envelope: sender and receiver are not the parties of the document"]
            if found:
                raise Refused(422, "; ".join(found))
            self.taken[number] = Taken(number, digest, receiver, time.time() + self.delivery_seconds)
            return self.taken[number]

    def status(self, number: str) -> dict[str, str]:
        """Say what became of a document.

        :raises Refused: for one that was never taken
        """
        with self.lock:
            one = self.taken.get(number)
            if one is None and NUMBER.fullmatch(number):
                return {"state": "delivered", "reason": ""}  # taken before this program was started again
            if one is None:
                raise Refused(404, "unknown: nobody sent this document")
            if time.time() < one.arrives_at:
                return {"state": "sent", "reason": ""}
            if one.receiver in self.closed:
                return {"state": "refused", "reason": "receiver: the mailbox is closed"}
            return {"state": "delivered", "reason": ""}

    def steer(self, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what a test asks: plan faults, close a receiver's mailbox, set how long delivery takes, count."""
        with self.lock:
            if what == "faults" and asked.get("name") in FAULTS:
                self.faults.append(
                    Fault(asked["name"], asked["method"], int(asked.get("times", 1)), float(asked.get("seconds", 0)))
                )
            elif what == "faults":
                self.faults.clear()
            elif what == "closed":
                self.closed = set(asked["receivers"])
            elif what == "delivery":
                self.delivery_seconds = float(asked["seconds"])
                for one in self.taken.values():
                    one.arrives_at = time.time() + self.delivery_seconds
            elif what != "taken":
                raise Refused(404, "unknown")
            return {"taken": {one.id: one.calls for one in self.taken.values()}}
