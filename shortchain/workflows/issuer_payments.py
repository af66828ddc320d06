"""Payments of issuers of vouchers: one lies on our bank account, or a part of one will never come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.clearing import issuer_money
from shortchain.journal import Actor
from shortchain.transaction import transaction


def note_received(session: Session, *, public_id: str, by: Actor, now: datetime, credit: str = "") -> int:
    """Book an announced payment that came in, or a bill of the issuer that we paid; returns the cents on our account.

    `credit` is what the bank calls it, when it was read from a statement.

    :raises NotFound: for one that nobody announced
    :raises AlreadyDone: when it was booked before
    """
    with transaction(session):
        return issuer_money.came_in(session, public_id=public_id, credit=credit, by=by, now=now).net_cents


def write_off(
    session: Session, *, reference: str, hub_id: int, cents: int, reason: str, by: Actor, now: datetime
) -> int:
    """Let the platform bear a difference that an issuer does not put right; returns its cents.

    :raises NotFound: for an unknown name, or one of another hub's order
    :raises AlreadyDone: when it is no difference (any more), or another one
    :raises WhyWrittenOff: without a reason
    """
    with transaction(session):
        return issuer_money.write_off(
            session, reference=reference, hub_id=hub_id, cents=cents, reason=reason, by=by, now=now
        ).cents
