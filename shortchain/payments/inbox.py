"""The inbox of webhooks: each event once, with the little of it that is needed, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.kernel.payment_port import PaymentEvent
from shortchain.kernel.window import local_day
from shortchain.payments.models import WebhookReceipt, WebhookRefusal

OUR_KEY = "shortchain_key"
"""Where the payment gateway keeps our key in what it makes."""

PARK_AFTER = 8
"""After so many tries an event waits for a person; the sweep leaves it alone."""

_TOPICS = {
    "checkout.session": "payment",
    "payment_intent": "payment",
    "charge": "payment",
    "refund": "refund",
    "dispute": "dispute",
    "account": "account",
    "application": "account",
    "bank_account": "account",
    "capability": "account",
    "payout": "payout",
    "transfer": "transfer",
}
_AMOUNTS = {"checkout.session": "amount_total", "payment_intent": "amount_received", "charge": "amount"}
_PAID = frozenset({"checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"})


def facts_of(event: PaymentEvent) -> tuple[str, dict[str, Any]]:
    """Say what an event is about: the provider's reference, and the facts that we keep of it.

    Facts: `topic` (payment, refund, dispute, account, payout, transfer or nothing), `key` (ours), `account` (whose),
    and for money that it says came in `cents` and `currency`. No name or address of a person is kept.
    """
    thing = event.object
    kind = str(thing.get("object") or "")
    metadata = thing.get("metadata")
    key = metadata.get(OUR_KEY, "") if isinstance(metadata, Mapping) else ""
    facts: dict[str, Any] = {"topic": _TOPICS.get(kind, ""), "key": str(key)[:80], "account": event.account[:80]}
    cents = thing.get(_AMOUNTS.get(kind, ""))
    if event.type in _PAID and isinstance(cents, int):
        facts |= {"cents": cents, "currency": str(thing.get("currency") or "")[:3].upper()}
    if kind == "payout":
        facts |= {"cents": thing.get("amount"), "reason": str(thing.get("failure_code") or "")[:60]}
    reference = thing.get("payment_intent") if kind == "charge" else thing.get("id")
    return str(reference or "")[:120], facts


def take(session: Session, *, event: PaymentEvent, now: datetime) -> WebhookReceipt | None:
    """Put an event in the inbox; None when it lies there already."""
    reference, facts = facts_of(event)
    receipt = WebhookReceipt(
        event_id=event.id, type=event.type[:80], reference=reference, payload=facts, received_at=now, due_at=now
    )
    try:
        with session.begin_nested():
            session.add(receipt)
            session.flush()
    except IntegrityError:
        return None
    return receipt


def due(session: Session, *, now: datetime, limit: int = 50) -> Sequence[str]:
    """List events that wait to be worked on; parked ones are left out."""
    return session.scalars(
        select(WebhookReceipt.event_id)
        .where(
            WebhookReceipt.processed_at.is_(None),
            WebhookReceipt.due_at <= now,
            WebhookReceipt.attempts < PARK_AFTER,
        )
        .order_by(WebhookReceipt.due_at, WebhookReceipt.event_id)
        .limit(limit)
    ).all()


def parked(session: Session) -> Sequence[WebhookReceipt]:
    """List events that were tried too often, oldest first."""
    return session.scalars(
        select(WebhookReceipt)
        .where(WebhookReceipt.processed_at.is_(None), WebhookReceipt.attempts >= PARK_AFTER)
        .order_by(WebhookReceipt.received_at)
        .limit(50)
    ).all()


def count_refusal(session: Session, *, reason: str, now: datetime) -> None:
    """Count a webhook that was not believed; one row a day and reason."""
    day, reason = local_day(now), reason[:60]
    row = session.get(WebhookRefusal, (day, reason), with_for_update=True)
    if row is None:
        row = WebhookRefusal(day=day, reason=reason, count=0, last_at=now)
        session.add(row)
    row.count += 1
    row.last_at = now
    session.flush()


def refusals(session: Session, *, days: int = 30) -> Sequence[WebhookRefusal]:
    """List what was refused lately, the newest day first."""
    return session.scalars(
        select(WebhookRefusal).order_by(WebhookRefusal.day.desc(), WebhookRefusal.reason).limit(days * 3)
    ).all()


def disagreement(facts: Mapping[str, Any], *, cents: int, currency: str) -> str:
    """Say how an event differs from what the provider itself answers; '' when it agrees or says nothing."""
    if "currency" not in facts:
        return ""
    if facts["currency"] and facts["currency"] != currency:
        return "wrong currency"
    return "wrong amount" if facts["cents"] != cents else ""
