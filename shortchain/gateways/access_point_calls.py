"""Speaks to an access point of Peppol, or to the stand-in for one, over HTTP.

Access points have interfaces of their own; each gets a module beside this one, chosen in `composition.py`. This one
speaks what `access_point_stand_in` does.
"""

from __future__ import annotations

import base64
from urllib.parse import quote

from shortchain.gateways.json_calls import TIMEOUT_S, JsonCalls
from shortchain.kernel.ports import GatewayDown, SendingStatus

STATES = ("sent", "delivered", "refused")
LONGEST_REASON = 500
"""Signs of a reason: a document may break several rules, and each is named."""


class AccessPointCalls:
    """Hands documents over with a key of ours each; what is unsure may be called again with the same one."""

    def __init__(self, *, base: str, key: str, timeout_s: float = TIMEOUT_S) -> None:
        self._calls = JsonCalls(base=base, key=key, timeout_s=timeout_s, longest_reason=LONGEST_REASON)

    def send(self, *, key: str, document: bytes, sender: str, receiver: str) -> str:
        """Hand a document over; returns the access point's reference."""
        asked = {"sender": sender, "receiver": receiver, "document": base64.b64encode(document).decode()}
        found = self._calls.call("POST", "/v1/documents", asked, key=key)
        if not isinstance(found.get("id"), str) or not found["id"]:
            raise GatewayDown("no reference in the answer")
        return str(found["id"])

    def status(self, *, reference: str) -> SendingStatus:
        """Ask what became of a document."""
        found = self._calls.call("GET", f"/v1/documents/{quote(reference, safe='')}")
        if found.get("state") not in STATES:
            raise GatewayDown("no state in the answer")
        return SendingStatus(str(found["state"]), str(found.get("reason", ""))[:LONGEST_REASON])
