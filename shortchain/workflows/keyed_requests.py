"""The deeds around a request of a program: count it, claim its key, keep its answer. One transaction each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.accounts import attempts
from shortchain.accounts.attempts import Limit, TooManyTries
from shortchain.ordering import keyed_requests
from shortchain.ordering.keyed_requests import Claim, KeyUsedOtherwise, StillBusy
from shortchain.transaction import transaction

__all__ = ["Claim", "KeyUsedOtherwise", "StillBusy", "TooManyTries", "claim", "count", "keep", "release"]


def count(session: Session, *, limit: Limit, address: str, now: datetime) -> None:
    """Count a request of a network address.

    :raises TooManyTries: when it is one too many; it is counted all the same
    """
    refusal: TooManyTries | None = None
    with transaction(session):
        try:
            attempts.count(session, limit, of=address, now=now)
        except TooManyTries as error:
            refusal = error
    if refusal is not None:
        raise refusal


def claim(session: Session, *, key: str, fingerprint: str, now: datetime) -> Claim:
    """Claim a key, or give what was answered to it.

    :raises KeyUsedOtherwise: when it came with another request
    :raises StillBusy: when the first request with it is being handled
    """
    try:
        with transaction(session):
            return keyed_requests.claim(session, key=key, fingerprint=fingerprint, now=now)
    except IntegrityError as error:  # two in the same instant: the other one was first
        raise StillBusy from error


def keep(session: Session, *, key: str, status: int, body: str) -> None:
    """Keep the answer of a claimed key."""
    with transaction(session):
        keyed_requests.keep(session, key=key, status=status, body=body)


def release(session: Session, *, key: str, now: datetime) -> None:
    """Give up a claim that ended without an answer."""
    with transaction(session):
        keyed_requests.release(session, key=key, now=now)
