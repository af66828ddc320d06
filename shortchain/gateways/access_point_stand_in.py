"""A stand-in for a Peppol access point, for development and tests: it checks like one and delivers at once.

There is no gateway to a real access point yet: each provider has an interface of its own. It goes beside this
module and is chosen in `composition.py`. Production never uses the stand-in.
"""

from __future__ import annotations

import hashlib

from shortchain.kernel.ports import GatewayRefused, SendingStatus
from shortchain.peppol import rules


class StandInAccessPoint:
    """Takes documents that keep the rules of Peppol BIS Billing 3.0, and says that they arrived."""

    def send(self, *, key: str, document: bytes, sender: str, receiver: str) -> str:
        """Check a document and take it; the same key gives the same reference."""
        found = rules.faults(document)
        if not found and {sender, receiver} != set(rules.parties(document)):
            found = ["envelope: sender and receiver are not the parties of the document"]
        if found:
            raise GatewayRefused("; ".join(found))
        return f"stand-in-{hashlib.sha256(key.encode()).hexdigest()[:24]}"

    def status(self, *, reference: str) -> SendingStatus:
        """Say that a document that was taken has arrived."""
        if not reference.startswith("stand-in-"):
            return SendingStatus("refused", "nobody knows this document")
        return SendingStatus("delivered")
