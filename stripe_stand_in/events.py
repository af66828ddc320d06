"""Writes events and queues them for the shop's webhook, in the transaction of the deed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import stripe

from stripe_stand_in import switches
from stripe_stand_in.store import Unit, new_id

AMOUNT_FIELDS = ("amount", "amount_total", "amount_received", "amount_captured")


def emit(unit: Unit, event_type: str, obj: Mapping[str, Any], *, account: str = "") -> None:
    """Record that something happened, and plan to tell the shop.

    `account` is the connected account it happened to; '' is the platform itself.
    """
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": stripe.api_version,
        "created": int(unit.now),
        "data": {"object": dict(obj)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event_type,
    }
    if account:
        event["account"] = account
    unit.add("event", event)
    if webhook_url(unit) and any(fnmatchcase(event_type, wanted) for wanted in unit.settings.webhook_events):
        _queue(unit, event)


def webhook_url(unit: Unit) -> str | None:
    """Return where events go: what the control page said last, or the command line."""
    return unit.note("webhook_url") or unit.settings.webhook_url


def resend(unit: Unit, event_id: str) -> bool:
    """Queue an event once more; False when there is no such event."""
    event = unit.find(event_id, "event")
    if event is not None:
        _plan(unit, event, delay=0.0)
    return event is not None


def _queue(unit: Unit, event: dict[str, Any]) -> None:
    """Plan the deliveries of an event, as the switches want them."""
    delay, copies, dropped = 0.0, 1, False
    for switch in switches.webhooks.take(event["type"]):
        if switch.name == "dup":
            copies += max(switch.n, 2) - 1
        elif switch.name == "delay":
            delay += switch.seconds
        elif switch.name == "shuffle":
            delay += random.uniform(0, switch.seconds)  # noqa: S311 - no secret hangs on it
        elif switch.name == "drop":
            dropped = True
        elif switch.name == "bad_sig":
            _plan(unit, event, delay=delay, signing="bad", once=True)
        elif switch.name == "replay":
            _plan(unit, event, delay=delay, signing="old", once=True)
        else:
            _plan(unit, event, delay=delay, once=True, body=_forged(event, switch.name))
    for _ in range(copies):
        _plan(unit, event, delay=delay, state="dropped" if dropped else "due")


def _forged(event: Mapping[str, Any], switch: str) -> str:
    """Return an event of its own id that is well signed and says the wrong thing."""
    forged = json.loads(json.dumps(event))
    forged["id"] = new_id("evt")
    obj = forged["data"]["object"]
    if switch == "wrong_currency":
        obj["currency"] = "usd"
    else:
        for name in AMOUNT_FIELDS:
            if isinstance(obj.get(name), int):
                obj[name] += 1
    return json.dumps(forged)


def _plan(
    unit: Unit,
    event: Mapping[str, Any],
    *,
    delay: float,
    signing: str = "good",
    once: bool = False,
    body: str | None = None,
    state: str = "due",
) -> None:
    unit.db.execute(
        "INSERT INTO deliveries (event, type, due, made, state, signing, once, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event["id"], event["type"], unit.now + delay, unit.now, state, signing, once, body),
    )
