"""Reads about people: who is signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts.models import Role as Role
from shortchain.accounts.models import SignIn, User


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, as the web needs to know them."""

    id: int
    public_id: str
    email: str
    name: str
    language: str
    role: Role
    is_confirmed: bool


def hash_of(secret: str) -> str:
    """Hash a random secret for keeping (SHA-256; secrets have 256 bits, so no salt is needed)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_signed_in(session: Session, *, key: str, now: datetime) -> Person | None:
    """Find who holds the sign-in `key`; None when it was ended, has run out or never was."""
    row = session.execute(
        select(
            User.id,
            User.public_id,
            User.email,
            User.name,
            User.language,
            User.role,
            User.email_confirmed_at,
        )
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.key_hash == hash_of(key),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Person(*row[:6], is_confirmed=row[6] is not None)


@dataclass(frozen=True, slots=True)
class Details:
    """What a person can change of themselves without a password."""

    email: str
    name: str
    phone: str
    language: str
    created_at: datetime

    def as_form(self) -> dict[str, str]:
        """Give the values of the form that changes them."""
        return {"name": self.name, "phone": self.phone, "language": self.language}


def details_of(session: Session, *, user_id: int) -> Details:
    """Read the data of a person."""
    row = session.execute(
        select(User.email, User.name, User.phone, User.language, User.created_at).where(User.id == user_id)
    ).one()
    return Details(*row)
