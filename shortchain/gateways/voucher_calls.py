"""Speaks to an issuer of meal and eco vouchers, or to the stand-in for one, over HTTP.

Issuers have interfaces of their own; each gets a module beside this one, chosen in `composition.py`. This one
speaks what `voucher_stand_in` does.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import urllib3

from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.kernel.voucher_port import IssuerStatement, VoucherPage, VoucherStatus

TIMEOUT_S = 8.0
LARGEST = 4 * 1024 * 1024


class VoucherCalls:
    """Calls with a key of ours each; what is unsure may be called again with the same one."""

    def __init__(self, *, base: str, key: str) -> None:
        self._base, self._key = base.rstrip("/"), key
        self._pool = urllib3.PoolManager(maxsize=4, retries=False)

    def authorise(
        self, *, key: str, kind: str, amount: Money, order_number: str, return_url: str, expires_at: datetime
    ) -> VoucherPage:
        """Open the page on which the holder approves."""
        asked = {
            "kind": kind,
            "amount": amount.minor,
            "currency": amount.currency,
            "order": order_number,
            "return_url": return_url,
            "expires_at": expires_at.timestamp(),
        }
        found = self._call("POST", "", asked, key=key)
        return VoucherPage(str(found["id"]), str(found["page"]))

    def status(self, *, reference: str) -> VoucherStatus:
        """Ask how a payment stands."""
        return _status(self._call("GET", f"/{reference}"))

    def capture(self, *, key: str, reference: str) -> VoucherStatus:
        """Take what was set aside."""
        return _status(self._call("POST", f"/{reference}/capture", {}, key=key))

    def release(self, *, key: str, reference: str) -> None:
        """Let go of what was set aside."""
        self._call("POST", f"/{reference}/release", {}, key=key)

    def refund(self, *, key: str, reference: str, amount: Money) -> str:
        """Put money back onto the holder's vouchers."""
        return str(self._call("POST", f"/{reference}/refunds", {"amount": amount.minor}, key=key)["id"])

    def statements(self, *, since: date) -> list[IssuerStatement]:
        """List what the issuer paid us from a day on."""
        found = self._call("GET", f"?since={since.isoformat()}", folder="statements")
        try:
            return [_statement(one) for one in found["statements"]]
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayDown(f"not a statement: {error}") from error

    def _call(
        self,
        method: str,
        path: str,
        asked: dict[str, Any] | None = None,
        *,
        key: str = "",
        folder: str = "authorisations",
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            answer = self._pool.request(
                method,
                f"{self._base}/v1/{folder}{path}",
                body=json.dumps(asked) if asked is not None else None,
                headers=headers,
                timeout=TIMEOUT_S,
                redirect=False,
                preload_content=False,
            )
            content = answer.read(LARGEST)
            answer.close()
            found = json.loads(content)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise GatewayDown(type(error).__name__) from error
        if answer.status >= 500 or not isinstance(found, dict):
            raise GatewayDown(f"status {answer.status}")
        if answer.status >= 400:
            raise GatewayRefused(str(found.get("reason", answer.status))[:100])
        return found


def _statement(found: dict[str, Any]) -> IssuerStatement:
    items = tuple((str(one["id"]), int(one["amount"])) for one in found["items"])
    gross, fee = int(found["gross"]), int(found["fee"])
    if sum(cents for _name, cents in items) != gross or not 0 <= fee < gross:
        raise ValueError(f"{found['id']} does not add up")
    return IssuerStatement(str(found["id"]), str(found["kind"]), date.fromisoformat(found["day"]), gross, fee, items)


def _status(found: dict[str, Any]) -> VoucherStatus:
    return VoucherStatus(str(found["id"]), str(found["state"]), Money(int(found["amount"])))
