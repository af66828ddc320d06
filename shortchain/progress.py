"""How far long work has come, for the page that waits for it; and when the worker last lived.

Long work is asked for by writing a row, in the transaction of the deed; the worker does what is due.
A row whose worker died is taken up again: the work itself must be safe to do twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shortchain.database import Model, enum_column, new_public_id
from shortchain.kernel.errors import NotFound
from shortchain.kernel.states import StateTable

SILENCE = timedelta(minutes=2)
"""After so long without a word, work that runs is taken up again."""


class ProgressState(StrEnum):
    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (ProgressState.DUE, ProgressState.RUNNING)
PROGRESS = StateTable(
    {
        (ProgressState.DUE, "begin"): ProgressState.RUNNING,
        (ProgressState.RUNNING, "begin"): ProgressState.RUNNING,  # taken up again
        (ProgressState.RUNNING, "finish"): ProgressState.DONE,
        (ProgressState.RUNNING, "fail"): ProgressState.FAILED,
        (ProgressState.DUE, "cancel"): ProgressState.CANCELLED,
        (ProgressState.RUNNING, "cancel"): ProgressState.CANCELLED,
    }
)


class Progress(Model):
    """One run of long work: what was asked, `done` of `total` parts, and what came of it."""

    __tablename__ = "progress"
    __table_args__ = (CheckConstraint("done >= 0 AND total >= 0", name="counts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(index=True)
    asked: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    state: Mapped[ProgressState] = mapped_column(enum_column(ProgressState))
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def move(self, action: str) -> None:
        """Change the state and nothing else."""
        self.state = PROGRESS.after(self.state, action)


class Pulse(Model):
    """When a background process last said that it lives."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


def ask(
    session: Session, *, kind: str, enterprise_id: int, asked: dict[str, Any], total: int, now: datetime
) -> Progress:
    """Ask for long work of `total` parts; the same work that is still open is not asked for twice."""
    for row in session.scalars(
        select(Progress).where(Progress.kind == kind, Progress.enterprise_id == enterprise_id, Progress.state.in_(OPEN))
    ):
        if row.asked == asked:
            return row
    row = Progress(
        kind=kind,
        enterprise_id=enterprise_id,
        asked=asked,
        result={},
        total=total,
        state=ProgressState.DUE,
        started_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def due(session: Session, *, kind: str, now: datetime, limit: int = 20) -> Sequence[int]:
    """List the ids of work that waits, and of work whose worker has gone silent; oldest first."""
    return session.scalars(
        select(Progress.id)
        .where(
            Progress.kind == kind,
            or_(
                Progress.state == ProgressState.DUE,
                (Progress.state == ProgressState.RUNNING) & (Progress.updated_at <= now - SILENCE),
            ),
        )
        .order_by(Progress.id)
        .limit(limit)
    ).all()


def take(session: Session, *, progress_id: int) -> Progress | None:
    """Load a run that is still wanted, locked; None when it was cancelled or is over."""
    row = session.scalar(
        select(Progress).where(Progress.id == progress_id).with_for_update().execution_options(populate_existing=True)
    )
    return row if row is not None and row.state in OPEN else None


def own(session: Session, *, public_id: str, enterprise_id: int, lock: bool = False) -> Progress:
    """Find a run of an enterprise.

    :raises NotFound: when there is none, or it is another's
    """
    query = select(Progress).where(Progress.public_id == public_id, Progress.enterprise_id == enterprise_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


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
