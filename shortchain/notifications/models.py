"""Notices: mails that are owed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.states import StateTable


class NoticeState(StrEnum):
    DUE = "due"
    SENT = "sent"
    REFUSED = "refused"
    PARKED = "parked"


NOTICE = StateTable(
    {
        (NoticeState.DUE, "send"): NoticeState.SENT,
        (NoticeState.DUE, "refuse"): NoticeState.REFUSED,
        (NoticeState.DUE, "park"): NoticeState.PARKED,
        (NoticeState.PARKED, "retry"): NoticeState.DUE,
    }
)


class Notice(Model):
    """One mail owed to one person. `key` keeps the same thing from being told twice.

    Subject and texts are filled in when it is sent, so that what left can be read back.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    template: Mapped[str] = mapped_column(String(40))
    to_email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    context: Mapped[dict[str, Any]]
    order_id: Mapped[int | None] = mapped_column(index=True)
    state: Mapped[NoticeState] = mapped_column(enum_column(NoticeState))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = NOTICE.after(self.state, action)
