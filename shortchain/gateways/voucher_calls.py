"""Speaks to an issuer of meal and eco vouchers, or to the stand-in for one, over HTTP.

Issuers have interfaces of their own; each gets a module beside this one, chosen in `composition.py`. This one
speaks what `voucher_stand_in` does.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from shortchain.gateways.json_calls import JsonCalls
from shortchain.kernel.money import Money
from shortchain.kernel.ports import GatewayDown
from shortchain.kernel.voucher_port import IssuerStatement, VoucherPage, VoucherStatus

AUTHORISATIONS = "/v1/authorisations"


class VoucherCalls:
    """Calls with a key of ours each; what is unsure may be called again with the same one."""

    def __init__(self, *, base: str, key: str) -> None:
        self._calls = JsonCalls(base=base, key=key)

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
        found = self._calls.call("POST", AUTHORISATIONS, asked, key=key)
        return VoucherPage(str(found["id"]), str(found["page"]))

    def status(self, *, reference: str) -> VoucherStatus:
        """Ask how a payment stands."""
        return _status(self._calls.call("GET", f"{AUTHORISATIONS}/{reference}"))

    def capture(self, *, key: str, reference: str) -> VoucherStatus:
        """Take what was set aside."""
        return _status(self._calls.call("POST", f"{AUTHORISATIONS}/{reference}/capture", {}, key=key))

    def release(self, *, key: str, reference: str) -> None:
        """Let go of what was set aside."""
        self._calls.call("POST", f"{AUTHORISATIONS}/{reference}/release", {}, key=key)

    def refund(self, *, key: str, reference: str, amount: Money) -> str:
        """Put money back onto the holder's vouchers."""
        return str(
            self._calls.call("POST", f"{AUTHORISATIONS}/{reference}/refunds", {"amount": amount.minor}, key=key)["id"]
        )

    def statements(self, *, since: date) -> list[IssuerStatement]:
        """List what the issuer paid us from a day on."""
        found = self._calls.call("GET", f"/v1/statements?since={since.isoformat()}")
        try:
            return [_statement(one) for one in found["statements"]]
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayDown(f"not a statement: {error}") from error


def _statement(found: dict[str, Any]) -> IssuerStatement:
    items = tuple((str(one["id"]), int(one["amount"])) for one in found["items"])
    gross, fee = int(found["gross"]), int(found["fee"])
    is_sound = 0 <= fee < gross or (
        gross < 0 and fee == 0
    )  # below zero: more went back than was taken, and we are asked for it
    if sum(cents for _name, cents in items) != gross or not is_sound:
        raise ValueError(f"{found['id']} does not add up")
    return IssuerStatement(str(found["id"]), str(found["kind"]), date.fromisoformat(found["day"]), gross, fee, items)


def _status(found: dict[str, Any]) -> VoucherStatus:
    return VoucherStatus(str(found["id"]), str(found["state"]), Money(int(found["amount"])))
