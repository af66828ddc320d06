"""The stand-in for an access point, running beside a test, and the gateway that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from access_point_stand_in.server import make_server
from shortchain.gateways.access_point_calls import AccessPointCalls
from tests.support.serving import serving, tell

KEY = "ap_test"


@dataclass
class RunningPoint:
    """Where the stand-in listens, and deeds on it in one line."""

    url: str

    def gateway(self, *, key: str = KEY, timeout_s: float = 5.0) -> AccessPointCalls:
        """Give the gateway that speaks to it."""
        return AccessPointCalls(base=self.url, key=key, timeout_s=timeout_s)

    def fault(self, name: str, method: str = "POST", *, times: int = 1, seconds: float = 0.0) -> None:
        """Let the next calls of a method go wrong in one way."""
        self._steer("faults", {"name": name, "method": method, "times": times, "seconds": seconds})

    def close(self, *receivers: str) -> None:
        """Let the mailboxes of these receivers, and of no others, refuse what comes."""
        self._steer("closed", {"receivers": receivers})

    def delivers_in(self, seconds: float) -> None:
        """Set how long a document is on its way from now on."""
        self._steer("delivery", {"seconds": seconds})

    def taken(self) -> dict[str, int]:
        """Say which documents it took, and how often each was handed over."""
        return dict(self._steer("taken", {})["taken"])

    def _steer(self, what: str, value: dict[str, Any]) -> Any:
        return tell(f"{self.url}/_control/{what}", value)


@contextmanager
def running_point() -> Iterator[RunningPoint]:
    """Run the stand-in on a free port of the loopback address."""
    with serving(make_server(0, key=KEY)) as url:
        yield RunningPoint(url)
