"""Checks of `flask check --all` on the order of the steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobState, Stage
from shortchain.ordering.models import Order, OrderState

Check = Callable[[Session, datetime], list[str]]


def chain_is_true(session: Session, now: datetime) -> list[str]:
    """No step is done before the one before it."""
    early = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .join(Job, and_(Job.order_id == Order.id, Job.stage == Stage.PACK, Job.state.in_(LIVE_JOBS)))
        .where(Leg.state == LegState.DELIVERED, Job.state != JobState.READY)
    )
    undelivered = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .where(
            Order.state.in_([OrderState.DELIVERED, OrderState.SETTLED]),
            Leg.state.in_([LegState.PLANNED, LegState.SCHEDULED, LegState.COLLECTED]),
        )
    )
    return [f"order {number} was delivered before it was packed" for number in early] + [
        f"order {number} is called delivered while its goods are on the way" for number in undelivered
    ]


CHECKS: tuple[tuple[str, Check], ...] = (("P6 the chain is true", chain_is_true),)
