"""People and their sign-ins."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from shortchain.accounts.models import Role, SignIn, User
from shortchain.accounts.people import hash_of
from tests.support.client import Browser
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.saving import next_number, save

PASSWORD = "knolselder in november"


@lru_cache
def _hashed(password: str) -> str:
    from shortchain.accounts import passwords

    return passwords.hashed(password)


def user(
    session: Session,
    *,
    email: str | None = None,
    name: str = "Nele",
    confirmed: bool = True,
    password: str | None = None,
    role: Role = Role.CUSTOMER,
    **values: Any,
) -> User:
    """A person with a confirmed address; `password=PASSWORD` when they must be able to sign in."""
    values.setdefault("created_at", MONDAY_MORNING)
    return save(
        session,
        User(
            email=email or f"mens{next_number()}@post.example",
            name=name,
            role=role,
            password_hash=_hashed(password) if password else None,
            email_confirmed_at=MONDAY_MORNING if confirmed else None,
            **values,
        ),
    )


def sign_in(session: Session, user: User, *, now: datetime = MONDAY_MORNING, **values: Any) -> str:
    """A signed-in browser of `user`, good for 30 days; gives the key that the browser holds."""
    key = secrets.token_urlsafe(32)
    values.setdefault("expires_at", now + timedelta(days=30))
    save(
        session,
        SignIn(
            user_id=user.id,
            key_hash=hash_of(key),
            created_at=now,
            seen_at=now,
            **values,
        ),
    )
    return key


def signed_in(client: Browser, session: Session, user: User, *, now: datetime = MONDAY_MORNING) -> Browser:
    """Sign `user` in on the browser without the form; gives the browser back."""
    key = sign_in(session, user, now=now)
    client.put_in_session(_user_id=key, _fresh=True)
    return client
