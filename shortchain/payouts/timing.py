"""Whose money leaves today by its own schedule, and whose waits for another day or for more."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
from shortchain.payments import disputes
from shortchain.payouts import schedules
from shortchain.payouts.models import Payout, PayoutSchedule, PayoutState
from shortchain.payouts.schedules import DAILY, Schedule


class BadSchedule(Invalid):
    """A day that does not exist, or a minimum that nobody would reach."""

    message = N_("Kies een dag die bestaat, en een minimum tussen 0 en 500 euro.")


def of(session: Session, *, enterprise_id: int) -> Schedule:
    """Give the schedule of an enterprise; every day when it chose nothing."""
    row = session.get(PayoutSchedule, enterprise_id)
    return row.schedule if row else DAILY


def choose(session: Session, *, enterprise_id: int, schedule: Schedule, by: Actor, now: datetime) -> None:
    """Keep the schedule that an enterprise chose; it holds from the next round on.

    :raises BadSchedule: for a day that does not exist, or too high a minimum
    """
    if not schedule.is_sound:
        raise BadSchedule(fields=("interval",))
    row = session.get(PayoutSchedule, enterprise_id, with_for_update=True)
    if row is None:
        row = PayoutSchedule(enterprise_id=enterprise_id, changed_at=now)
        session.add(row)
    row.interval, row.anchor, row.minimum_cents = schedule.interval, schedule.anchor, schedule.minimum_cents
    row.changed_at = now
    session.flush()
    journal.record(
        session,
        "enterprise.payout_schedule",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        interval=schedule.interval.value,
        anchor=schedule.anchor,
        minimum_cents=schedule.minimum_cents,
    )


def waiting(session: Session, *, now: datetime) -> dict[int, date]:
    """Say whose money waits now by its own schedule, and until which day when nothing is added to it.

    What counts is all that could leave, over every hub: not held, not in dispute, not under way.
    """
    rows = session.execute(
        select(
            PayoutSchedule,
            func.sum(Payout.amount_cents - Payout.reversed_cents),
            func.min(Payout.created_at),
        )
        .join(Payout, Payout.enterprise_id == PayoutSchedule.enterprise_id)
        .where(
            Payout.state.in_([PayoutState.DUE, PayoutState.FAILED]),
            Payout.held_at.is_(None),
            Payout.order_id.not_in(disputes.orders_in_dispute()),
        )
        .group_by(PayoutSchedule.enterprise_id)
    ).all()
    return {
        row.enterprise_id: schedules.leaves_on(row.schedule, ready_cents=int(cents), oldest_at=oldest, now=now)
        for row, cents, oldest in rows
        if not schedules.leaves(row.schedule, ready_cents=int(cents), oldest_at=oldest, now=now)
    }
