"""The switches that make the stand-in misbehave, for tests. They live in memory only."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

CALL_SWITCHES = frozenset(
    {
        "decline",
        "debit_fails",
        "timeout_before",
        "timeout_after",
        "500_before",
        "500_after",
        "500_stored",
        "409",
        "429",
        "slow",
        "refund_fails",
        "wrong_amount",
        "wrong_currency",
    }
)
WEBHOOK_SWITCHES = frozenset(
    {
        "dup",
        "shuffle",
        "delay",
        "drop",
        "wrong_amount",
        "wrong_currency",
        "bad_sig",
        "replay",
    }
)
_AT_PAYMENT = frozenset({"decline", "debit_fails", "wrong_amount", "wrong_currency"})
_HEADER_SECONDS = 30.0


@dataclass(slots=True)
class Switch:
    """One planned fault.

    `match` is a shell pattern: over `METHOD /path` for calls, over the event type for webhooks,
    unused for what happens at the moment of paying.
    `times` counts down to 0; -1 never ends. `seconds` and `n` are the size of the fault.
    """

    name: str
    match: str = "*"
    times: int = 1
    seconds: float = _HEADER_SECONDS
    n: int = 2


@dataclass(slots=True)
class Switches:
    """All planned faults of one kind."""

    allowed: frozenset[str]
    planned: list[Switch] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, values: dict[str, Any]) -> Switch:
        """Add a fault.

        :raises ValueError: for a name or a value that means nothing
        """
        try:
            switch = Switch(**values)
            switch.times, switch.n = int(switch.times), int(switch.n)
            switch.seconds = float(switch.seconds)
        except TypeError as problem:
            raise ValueError(str(problem)) from problem
        if switch.name not in self.allowed:
            raise ValueError(f"unknown switch {switch.name}; there are {sorted(self.allowed)}")
        with self._lock:
            self.planned.append(switch)
        return switch

    def clear(self) -> None:
        """Behave well again."""
        with self._lock:
            self.planned.clear()

    def take(self, subject: str, names: frozenset[str] | None = None, *, at_most: int = 100) -> list[Switch]:
        """Return the faults that apply now, each counted once."""
        if not self.planned:
            return []
        taken: list[Switch] = []
        with self._lock:
            for switch in self.planned:
                wanted = names is None or switch.name in names
                if wanted and len(taken) < at_most and (not subject or fnmatchcase(subject, switch.match)):
                    switch.times -= 1 if switch.times > 0 else 0
                    taken.append(switch)
            self.planned[:] = [switch for switch in self.planned if switch.times != 0]
        return taken

    def as_list(self) -> list[dict[str, Any]]:
        """Show what is still planned."""
        with self._lock:
            return [asdict(switch) for switch in self.planned]


calls = Switches(CALL_SWITCHES)
webhooks = Switches(WEBHOOK_SWITCHES)


def of_call(method: str, path: str, header: str | None) -> Switch | None:
    """Return the fault that this call to the API must suffer, from its header or as planned.

    :raises ValueError: for a header that names no switch
    """
    if header:
        name, _, size = header.partition("=")
        if name not in CALL_SWITCHES:
            raise ValueError(f"unknown switch {name}")
        return Switch(name, seconds=float(size) if size else _HEADER_SECONDS)
    if not path.startswith("/v1/"):
        return None
    names = CALL_SWITCHES - _AT_PAYMENT
    if not path.startswith("/v1/refunds"):
        names -= {"refund_fails"}
    taken = calls.take(f"{method} {path}", names, at_most=1)
    return taken[0] if taken else None


def of_payment() -> list[Switch]:
    """Return the faults that this moment of paying must suffer."""
    return calls.take("", _AT_PAYMENT)
