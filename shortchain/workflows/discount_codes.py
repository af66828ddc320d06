"""A hub or a farm makes a discount code that it bears, stops it, and lets it count again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.journal import Actor
from shortchain.ordering import discount_desk
from shortchain.ordering.discount_desk import Wanted
from shortchain.payouts import code_debts
from shortchain.transaction import transaction


def make(session: Session, *, owner_id: int, wanted: Wanted, by: Actor, now: datetime) -> str:
    """Make a code; returns it as customers type it.

    :raises BadCode, CodeTaken: nothing was made
    """
    with transaction(session):
        return discount_desk.make(session, owner_id=owner_id, wanted=wanted, by=by, now=now).code


def change(session: Session, *, public_id: str, owner_id: int, stops: bool, by: Actor, now: datetime) -> str:
    """Stop a code, or let it count again; returns it. Doing it twice changes nothing.

    :raises NotFound: for another's
    """
    with transaction(session):
        deed = discount_desk.stop if stops else discount_desk.resume
        return deed(session, public_id=public_id, owner_id=owner_id, by=by, now=now).code


def note_received(session: Session, *, hub_id: int, cents: int, reference: str, by: Actor, now: datetime) -> int:
    """Book a credit of the bank by which a hub pays for its codes, wholly or in part; returns the cents.

    The same credit again changes nothing.

    :raises OtherDebt: when the hub owes less than that
    """
    with transaction(session):
        return code_debts.note_received(
            session, hub_id=hub_id, cents=cents, reference=reference, by=by, now=now
        ).amount_cents


def note_paid(session: Session, *, hub_id: int, cents: int, by: Actor, now: datetime) -> int:
    """Book that a hub paid what it owes for its codes over the bank; returns the cents.

    :raises OtherDebt: when it does not owe just that
    """
    with transaction(session):
        return code_debts.note_paid(session, hub_id=hub_id, cents=cents, by=by, now=now).amount_cents
