"""Order cycles open, close and end when their time comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.catalogue.models import CycleState, DeliveryWindow, OrderCycle
from shortchain.journal import Actor

ENDS_AFTER = timedelta(days=3)
"""A cycle is done when its last window lies this far back: deliveries made good and complaints included."""


def due(session: Session, *, state: CycleState, now: datetime, limit: int = 50) -> Sequence[int]:
    """List the cycles in a state whose next moment has come: to open, to close or to end."""
    last_window = (
        select(func.max(DeliveryWindow.ends_at))
        .where(DeliveryWindow.cycle_id == OrderCycle.id)
        .correlate(OrderCycle)
        .scalar_subquery()
    )
    moments = {
        CycleState.DRAFT: (OrderCycle.opens_at <= now) & (OrderCycle.closes_at > now),
        CycleState.OPEN: OrderCycle.closes_at <= now,
        CycleState.CLOSED: func.coalesce(last_window, OrderCycle.closes_at) <= now - ENDS_AFTER,
    }
    return session.scalars(
        select(OrderCycle.id)
        .where(OrderCycle.state == state, moments[state])
        .order_by(OrderCycle.closes_at, OrderCycle.id)
        .limit(limit)
    ).all()


def move(session: Session, *, cycle_id: int, state: CycleState, by: Actor, now: datetime) -> OrderCycle | None:
    """Take a cycle to its next state; None when somebody did so meanwhile."""
    cycle = session.scalar(
        select(OrderCycle).where(OrderCycle.id == cycle_id).with_for_update().execution_options(populate_existing=True)
    )
    if cycle is None or cycle.state is not state:
        return None
    action, past = {
        CycleState.DRAFT: ("open", "opened"),
        CycleState.OPEN: ("close", "closed"),
        CycleState.CLOSED: ("finish", "finished"),
    }[state]
    cycle.move(action)
    journal.record(session, f"cycle.{past}", by=by, now=now, enterprise_id=cycle.hub_id, cycle_id=cycle.id)
    session.flush()
    return cycle
