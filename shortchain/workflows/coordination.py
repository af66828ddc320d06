"""What a coordinator settles by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.delivery import choices, rerouting
from shortchain.delivery.wishes import Wish
from shortchain.fulfilment import asks, coordinator_tasks, jobs
from shortchain.fulfilment.models import CoordinatorTask, Job
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications import telling
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderState
from shortchain.routing.plans import Policy, Unroutable
from shortchain.transaction import transaction


class NoReason(Invalid):
    """Choosing by hand needs a reason, for who reads the decision later."""

    message = N_("Schrijf kort waarom. Wie het later leest, wil het weten.")


class ImpossibleChoice(Conflict):
    """The one that was chosen cannot, for the first rule that says no."""

    message = N_("Dit lukt niet meer: de plaats is ingenomen of een regel laat het niet toe. Kies opnieuw.")


class NothingChanges(Conflict):
    """The one that was chosen does it already."""

    message = N_("Die doet dit al. Er verandert niets.")


class StillNobody(NotFound):
    """Looking again found nobody either."""

    message = N_("Ook nu vinden we niemand. Bel een uitvoerder, of annuleer de bestelling.")


class DecideFirst(Conflict):
    """While a complaint waits nobody is paid for the order, so its task ends with a decision only."""

    message = N_("Beslis eerst over de klacht. Daarna is deze taak vanzelf klaar.")


def finish_task(session: Session, *, task_public_id: str, hub_id: int, answer: str, by: Actor, now: datetime) -> None:
    """Note that a task is settled, with a word on how.

    :raises NotFound: for a task of another hub
    :raises AlreadyDone: when somebody was first
    :raises DecideFirst: for a complaint: deciding it ends the task
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id)
        if task.kind == "complaint" and task.data.get("about"):
            raise DecideFirst()
        coordinator_tasks.settle(session, task=task, answer=answer, by=by, now=now)


def search_again(
    session: Session, gateways: Gateways, *, task_public_id: str, hub_id: int, ask_all: bool, by: Actor, now: datetime
) -> None:
    """Look again for somebody for the stages of an order that have nobody; closes the task when found.

    `ask_all` asks those who said no to this order before as well, for a coordinator who phoned them.

    :raises StillNobody: when there is nobody now either
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id)
        order = orders.lock(session, order_id=task.order_id or 0)
        new = rerouting.fill_gaps(
            session, order=order, distance=gateways.distance, policy=Policy(), ask_all=ask_all, by=by, now=now
        )
        if not new:
            raise StillNobody()
        telling.jobs_offered(session, jobs=new, now=now)
        coordinator_tasks.settle(session, task=task, answer="found", by=by, now=now)


def choose_provider(
    session: Session,
    gateways: Gateways,
    *,
    order_id: int,
    hub_id: int,
    key: str,
    capability_id: int,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """Give one stage of an order to whom the coordinator chose; `reason` is stored with the decision.

    What the customer pays, and when and where, stays. Open tasks on this order that nobody was found are
    settled by it.

    :raises NotFound: for an order of another hub, or a stage that it does not have
    :raises NoReason: without a reason
    :raises Begun: when the stage has started
    :raises NothingChanges: when that one does it already, on the best day
    :raises ImpossibleChoice: when that one cannot
    """
    if not reason.strip():
        raise NoReason(fields=("reason",))
    with transaction(session):
        order = orders.lock(session, order_id=order_id)
        if order.hub_id != hub_id or order.state is not OrderState.CONFIRMED:
            raise NotFound()
        try:
            new = choices.follow_wish(
                session,
                order=order,
                wish=Wish(key, capability_id),
                mode="manual",
                note=reason.strip()[:200],
                ask_all=True,
                distance=gateways.distance,
                policy=Policy(),
                by=by,
                now=now,
            )
        except Unroutable as refusal:
            raise ImpossibleChoice() from refusal
        if not new:
            raise NothingChanges()
        journal.record(
            session,
            "order.provider_chosen",
            by=by,
            now=now,
            order_id=order.id,
            enterprise_id=hub_id,
            stage=key,
            capability=capability_id,
            decision=new[0].decision_version,
        )
        telling.jobs_offered(session, jobs=new, now=now)
        _settle_open(session, order.id, key, by, now)


def ask_another(
    session: Session, gateways: Gateways, *, task_public_id: str, hub_id: int, by: Actor, now: datetime
) -> None:
    """Settle a proposal of another time that does not suit: ask the next best for the day that was planned.

    :raises NotFound: for a task of another hub, or of another kind
    :raises AlreadyAnswered: when the job has been answered or withdrawn meanwhile
    """
    with transaction(session):
        task = asks.load(session, public_id=task_public_id, hub_id=hub_id)
        job = session.scalar(select(Job).where(Job.public_id == task.data.get("job", "")).with_for_update())
        if job is None or task.kind != "other_time":
            raise NotFound()
        order = orders.lock(session, order_id=job.order_id)
        jobs.answer(session, job=job, action="decline", reason="", by=by, now=now)
        new = rerouting.lay_anew(
            session, order=order, failed=job, distance=gateways.distance, policy=Policy(), by=by, now=now
        )
        telling.jobs_offered(session, jobs=new, now=now)
        coordinator_tasks.settle(session, task=task, answer="another", by=by, now=now)


def _settle_open(session: Session, order_id: int, key: str, by: Actor, now: datetime) -> None:
    """Close the open tasks about a stage that has found its doer."""
    query = select(CoordinatorTask).where(
        CoordinatorTask.order_id == order_id,
        CoordinatorTask.kind.in_(["unrouted", "other_time"]),
        CoordinatorTask.done_at.is_(None),
    )
    for task in session.scalars(query.order_by(CoordinatorTask.id).with_for_update()):
        if task.data.get("key", key) == key:
            coordinator_tasks.settle(session, task=task, answer="chosen", by=by, now=now)


def order_id_of(session: Session, *, public_id: str, hub_id: int) -> int:
    """Find an order of a hub by its public id.

    :raises NotFound: for an order of another hub
    """
    found = session.scalar(select(Order.id).where(Order.public_id == public_id, Order.hub_id == hub_id))
    if found is None:
        raise NotFound()
    return found
