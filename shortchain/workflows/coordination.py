"""What a coordinator settles by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.delivery import chain
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.routing.plans import Policy
from shortchain.transaction import transaction


class StillNobody(NotFound):
    """Looking again found nobody either."""

    message = N_("Ook nu vinden we niemand. Bel een uitvoerder, of annuleer de bestelling.")


def finish_task(session: Session, *, task_public_id: str, hub_id: int, answer: str, by: Actor, now: datetime) -> None:
    """Note that a task is settled, with a word on how.

    :raises NotFound: for a task of another hub
    :raises AlreadyDone: when somebody was first
    """
    with transaction(session):
        _close(session, _load(session, task_public_id, hub_id), answer, by, now)


def search_again(
    session: Session, gateways: Gateways, *, task_public_id: str, hub_id: int, ask_all: bool, by: Actor, now: datetime
) -> None:
    """Look again for somebody for the stages of an order that have nobody; closes the task when found.

    `ask_all` asks those who said no to this order before as well, for a coordinator who phoned them.

    :raises StillNobody: when there is nobody now either
    """
    with transaction(session):
        task = _load(session, task_public_id, hub_id)
        order = orders.lock(session, order_id=task.order_id or 0)
        new = chain.fill_gaps(
            session, order=order, distance=gateways.distance, policy=Policy(), ask_all=ask_all, by=by, now=now
        )
        if not new:
            raise StillNobody()
        telling.jobs_offered(session, jobs=new, now=now)
        _close(session, task, "found", by, now)


def _load(session: Session, public_id: str, hub_id: int) -> CoordinatorTask:
    task = session.scalar(
        select(CoordinatorTask)
        .where(CoordinatorTask.public_id == public_id, CoordinatorTask.hub_id == hub_id)
        .with_for_update()
    )
    if task is None:
        raise NotFound()
    if task.done_at is not None:
        raise AlreadyDone()
    return task


def _close(session: Session, task: CoordinatorTask, answer: str, by: Actor, now: datetime) -> None:
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


def order_id_of(session: Session, *, public_id: str, hub_id: int) -> int:
    """Find an order of a hub by its public id.

    :raises NotFound: for an order of another hub
    """
    found = session.scalar(select(Order.id).where(Order.public_id == public_id, Order.hub_id == hub_id))
    if found is None:
        raise NotFound()
    return found
