"""Reads of notices, for the development mailbox and the coordinator."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.notifications.models import Notice


def list_newest(session: Session, *, limit: int, to_email: str | None = None) -> Sequence[Notice]:
    """List notices, newest first, of everybody or of one address."""
    query = select(Notice).order_by(Notice.id.desc()).limit(limit)
    if to_email is not None:
        query = query.where(Notice.to_email == to_email)
    return session.scalars(query).all()


def find(session: Session, *, public_id: str) -> Notice | None:
    """Find one notice."""
    return session.scalar(select(Notice).where(Notice.public_id == public_id))
