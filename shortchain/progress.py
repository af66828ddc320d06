"""How far long work has come, for the page and the terminal; and when the worker last lived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from shortchain.database import Model, new_public_id


class Progress(Model):
    """One run of long work: `done` of `total` parts, with a word on what is going on."""

    __tablename__ = "progress"
    __table_args__ = (CheckConstraint("done >= 0 AND total >= 0", name="counts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12), default="running")  # running, done, failed
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Pulse(Model):
    """When a background process last said that it lives."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


def beat(session: Session, *, name: str, now: datetime) -> None:
    """Note that the process `name` is alive."""
    pulse = session.get(Pulse, name)
    if pulse is None:
        session.add(Pulse(name=name, at=now))
    else:
        pulse.at = now
    session.flush()


def last_beat(session: Session, *, name: str) -> datetime | None:
    """Say when the process `name` last noted that it is alive."""
    pulse = session.get(Pulse, name)
    return pulse.at if pulse else None
