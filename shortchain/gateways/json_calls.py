"""Calls to a service that speaks JSON over HTTP and knows us by a key: bounded in time and size, never followed elsewhere."""

from __future__ import annotations

import json
from typing import Any

import urllib3

from shortchain.kernel.ports import GatewayDown, GatewayRefused, NotAllowed

TIMEOUT_S = 8.0
LARGEST = 4 * 1024 * 1024
STRANGERS = (401, 403)
"""Our key is wrong: nothing is done until somebody puts it right."""
LATER = (408, 425, 429)
"""Not about what was asked: the service is busy. The same call may go well later."""


class JsonCalls:
    """Calls to one service; each that changes something carries a key of ours, so that it may be repeated."""

    def __init__(self, *, base: str, key: str, timeout_s: float = TIMEOUT_S, longest_reason: int = 100) -> None:
        self._base, self._key, self._longest = base.rstrip("/"), key, longest_reason
        self._timeout = urllib3.Timeout(total=timeout_s)
        self._pool = urllib3.PoolManager(maxsize=4, retries=False)

    def call(self, method: str, path: str, asked: dict[str, Any] | None = None, *, key: str = "") -> dict[str, Any]:
        """Make one call and give what it answers.

        :raises NotAllowed: when the service does not know our key
        :raises GatewayDown: when nobody knows whether it was done: no answer in time, none that can be read, 5xx, `LATER`
        :raises GatewayRefused: for a no, with the reason that the service gives
        """
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = self._pool.request(
                method,
                f"{self._base}{path}",
                body=json.dumps(asked) if asked is not None else None,
                headers=headers,
                timeout=self._timeout,
                redirect=False,
                preload_content=False,
            )
            content = answer.read(LARGEST)
            answer.close()
            found = {} if answer.status in STRANGERS else json.loads(content)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise GatewayDown(type(error).__name__) from error
        if answer.status in STRANGERS:
            raise NotAllowed(f"status {answer.status}")
        if answer.status >= 500 or answer.status in LATER or not isinstance(found, dict):
            raise GatewayDown(f"status {answer.status}")
        if answer.status >= 300:
            raise GatewayRefused(str(found.get("reason", answer.status))[: self._longest])
        return found
