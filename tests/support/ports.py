"""Ports for the servers of the tests: never one that the system hands to an outgoing connection meanwhile."""

from __future__ import annotations

import random
import socket

RANGE = range(12_000, 32_000)
"""Below the ports that Linux gives to outgoing connections (`ip_local_port_range`): a browser that opens
hundreds of them would now and then sit on the port that a server is about to take."""


_DICE = random.SystemRandom()
"""Hypothesis seeds the common dice for each example: two of its tests at once would throw the same port."""


def free_port(count: int = 1) -> int:
    """Return the first of `count` neighbouring ports on the loopback address that nobody uses now."""
    while True:
        port = _DICE.choice(RANGE)
        if all(_is_free(port + step) for step in range(count)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
