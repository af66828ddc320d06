"""The stand-in for an issuer of vouchers, running beside a test, and the gateway that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shortchain.gateways.voucher_calls import VoucherCalls
from tests.support.serving import serving, tell
from voucher_stand_in.server import make_server

KEY = "vk_test"


@dataclass
class Issuer:
    """Where the stand-in listens, and deeds on it in one line."""

    url: str

    def gateway(self) -> VoucherCalls:
        """Give the gateway that speaks to it."""
        return VoucherCalls(base=self.url, key=KEY)

    def answer(self, reference: str, *, approves: bool = True) -> str:
        """Let the holder say yes or no; gives the state."""
        return str(self._post(f"_control/answer/{reference}", {"approves": approves})["state"])

    def fault(self, name: str, match: str, times: int = 1) -> None:
        """Let the next calls that fit fail: 'down' or 'refuse'."""
        self._post("_control/faults", {"name": name, "match": match, "times": times})

    def pay(self, *, fee_bp: int = 0, short: int = 0, settles: bool = False) -> list[dict[str, Any]]:
        """Let the issuer pay what it took, or ask for what went back beyond it; gives its statements."""
        asked = {"fee_bp": fee_bp, "short": short, "settles": settles}
        return list(self._post("_control/pay", asked)["statements"])

    def behave(self) -> None:
        """Take back what was planned."""
        self._post("_control/faults", {})

    def ahead(self, seconds: float) -> None:
        """Set its clock ahead of the machine's."""
        self._post("_control/clock", {"ahead": seconds})

    def _post(self, path: str, value: dict[str, Any]) -> Any:
        return tell(f"{self.url}/{path}", value)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run the stand-in on a free port of the loopback address."""
    with serving(make_server(0, key=KEY)) as url:
        yield Issuer(url)
