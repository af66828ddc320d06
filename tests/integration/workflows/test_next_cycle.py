"""The next order cycle is prepared by itself, with its windows, by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue import next_cycle, open_cycles
from shortchain.catalogue.models import CycleState, DeliveryWindow, OrderCycle, WindowKind
from shortchain.catalogue.next_cycle import BadCycle
from shortchain.journal import SYSTEM
from shortchain.kernel.window import BRUSSELS
from shortchain.transaction import transaction
from shortchain.workflows import cycles
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises


def test_sells_nothing_after_the_closing_time_even_before_the_sweep(session: Session) -> None:
    cycle = catalogue.cycle(session)
    assert open_cycles.open_cycle(session, near=None, now=cycle.closes_at - timedelta(seconds=1)) is not None
    assert open_cycles.open_cycle(session, near=None, now=cycle.closes_at) is None


def test_prepares_the_next_cycle_with_the_windows_of_home_and_points(session: Session) -> None:
    hub = enterprises.hub(session)
    enterprises.pickup_point(session, hub)  # open on Thursday from 16 to 19
    first = catalogue.cycle(session, hub)
    catalogue.window(session, first, places=33)
    assert cycles.prepare_next(session, now=NOW) == 1
    later = session.scalars(select(OrderCycle).where(OrderCycle.state == CycleState.DRAFT)).one()
    assert (later.opens_at, later.closes_at) == (first.closes_at, first.closes_at + timedelta(days=7))
    windows = session.scalars(
        select(DeliveryWindow).where(DeliveryWindow.cycle_id == later.id).order_by(DeliveryWindow.starts_at)
    ).all()
    assert [(w.kind, w.starts_at.astimezone(BRUSSELS).hour, w.places) for w in windows] == [
        (WindowKind.PICKUP, 16, 40),
        (WindowKind.HOME, 17, 33),
    ]
    session.rollback()
    assert cycles.prepare_next(session, now=NOW) == 0
    with transaction(session):
        assert next_cycle.make_pickup_windows(session, cycle=session.get_one(OrderCycle, later.id)) == 0


def test_prepares_one_that_can_still_be_ordered_in_after_a_long_sleep(session: Session) -> None:
    cycle = catalogue.cycle(session)
    awake = cycle.closes_at + timedelta(days=30)
    assert cycles.prepare_next(session, now=awake) == 1
    later = session.scalars(select(OrderCycle).where(OrderCycle.state == CycleState.DRAFT)).one()
    assert later.opens_at <= awake < later.closes_at


def test_keeps_the_hour_on_the_wall_when_the_clock_changes(session: Session) -> None:
    """In the night of 28 March 2027 the clock goes forward: 20 o'clock stays 20 o'clock."""
    closes = datetime(2027, 3, 24, 19, 0, tzinfo=UTC)  # Wednesday 20.00 in winter
    catalogue.cycle(session, opens_at=closes - timedelta(days=6), closes_at=closes)
    cycles.prepare_next(session, now=closes - timedelta(days=1))
    later = session.scalars(select(OrderCycle).where(OrderCycle.state == CycleState.DRAFT)).one()
    assert later.closes_at.astimezone(BRUSSELS).hour == 20
    assert later.closes_at == datetime(2027, 3, 31, 18, 0, tzinfo=UTC)


def test_refuses_a_cycle_that_closes_before_it_opens(session: Session) -> None:
    hub = enterprises.hub(session)
    with pytest.raises(BadCycle), transaction(session):
        next_cycle.draft(session, hub_id=hub.id, name="Week 1", opens_at=NOW, closes_at=NOW, by=SYSTEM, now=NOW)
