"""Settles what was asked of a coordinator, by a person or because it solved itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import Actor


def settle(session: Session, *, task: CoordinatorTask, answer: str, by: Actor, now: datetime) -> None:
    """Note that a task is settled, with a word on how."""
    task.done_at, task.done_by_id, task.answer = now, by.user_id, answer[:200]
    journal.record(
        session,
        "task.settled",
        by=by,
        now=now,
        order_id=task.order_id,
        enterprise_id=task.hub_id,
        task=task.id,
        kind=task.kind,
    )


def open_of_order(session: Session, *, order_id: int, kind: str) -> Sequence[CoordinatorTask]:
    """List the open tasks of a kind about an order."""
    return session.scalars(
        select(CoordinatorTask)
        .where(
            CoordinatorTask.order_id == order_id,
            CoordinatorTask.kind == kind,
            CoordinatorTask.done_at.is_(None),
        )
        .order_by(CoordinatorTask.id)
    ).all()


def settle_found(
    session: Session, *, order_id: int, keys: Collection[str], answer: str, by: Actor, now: datetime
) -> int:
    """Settle the open tasks about stages that had nobody and have somebody now; returns how many."""
    open_tasks = open_of_order(session, order_id=order_id, kind="unrouted")
    found = [task for task in open_tasks if task.data.get("key") in keys]
    for task in found:
        settle(session, task=task, answer=answer, by=by, now=now)
    return len(found)
