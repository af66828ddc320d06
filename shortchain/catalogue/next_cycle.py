"""The order cycle that comes next: its times, and the windows in which its orders arrive."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.catalogue.models import CycleState, DeliveryWindow, Offer, OrderCycle, WindowKind
from shortchain.enterprises.models import PickupPoint
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid
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
        hub_id=hub_id,
        name=" ".join(name.split())[:80],
        opens_at=opens_at,
        closes_at=closes_at,
        state=CycleState.DRAFT,
        created_at=now,
    )
    session.add(cycle)
    session.flush()
    journal.record(session, "cycle.drafted", by=by, now=now, enterprise_id=hub_id, cycle=cycle.id)
    return cycle


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
        select(OrderCycle)
        .where(OrderCycle.hub_id == hub_id, OrderCycle.state != CycleState.WITHDRAWN)
        .order_by(OrderCycle.closes_at.desc())
        .limit(1)
        .with_for_update()
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
        select(DeliveryWindow)
        .where(DeliveryWindow.cycle_id == like.id, DeliveryWindow.kind == WindowKind.HOME)
        .order_by(DeliveryWindow.starts_at)
    ).all()
    away = (local_day(cycle.closes_at) - local_day(like.closes_at)).days
    known = set(
        session.scalars(
            select(DeliveryWindow.starts_at).where(
                DeliveryWindow.cycle_id == cycle.id, DeliveryWindow.kind == WindowKind.HOME
            )
        )
    )
    made = 0
    for row in rows:
        starts_at, ends_at = _later(row.starts_at, days=away), _later(row.ends_at, days=away)
        if starts_at > cycle.closes_at and starts_at not in known:
            session.add(
                DeliveryWindow(
                    cycle_id=cycle.id, kind=WindowKind.HOME, starts_at=starts_at, ends_at=ends_at, places=row.places
                )
            )
            made += 1
    session.flush()
    return made


def make_pickup_windows(session: Session, *, cycle: OrderCycle) -> int:
    """Give a cycle the opening windows of its hub's points in the six days after closing; returns how many are new.

    Safe to run again: a window that exists stays, with the places that are taken in it.
    """
    return _make(session, cycle, PickupPoint.enterprise_id == cycle.hub_id)


def make_gate_windows(session: Session, *, farm_id: int, now: datetime) -> int:
    """Give the cycles in which a farm offers the opening windows of its gates; returns how many are new.

    Safe to run again, as `make_pickup_windows` is. A farm without a gate costs one look.
    """
    has_gate = (
        select(PickupPoint.id)
        .where(PickupPoint.enterprise_id == farm_id, PickupPoint.is_gate, PickupPoint.is_active)
        .exists()
    )
    offering = select(Offer.cycle_id).where(Offer.farm_id == farm_id, Offer.is_active)
    found = session.scalars(
        select(OrderCycle)
        .where(
            has_gate,
            OrderCycle.state.in_((CycleState.DRAFT, CycleState.OPEN)),
            OrderCycle.closes_at > now,
            OrderCycle.id.in_(offering),
        )
        .order_by(OrderCycle.id)
    ).all()
    gates = PickupPoint.is_gate & (PickupPoint.enterprise_id == farm_id)
    return sum(_make(session, cycle, gates) for cycle in found)


def _make(session: Session, cycle: OrderCycle, which: ColumnElement[bool]) -> int:
    """Make the windows of some points in the days after a cycle closes, those that are not there yet."""
    points = session.scalars(
        select(PickupPoint)
        .where(which, PickupPoint.is_active)
        .options(selectinload(PickupPoint.opening_windows))
        .order_by(PickupPoint.id)
    ).all()
    if not points:
        return 0
    first = local_day(cycle.closes_at) + timedelta(days=1)
    days = days_between(first, first + timedelta(days=DELIVERY_DAYS - 1))
    known = {
        (row[0], row[1])
        for row in session.execute(
            select(DeliveryWindow.pickup_point_id, DeliveryWindow.starts_at).where(DeliveryWindow.cycle_id == cycle.id)
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


def _pickup(cycle: OrderCycle, point: PickupPoint, day: date, opens: time, closes: time, places: int) -> DeliveryWindow:
    return DeliveryWindow(
        cycle_id=cycle.id,
        kind=WindowKind.PICKUP,
        pickup_point_id=point.id,
        starts_at=at_local(day, opens),
        ends_at=at_local(day, closes),
        places=places,
    )
