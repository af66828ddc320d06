"""Links in mails that work once. Only the hash of the secret in the link is kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.accounts.models import MailToken, TokenPurpose
from shortchain.accounts.people import hash_of
from shortchain.kernel.errors import N_, DomainError, Kind

LIFETIME = {
    TokenPurpose.CONFIRM_EMAIL: timedelta(days=3),
    TokenPurpose.RESET_PASSWORD: timedelta(minutes=30),
    TokenPurpose.CHANGE_EMAIL: timedelta(days=1),
}


class LinkUsedUp(DomainError):
    """The link was used before, is too old, or never was ours; it says the same in each case."""

    kind = Kind.NOT_FOUND
    message = N_("Deze link werkt niet meer. Vraag een nieuwe.")


def make(
    session: Session,
    *,
    user_id: int,
    purpose: TokenPurpose,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> str:
    """Make the secret of a link; earlier links for the same purpose stop working."""
    session.execute(
        update(MailToken)
        .where(MailToken.user_id == user_id, MailToken.purpose == purpose, MailToken.used_at.is_(None))
        .values(used_at=now)
    )
    secret = secrets.token_urlsafe(32)
    session.add(
        MailToken(
            user_id=user_id,
            purpose=purpose,
            token_hash=hash_of(secret),
            data=data or {},
            created_at=now,
            expires_at=now + LIFETIME[purpose],
        )
    )
    session.flush()
    return secret


def look_up(session: Session, *, secret: str, purpose: TokenPurpose, now: datetime) -> MailToken:
    """Find the row behind a link that still works, without using it.

    :raises LinkUsedUp: when it does not work
    """
    row = session.scalar(
        select(MailToken).where(
            MailToken.token_hash == hash_of(secret),
            MailToken.purpose == purpose,
            MailToken.used_at.is_(None),
            MailToken.expires_at > now,
        )
    )
    if row is None:
        raise LinkUsedUp
    return row


def check(session: Session, *, secret: str, purpose: str, now: datetime) -> None:
    """Refuse a link that does not work; `purpose` is the value of a `TokenPurpose`.

    :raises LinkUsedUp: when it does not work
    """
    look_up(session, secret=secret, purpose=TokenPurpose(purpose), now=now)


def use(session: Session, *, secret: str, purpose: TokenPurpose, now: datetime) -> MailToken:
    """Use a link; of two at the same moment one wins.

    :raises LinkUsedUp: when it does not work
    """
    row = look_up(session, secret=secret, purpose=purpose, now=now)
    used = session.execute(
        update(MailToken)
        .where(MailToken.id == row.id, MailToken.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkUsedUp
    return row
