"""The journal: an append-only record of what happened, by whom and when.

Mails follow from it and auditors read it. The database refuses to change or delete a row (triggers in
the migration).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shortchain.database import Model, add_rows


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a user, a guest, or the system itself."""

    kind: str  # "user", "guest" or "system"
    user_id: int | None = None


SYSTEM = Actor("system")
GUEST = Actor("guest")


class JournalEntry(Model):
    """One thing that happened. `data` holds ids and figures, never names, addresses or tokens."""

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(64), index=True)
    by_kind: Mapped[str] = mapped_column(String(8))
    by_user_id: Mapped[int | None]
    order_id: Mapped[int | None] = mapped_column(index=True)
    enterprise_id: Mapped[int | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]


def record(
    session: Session,
    what: str,
    *,
    by: Actor,
    now: datetime,
    order_id: int | None = None,
    enterprise_id: int | None = None,
    **data: Any,
) -> None:
    """Write down what happened, in the past tense: `order.placed`, `job.declined`."""
    session.flush()  # changes of the deed come before the word about it
    add_rows(
        session,
        JournalEntry,
        [
            {
                "at": now,
                "what": what,
                "by_kind": by.kind,
                "by_user_id": by.user_id,
                "order_id": order_id,
                "enterprise_id": enterprise_id,
                "data": data,
            }
        ],
    )


def entries_of_order(session: Session, *, order_id: int) -> Sequence[JournalEntry]:
    """List what happened to an order, oldest first."""
    return session.scalars(
        select(JournalEntry).where(JournalEntry.order_id == order_id).order_by(JournalEntry.id)
    ).all()


def latest(session: Session, *, limit: int = 100, before_id: int | None = None) -> Sequence[JournalEntry]:
    """List the newest entries, newest first; `before_id` pages on."""
    query = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(JournalEntry.id < before_id)
    return session.scalars(query).all()


def latest_of(session: Session, *, what: str, enterprise_id: int, limit: int = 100) -> Sequence[JournalEntry]:
    """List the newest entries of one kind about one enterprise, newest first."""
    return session.scalars(
        select(JournalEntry)
        .where(JournalEntry.what == what, JournalEntry.enterprise_id == enterprise_id)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    ).all()
