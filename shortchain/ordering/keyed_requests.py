"""Requests of programs that may come twice under one key: the first answer is kept and given again.

A key is claimed before anything is done and answered after. A claim that was not answered within a
minute belongs to a request that died; whoever comes with the same key may take it over and ends at the
same order, because the order's own one-time key stands in the row.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shortchain.kernel.errors import Conflict, Invalid
from shortchain.ordering.models import KeyedRequest

PATIENCE = timedelta(minutes=1)
KEEP = timedelta(days=7)


class KeyUsedOtherwise(Invalid):
    """The key came before with another request."""


class StillBusy(Conflict):
    """The first request with this key is being handled at this moment."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed key: with `status` and `body` when it was answered before. `order_key` is the order's own."""

    order_key: str
    status: int | None = None
    body: str = ""


def claim(session: Session, *, key: str, fingerprint: str, now: datetime) -> Claim:
    """Claim a key for a request; the caller commits before it does the work.

    :raises KeyUsedOtherwise: when the key came with another fingerprint
    :raises StillBusy: when somebody works on it
    :raises sqlalchemy.exc.IntegrityError: when two claim a new key in the same instant
    """
    row = session.scalar(select(KeyedRequest).where(KeyedRequest.key_hash == _hash(key)).with_for_update())
    if row is None:
        row = KeyedRequest(
            key_hash=_hash(key), fingerprint=fingerprint, order_key=secrets.token_hex(16), started_at=now
        )
        session.add(row)
        session.flush()
        return Claim(row.order_key)
    if row.fingerprint != fingerprint:
        raise KeyUsedOtherwise
    if row.status is None:
        if now - row.started_at < PATIENCE:
            raise StillBusy
        row.started_at = now
        session.flush()
    return Claim(row.order_key, row.status, row.body)


def keep(session: Session, *, key: str, status: int, body: str) -> None:
    """Keep the answer of a claimed key; one that was answered already keeps its first answer."""
    session.execute(
        update(KeyedRequest)
        .where(KeyedRequest.key_hash == _hash(key), KeyedRequest.status.is_(None))
        .values(status=status, body=body)
        .execution_options(synchronize_session=False)
    )


def release(session: Session, *, key: str, now: datetime) -> None:
    """Give up a claim that ended without an answer, so that the same request may come again at once."""
    session.execute(
        update(KeyedRequest)
        .where(KeyedRequest.key_hash == _hash(key), KeyedRequest.status.is_(None))
        .values(started_at=now - PATIENCE)
        .execution_options(synchronize_session=False)
    )


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what is older than a week; returns how many."""
    done = session.execute(
        delete(KeyedRequest).where(KeyedRequest.started_at < now - KEEP).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
