"""A circuit breaker: when a service does not answer, stop asking for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 5
REST_SECONDS = 5.0


class Breaker:
    """Counts failures in a row of one outside service, in this process.

    After `failures` of them nobody asks for `rest` seconds. Then one caller at a time may try, and
    the first success opens the way for all. Without it, a service that hangs keeps every thread of
    the web server waiting for its time-out.
    """

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._rest, self._clock = failures, rest, clock
        self._failures = 0
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def may_ask(self) -> bool:
        """Say whether to ask now; a yes after a rest is given to one caller only."""
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._closed_until:
                return False
            self._closed_until = self._clock() + self._rest
            return True

    def worked(self) -> None:
        """Note that the service answered, whatever it said."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note that the service did not answer."""
        with self._lock:
            self._failures += 1
            self._closed_until = self._clock() + self._rest
