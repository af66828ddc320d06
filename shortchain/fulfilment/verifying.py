"""Checks of `flask check --all` on work: promised with capacity, and somebody there for every order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import (
    Reservation,
    ReservationState,
)
from shortchain.fulfilment.models import LIVE_JOBS, CoordinatorTask, Job, JobState, RouteDecision, Stage
from shortchain.ordering.models import Order, OrderState
from shortchain.routing.explain import recompute

Check = Callable[[Session, datetime], list[str]]

GRACE = timedelta(hours=1)
"""How long the sweep may take to deal with what is overdue before that counts as a breach."""


def jobs_have_capacity(session: Session, now: datetime) -> list[str]:
    """Every live job of a paid order has a confirmed reservation."""
    rows = session.execute(
        select(Job.id, Reservation.state)
        .join(Order, Order.id == Job.order_id)
        .outerjoin(Reservation, Reservation.key == Job.reservation_key)
        .where(
            Job.state.in_(LIVE_JOBS),
            Order.state == OrderState.CONFIRMED,
            or_(Reservation.id.is_(None), Reservation.state != ReservationState.CONFIRMED),
        )
    )
    return [f"job {job} is promised without capacity ({state})" for job, state in rows]


def orders_have_hands(session: Session, now: datetime) -> list[str]:
    """Every paid order has somebody for packing and delivering, or a person has the task."""
    wrong = []
    for stage in (Stage.PACK, Stage.DELIVER):
        has_job = select(Job.id).where(Job.order_id == Order.id, Job.stage == stage, Job.state.in_(LIVE_JOBS)).exists()
        has_task = (
            select(CoordinatorTask.id)
            .where(CoordinatorTask.order_id == Order.id, CoordinatorTask.done_at.is_(None))
            .exists()
        )
        wrong += [
            f"order {number} has nobody to {stage.value}, and nobody was told"
            for number in session.scalars(
                select(Order.number).where(Order.state == OrderState.CONFIRMED, ~Order.at_gate, ~has_job, ~has_task)
            )
        ]
    double = session.execute(
        select(Order.number, Job.stage, Job.service)
        .join(Job, Job.order_id == Order.id)
        .where(Job.state.in_(LIVE_JOBS))
        .group_by(Order.id, Job.stage, Job.service)
        .having(func.count(Job.id) > 1)
    )
    wrong += [
        f"order {number} has two jobs for {stage.value} {service}"
        for number, stage, service in double
        if stage is not Stage.DELIVER
    ]
    refused = session.scalars(select(Job.id).where(Job.state == JobState.OFFERED, Job.refused_at < now - GRACE))
    wrong += [f"job {job} was declined, and nobody else was sought" for job in refused]
    late = session.scalars(
        select(Order.number).where(Order.state == OrderState.AWAITING_PAYMENT, Order.hold_until < now - GRACE)
    )
    return wrong + [f"order {number} should have expired" for number in late]


def decisions_add_up(session: Session, now: datetime) -> list[str]:
    """Every decision's stored terms add up to its stored cost, billed and steering, to the cent (`routing.md` 4.3)."""
    rows = session.execute(
        select(Order.number, RouteDecision.version, RouteDecision.plan, RouteDecision.explanation)
        .join(Order, Order.id == RouteDecision.order_id)
        .execution_options(yield_per=500)
    )
    wrong = []
    for number, version, plan, told in rows:
        stored = (plan["billed_cents"], told["steering_millicents"])
        if recompute(told) != stored or told["billed_cents"] != plan["billed_cents"]:
            wrong.append(f"decision {version} of order {number} does not add up: {recompute(told)} of {stored}")
    return wrong


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P4 jobs have capacity", jobs_have_capacity),
    ("P5 orders have hands", orders_have_hands),
    ("P5 decisions add up", decisions_add_up),
)
