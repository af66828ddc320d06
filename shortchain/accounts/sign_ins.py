"""Signed-in browsers: begin, list, end."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.accounts.models import SignIn
from shortchain.accounts.people import hash_of
from shortchain.kernel.errors import NotFound

LIFETIME = timedelta(days=30)
"""How long a browser stays signed in after it was last seen, for people at home."""
NOTE_EVERY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """One browser in which a person is signed in, as they may see it."""

    public_id: str
    browser: str
    created_at: datetime
    seen_at: datetime
    is_this_one: bool


def begin(session: Session, *, user_id: int, browser: str, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Sign a person in; returns the key that their browser's session holds (256 bits)."""
    key = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            user_id=user_id,
            key_hash=hash_of(key),
            browser=browser_name(browser),
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return key


def list_open(session: Session, *, user_id: int, key: str, now: datetime) -> list[OpenSignIn]:
    """List where a person is signed in, newest first; `key` is that of the browser that asks."""
    rows = session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    own = hash_of(key)
    return [OpenSignIn(row.public_id, row.browser, row.created_at, row.seen_at, row.key_hash == own) for row in rows]


def end(session: Session, *, key: str, now: datetime) -> None:
    """End the sign-in that `key` belongs to; harmless when it has ended."""
    session.execute(
        update(SignIn).where(SignIn.key_hash == hash_of(key), SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def end_one(session: Session, *, user_id: int, public_id: str, now: datetime) -> None:
    """End one sign-in of a person.

    :raises NotFound: when it is not theirs
    """
    row = session.scalar(select(SignIn).where(SignIn.user_id == user_id, SignIn.public_id == public_id))
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at = now
        session.flush()


def end_all(session: Session, *, user_id: int, now: datetime, keep_key: str | None = None) -> int:
    """End every sign-in of a person, but for the one with `keep_key`; returns how many."""
    query = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if keep_key is not None:
        query = query.where(SignIn.key_hash != hash_of(keep_key))
    return int(session.execute(query.values(ended_at=now)).rowcount)  # type: ignore[attr-defined]


def note_seen(session: Session, *, key: str, now: datetime, lifetime: timedelta = LIFETIME) -> None:
    """Remember that the browser was here, at most every quarter of an hour, and go on from there."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.key_hash == hash_of(key),
            SignIn.ended_at.is_(None),
            SignIn.seen_at <= now - NOTE_EVERY,
        )
        .values(seen_at=now, expires_at=now + lifetime)
    )


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Shorten a User-Agent to what a person recognises: `Firefox, Android`."""
    words = [next((name for mark, name in table if re.search(mark, agent)), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(word for word in words if word)
