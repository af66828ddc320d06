"""What the worker does for the house itself: say that it lives, free what ran out, forget what is old."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.accounts import attempts
from shortchain.accounts.models import SignIn
from shortchain.capacity import ledger
from shortchain.database import db
from shortchain.enterprises import vehicles, weeks
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets, keyed_requests
from shortchain.payments.models import WebhookReceipt
from shortchain.routing import failures
from shortchain.stock import allocations
from shortchain.transaction import transaction

RECEIPTS_KEPT = timedelta(days=60)
SIGN_INS_KEPT = timedelta(days=30)


def beat(session: Session, *, now: datetime) -> None:
    """Note that the worker is alive; `/readyz` looks at it."""
    with transaction(session):
        progress.beat(session, name="worker", now=now)


def release_holds(session: Session, *, now: datetime) -> int:
    """Free stock and capacity whose hold has run out; returns how many.

    An order that expires frees its own; this is for holds that no order speaks for any more.
    """
    with transaction(session):
        food = allocations.release_expired(session, now=now)
    with transaction(session):
        work = ledger.release_expired(session, now=now)
    return food + work


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what nobody needs any more: old baskets, sessions, attempts, kept answers, counted
    failures of routing, planned weeks, rights of vehicles, receipts; returns how many rows."""
    web_session = db.metadata.tables["web_session"]
    with transaction(session):
        gone = baskets.forget_old(session, now=now)
        gone += attempts.sweep(session, now=now)
        gone += keyed_requests.forget_old(session, now=now)
        gone += failures.forget_old(session, now=now)
        gone += weeks.forget_old(session, now=now)
        gone += vehicles.forget_old(session, today=local_day(now))
        for query in (
            delete(web_session).where(web_session.c.expires_at < now),
            delete(SignIn).where(SignIn.expires_at < now - SIGN_INS_KEPT),
            delete(WebhookReceipt).where(
                WebhookReceipt.processed_at.is_not(None), WebhookReceipt.received_at < now - RECEIPTS_KEPT
            ),
        ):
            gone += int(session.execute(query.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
        return gone
