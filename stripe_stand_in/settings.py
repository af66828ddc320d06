"""What the stand-in can be told when it starts."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

ENVIRONMENT_NAME = "STRIPE_STAND_IN"
"""The worker process reads its settings from this variable, as JSON."""

WEBHOOK_EVENTS = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "transfer.created",
    "transfer.reversed",
    "account.updated",
    "account.application.deauthorized",
    "account.external_account.created",
    "account.external_account.updated",
    "account.external_account.deleted",
    "capability.updated",
    "charge.succeeded",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "payout.paid",
    "payout.failed",
)


class Unsafe(Exception):
    """The stand-in was asked to run where it must not."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Times are in seconds, money in cents, `fee_bp` in basis points of the amount."""

    port: int
    db: str
    public_url: str
    webhook_secret: str
    webhook_url: str | None = None
    webhook_events: tuple[str, ...] = WEBHOOK_EVENTS
    onboarding: str = "instant"
    settle_seconds: float = 0.0
    async_seconds: float = 2.0
    refund_seconds: float = 0.2
    retry_base: float = 1.0
    fee_bp: int = 0
    fee_fixed: int = 0
    dispute_fee: int = 0
    funds: int = 0

    def to_json(self) -> str:
        """Write the settings so that `from_json` reads them back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what `to_json` wrote."""
        values = json.loads(text)
        values["webhook_events"] = tuple(values["webhook_events"])
        return cls(**values)


def is_loopback(url: str) -> bool:
    """Say whether a web address stays on this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def refuse_production() -> None:
    """Stop when this could be the real shop.

    :raises Unsafe: when SHORTCHAIN_ENV says production
    """
    if os.environ.get("SHORTCHAIN_ENV", "").strip().lower() == "production":
        raise Unsafe("The Stripe stand-in takes no real money and never runs in production.")


def read_arguments(arguments: Sequence[str]) -> Settings:
    """Make settings from the command line.

    :raises Unsafe: when a webhook address would leave the machine
    """
    parser = argparse.ArgumentParser(
        prog="python -m stripe_stand_in", description="A stand-in for Stripe, for development."
    )
    add = parser.add_argument
    add("--port", type=int, required=True, help="port on 127.0.0.1")
    add("--db", required=True, help="SQLite file that keeps everything")
    add("--public-url", help="address of the payment page; default http://127.0.0.1:PORT")
    add("--webhook-url", help="where events are sent; must be on this machine")
    add("--webhook-secret", default="whsec_stand_in", help="signs the events")
    add("--webhook-events", default=",".join(WEBHOOK_EVENTS), help="types, with commas; * is all")
    add(
        "--onboarding",
        choices=("instant", "page"),
        default="instant",
        help="are new connected accounts ready at once, or after the account link's page",
    )
    add("--settle-seconds", type=float, default=0.0, help="until charged money is available")
    add("--async-seconds", type=float, default=2.0, help="until a direct debit succeeds")
    add("--refund-seconds", type=float, default=0.2, help="until a bank refund succeeds")
    add("--retry-base", type=float, default=1.0, help="first wait before an event is sent again")
    add("--fee-bp", type=int, default=0, help="fee on a charge, in basis points")
    add("--fee-fixed", type=int, default=0, help="fee on a charge, in cents")
    add("--dispute-fee", type=int, default=0, help="fee on a dispute, in cents")
    add(
        "--funds",
        type=int,
        default=0,
        help="what the platform topped up before the first day, in cents",
    )
    given = vars(parser.parse_args(arguments))
    given["public_url"] = (given["public_url"] or f"http://127.0.0.1:{given['port']}").rstrip("/")
    given["webhook_events"] = tuple(filter(None, given["webhook_events"].split(",")))
    if given["webhook_url"] and not is_loopback(given["webhook_url"]):
        raise Unsafe("The stand-in sends events to this machine only.")
    return Settings(**given)
