"""Order cycles: when they open and close, and the windows in which their orders arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.catalogue.models import CycleState, DeliveryWindow, OrderCycle, WindowKind
from shortchain.enterprises.models import PickupPoint
from shortchain.journal import Actor
from shortchain.kernel.errors import Invalid, N_
from shortchain.kernel.window import BRUSSELS, at_local, days_between, local_day

DELIVERY_DAYS = 6
"""How many days after closing the windows of a cycle lie at most."""


class BadCycle(Invalid):
    """The times of a cycle cannot be right."""

    message = N_("Een bestelronde sluit later dan ze opent.")


def draft(
    session: Session, *, hub_id: int, name: str, opens_at: datetime, closes_at: datetime, by: Actor, now: datetime
) -> OrderCycle:
    """Prepare a cycle of a hub; it takes no orders before it is opened.

    :raises BadCycle: when it closes before it opens
    """
    if closes_at <= opens_at:
        raise BadCycle(fields=("closes_at",))
    cycle = OrderCycle(
        hub_id=hub_id, name=" ".join(name.split())[:80], opens_at=opens_at, closes_at=closes_at,
        state=CycleState.DRAFT, created_at=now,
    )
    session.add(cycle)
    session.flush()
    journal.record(session, "cycle.drafted", by=by, now=now, enterprise_id=hub_id, cycle=cycle.id)
    return cycle


def open_cycle(session: Session, *, cycle: OrderCycle, by: Actor, now: datetime) -> bool:
    """Open a cycle for orders; an open one stays as it is. Returns whether it changed."""
    return _move(session, cycle, "open", CycleState.OPEN, by, now)


def close_cycle(session: Session, *, cycle: OrderCycle, by: Actor, now: datetime) -> bool:
    """Take no more orders; a closed one stays as it is. Returns whether it changed."""
    return _move(session, cycle, "close", CycleState.CLOSED, by, now)


def finish_cycle(session: Session, *, cycle: OrderCycle, by: Actor, now: datetime) -> bool:
    """Put away a cycle whose windows are all over. Returns whether it changed."""
    return _move(session, cycle, "finish", CycleState.DONE, by, now)


def _move(session: Session, cycle: OrderCycle, action: str, goal: CycleState, by: Actor, now: datetime) -> bool:
    if cycle.state is goal:
        return False
    cycle.move(action)
    session.flush()
    journal.record(session, f"cycle.{goal.value}", by=by, now=now, enterprise_id=cycle.hub_id, cycle=cycle.id)
    return True


def due(session: Session, *, now: datetime) -> list[tuple[int, str]]:
    """List what is due with cycles: (id, 'open' or 'close' or 'finish'), the oldest first."""
    found = [
        (cycle_id, "close")
        for cycle_id in session.scalars(
            select(OrderCycle.id).where(OrderCycle.state == CycleState.OPEN, OrderCycle.closes_at <= now)
            .order_by(OrderCycle.id)
        )
    ]
    found += [
        (cycle_id, "open")
        for cycle_id in session.scalars(
            select(OrderCycle.id)
            .where(OrderCycle.state == CycleState.DRAFT, OrderCycle.opens_at <= now, OrderCycle.closes_at > now)
            .order_by(OrderCycle.id)
        )
    ]
    last = func.max(DeliveryWindow.ends_at)
    found += [
        (cycle_id, "finish")
        for cycle_id in session.scalars(
            select(OrderCycle.id)
            .join(DeliveryWindow, DeliveryWindow.cycle_id == OrderCycle.id)
            .where(OrderCycle.state == CycleState.CLOSED)
            .group_by(OrderCycle.id)
            .having(last < now - timedelta(days=2))
            .order_by(OrderCycle.id)
        )
    ]
    return found


def load(session: Session, *, cycle_id: int) -> OrderCycle:
    """Load a cycle and lock it until the transaction ends."""
    return session.scalars(
        select(OrderCycle).where(OrderCycle.id == cycle_id).with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def hubs_without_next(session: Session, *, now: datetime) -> list[int]:
    """List the hubs whose last cycle has begun and that have prepared none after it."""
    rows = session.execute(
        select(OrderCycle.hub_id, func.max(OrderCycle.opens_at))
        .where(OrderCycle.state != CycleState.WITHDRAWN)
        .group_by(OrderCycle.hub_id)
        .order_by(OrderCycle.hub_id)
    )
    return [hub_id for hub_id, last in rows if last <= now]


def draft_next(session: Session, *, hub_id: int, by: Actor, now: datetime) -> OrderCycle | None:
    """Prepare the cycle after a hub's last one: it opens when that closes, and lasts as long.

    Times are those of the clock on the wall, so a change to summer time moves nothing. Returns None
    when there is none to go by, or one is prepared already.
    """
    last = session.scalars(
        select(OrderCycle).where(OrderCycle.hub_id == hub_id, OrderCycle.state != CycleState.WITHDRAWN)
        .order_by(OrderCycle.closes_at.desc()).limit(1).with_for_update()
    ).first()
    if last is None or last.opens_at > now:
        return None
    opens_at, closes_at = last.closes_at, _later(last.closes_at, days=7)
    while closes_at <= now:
        opens_at, closes_at = closes_at, _later(closes_at, days=7)
    week = (local_day(closes_at) + timedelta(days=1)).isocalendar().week
    cycle = draft(session, hub_id=hub_id, name=f"Week {week}", opens_at=opens_at, closes_at=closes_at, by=by, now=now)
    make_home_windows(session, cycle=cycle, like=last)
    make_pickup_windows(session, cycle=cycle)
    return cycle


def _later(instant: datetime, *, days: int) -> datetime:
    """Move an instant by whole days on the wall clock of Flanders."""
    local = instant.astimezone(BRUSSELS)
    return at_local(local.date() + timedelta(days=days), local.time().replace(tzinfo=None))


def make_home_windows(session: Session, *, cycle: OrderCycle, like: OrderCycle) -> int:
    """Give a cycle the windows at home of another, on the same days after closing; returns how many are new."""
    rows = session.scalars(
        select(DeliveryWindow).where(DeliveryWindow.cycle_id == like.id, DeliveryWindow.kind == WindowKind.HOME)
        .order_by(DeliveryWindow.starts_at)
    ).all()
    away = (local_day(cycle.closes_at) - local_day(like.closes_at)).days
    known = set(session.scalars(select(DeliveryWindow.starts_at).where(
        DeliveryWindow.cycle_id == cycle.id, DeliveryWindow.kind == WindowKind.HOME
    )))
    made = 0
    for row in rows:
        starts_at, ends_at = _later(row.starts_at, days=away), _later(row.ends_at, days=away)
        if starts_at > cycle.closes_at and starts_at not in known:
            session.add(DeliveryWindow(cycle_id=cycle.id, kind=WindowKind.HOME, starts_at=starts_at,
                                       ends_at=ends_at, places=row.places))
            made += 1
    session.flush()
    return made


def make_pickup_windows(session: Session, *, cycle: OrderCycle) -> int:
    """Give a cycle the opening windows of its hub's points in the six days after closing; returns how many are new.

    Safe to run again: a window that exists stays, with the places that are taken in it.
    """
    first = local_day(cycle.closes_at) + timedelta(days=1)
    days = days_between(first, first + timedelta(days=DELIVERY_DAYS - 1))
    points = session.scalars(
        select(PickupPoint).where(PickupPoint.enterprise_id == cycle.hub_id, PickupPoint.is_active)
        .options(selectinload(PickupPoint.opening_windows)).order_by(PickupPoint.id)
    ).all()
    known = {
        (row[0], row[1]) for row in session.execute(
            select(DeliveryWindow.pickup_point_id, DeliveryWindow.starts_at)
            .where(DeliveryWindow.cycle_id == cycle.id)
        )
    }
    made = 0
    for point in points:
        for opening in point.opening_windows:
            for day in days:
                starts_at = at_local(day, opening.opens)
                if day.weekday() == opening.weekday and (point.id, starts_at) not in known:
                    session.add(_pickup(cycle, point, day, opening.opens, opening.closes, opening.places))
                    made += 1
    session.flush()
    return made


def _pickup(
    cycle: OrderCycle, point: PickupPoint, day: date, opens: time, closes: time, places: int
) -> DeliveryWindow:
    return DeliveryWindow(
        cycle_id=cycle.id, kind=WindowKind.PICKUP, pickup_point_id=point.id, starts_at=at_local(day, opens),
        ends_at=at_local(day, closes), places=places,
    )


def of_hub(session: Session, *, hub_id: int, limit: int = 20) -> Sequence[OrderCycle]:
    """List the cycles of a hub, the newest first."""
    return session.scalars(
        select(OrderCycle).where(OrderCycle.hub_id == hub_id).order_by(OrderCycle.closes_at.desc()).limit(limit)
    ).all()
