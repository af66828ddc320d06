"""Tasks for a coordinator that are about money or a partner, and closing them when they settle themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound


def ask_once(
    session: Session, *, hub_id: int, kind: str, about: str, now: datetime, order_id: int | None = None, **data: object
) -> CoordinatorTask | None:
    """Give a hub's coordinator a task, unless one of this kind about the same thing is open.

    `about` names the thing (a refund's or a dispute's public id, an account); None when the task is there.
    """
    if open_about(session, kind=kind, about=about, hub_id=hub_id):
        return None
    task = CoordinatorTask(hub_id=hub_id, order_id=order_id, kind=kind, data={"about": about, **data}, created_at=now)
    session.add(task)
    journal.record(session, f"task.{kind}", by=SYSTEM, now=now, order_id=order_id, enterprise_id=hub_id, about=about)
    session.flush()
    return task


def load(session: Session, *, public_id: str, hub_id: int, kinds: Collection[str] = ()) -> CoordinatorTask:
    """Lock an open task of a hub, of one of `kinds` when these are named.

    :raises NotFound: for a task of another hub, or of another kind
    :raises AlreadyDone: when somebody was first
    """
    task = session.scalar(
        select(CoordinatorTask)
        .where(CoordinatorTask.public_id == public_id, CoordinatorTask.hub_id == hub_id)
        .with_for_update()
    )
    if task is None or (kinds and task.kind not in kinds):
        raise NotFound()
    if task.done_at is not None:
        raise AlreadyDone()
    return task


def open_about(session: Session, *, kind: str, about: str, hub_id: int | None = None) -> list[CoordinatorTask]:
    """List the open tasks of a kind about a thing."""
    query = select(CoordinatorTask).where(CoordinatorTask.kind == kind, CoordinatorTask.done_at.is_(None))
    if hub_id is not None:
        query = query.where(CoordinatorTask.hub_id == hub_id)
    return [task for task in session.scalars(query.order_by(CoordinatorTask.id)) if task.data.get("about") == about]


def settle_about(session: Session, *, kind: str, about: str, answer: str, now: datetime) -> int:
    """Close the open tasks about a thing that was settled otherwise; returns how many."""
    found = open_about(session, kind=kind, about=about)
    for task in found:
        task.done_at, task.answer = now, answer[:200]
    session.flush()
    return len(found)
