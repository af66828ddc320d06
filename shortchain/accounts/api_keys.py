"""Personal keys for programs: made once and shown once, found by their hash, ended."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts.models import ApiKey, User
from shortchain.accounts.people import hash_of
from shortchain.kernel.errors import N_, Invalid, NotFound

PREFIX = "sck_"
"""Begins each key, so that scanners of code and people know what they found."""
MOST_KEYS = 10
NOTE_EVERY = timedelta(minutes=15)


class NoName(Invalid):
    """A key has a name, so that its person knows which program has it."""

    message = N_("Geef de sleutel een naam, bijvoorbeeld die van het programma.")


class TooManyKeys(Invalid):
    """More keys than anybody can watch."""

    message = N_("Je hebt al 10 sleutels. Trek er eerst een in.")


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its person sees it."""

    public_id: str
    name: str
    last_signs: str
    can_order: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """In whose name a program asks, and whether it may order."""

    key_id: int
    user_id: int
    can_order: bool


def make(session: Session, *, user_id: int, name: str, can_order: bool, now: datetime) -> str:
    """Make a key for a person; returns it, for this one time (256 bits).

    :raises NoName, TooManyKeys: nothing was made
    """
    words = " ".join(name.split())[:60]
    if not words:
        raise NoName(fields=("name",))
    session.get_one(User, user_id, with_for_update=True)
    if len(list_of(session, user_id=user_id)) >= MOST_KEYS:
        raise TooManyKeys(fields=("name",))
    key = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiKey(
            user_id=user_id,
            name=words,
            key_hash=hash_of(key),
            last_signs=key[-4:],
            can_order=can_order,
            created_at=now,
        )
    )
    session.flush()
    return key


def list_of(session: Session, *, user_id: int) -> list[KeyView]:
    """List the keys of a person that work, the newest first."""
    rows = session.scalars(
        select(ApiKey).where(ApiKey.user_id == user_id, ApiKey.ended_at.is_(None)).order_by(ApiKey.id.desc())
    )
    return [
        KeyView(row.public_id, row.name, row.last_signs, row.can_order, row.created_at, row.used_at) for row in rows
    ]


def end(session: Session, *, user_id: int, public_id: str, now: datetime) -> None:
    """End a key of a person: it works no more from this moment. Doing it again changes nothing.

    :raises NotFound: for another's
    """
    row = session.scalar(select(ApiKey).where(ApiKey.public_id == public_id, ApiKey.user_id == user_id))
    if row is None:
        raise NotFound()
    row.ended_at = row.ended_at or now
    session.flush()


def find(session: Session, *, key: str, now: datetime) -> Holder | None:
    """Find in whose name a key asks, and note that it did; None when it was ended or never was."""
    row = session.scalar(
        select(ApiKey)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.key_hash == hash_of(key), ApiKey.ended_at.is_(None), User.disabled_at.is_(None))
    )
    if row is None:
        return None
    if row.used_at is None or now - row.used_at >= NOTE_EVERY:
        row.used_at = now
        session.flush()
    return Holder(row.id, row.user_id, row.can_order)
