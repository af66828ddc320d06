"""A person makes and ends keys for programs; a program comes with one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.accounts import api_keys, attempts
from shortchain.accounts.api_keys import Holder
from shortchain.accounts.attempts import TooManyTries
from shortchain.journal import Actor
from shortchain.transaction import transaction


def make(session: Session, *, user_id: int, name: str, can_order: bool, by: Actor, now: datetime) -> str:
    """Make a key; returns it, for this one time.

    :raises NoName, TooManyKeys: nothing was made
    """
    with transaction(session):
        key = api_keys.make(session, user_id=user_id, name=name, can_order=can_order, now=now)
        journal.record(session, "account.key_made", by=by, now=now, user_id=user_id, can_order=can_order)
        return key


def end(session: Session, *, user_id: int, public_id: str, by: Actor, now: datetime) -> None:
    """End a key.

    :raises NotFound: for another's
    """
    with transaction(session):
        api_keys.end(session, user_id=user_id, public_id=public_id, now=now)
        journal.record(session, "account.key_ended", by=by, now=now, user_id=user_id)


def enter(session: Session, *, key: str, address: str, now: datetime) -> Holder | None:
    """Say in whose name a program asks; counts it, and who tries keys by the network address. None for an unknown key.

    :raises TooManyTries: when it is one too many; it is counted all the same
    """
    refusal: TooManyTries | None = None
    with transaction(session):
        holder = api_keys.find(session, key=key, now=now)
        limit, of = (attempts.API_KEY, str(holder.key_id)) if holder else (attempts.API_STRANGER, address)
        try:
            attempts.count(session, limit, of=of, now=now)
        except TooManyTries as error:
            refusal = error
    if refusal is not None:
        raise refusal
    return holder
