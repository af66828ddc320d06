"""Somebody says that the payment of an issuer of vouchers lies on our bank account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.clearing import issuer_money
from shortchain.journal import Actor
from shortchain.transaction import transaction


def note_received(session: Session, *, public_id: str, by: Actor, now: datetime, credit: str = "") -> int:
    """Book an announced payment that came in; returns the cents on our account.

    `credit` is what the bank calls it, when it was read from a statement.

    :raises NotFound: for one that nobody announced
    :raises AlreadyDone: when it was booked before
    """
    with transaction(session):
        return issuer_money.came_in(session, public_id=public_id, credit=credit, by=by, now=now).net_cents
