"""What a customer and a coordinator decide about direct debits: withdraw a mandate, bear what never came."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.clearing import promises
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import Actor
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways
from shortchain.ordering import orders
from shortchain.payments import debits
from shortchain.payments import operations as payments
from shortchain.payments.models import COVERED
from shortchain.transaction import transaction


def withdraw(session: Session, gateways: Gateways, *, public_id: str, user_id: int, by: Actor, now: datetime) -> None:
    """Withdraw a mandate. It holds at once: only we can start a debit. The provider is told afterwards, if it answers.

    :raises NotFound: when the person has no such mandate
    """
    with transaction(session):
        method = debits.withdraw(session, public_id=public_id, user_id=user_id, by=by, now=now)
    with suppress(GatewayDown, GatewayRefused):
        gateways.payments.forget_agreement(method=method)


def bear(session: Session, *, task_public_id: str, hub_id: int, by: Actor, now: datetime) -> int:
    """Let the platform pay an order whose debit never came; returns the cents.

    :raises NotFound: for a task of another hub, or about something else
    :raises AlreadyDone: when the customer paid meanwhile, or it was borne
    """
    with transaction(session):
        task = session.scalar(
            select(CoordinatorTask).where(
                CoordinatorTask.public_id == task_public_id,
                CoordinatorTask.hub_id == hub_id,
                CoordinatorTask.kind == "debit_failed",
            )
        )
        if task is None or task.order_id is None:
            raise NotFound()
        order = orders.lock(session, order_id=task.order_id)
        owed = debits.owed(session, order_id=order.id)
        if owed is None or task.done_at is not None:
            raise AlreadyDone()
        covering = payments.open_payment(
            session, order=order, method=COVERED, slot=owed.slot, amount_cents=owed.left_cents, expires_at=now, now=now
        )
        promises.bear(session, order=order, covering=covering, by=by, now=now)
        return covering.amount_cents
