"""Order cycles open, close and follow one another by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue import browse
from shortchain.catalogue import cycles as operations
from shortchain.catalogue.cycles import BadCycle
from shortchain.catalogue.models import CycleState, DeliveryWindow, OrderCycle, WindowKind
from shortchain.journal import SYSTEM
from shortchain.kernel.window import BRUSSELS
from shortchain.transaction import transaction
from shortchain.workflows import cycles
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises


def states(session: Session) -> list[CycleState]:
    session.rollback()
    return list(session.scalars(
        select(OrderCycle.state).order_by(OrderCycle.opens_at).execution_options(populate_existing=True)
    ))


def test_closes_a_cycle_and_opens_the_next_in_one_turn(session: Session) -> None:
    hub = enterprises.hub(session)
    first = catalogue.cycle(session, hub)
    catalogue.cycle(session, hub, opens_at=first.closes_at, closes_at=first.closes_at + timedelta(days=7),
                    state=CycleState.DRAFT)
    assert cycles.turn(session, now=NOW).opened == 0
    turned = cycles.turn(session, now=first.closes_at)
    assert (turned.closed, turned.opened) == (1, 1)
    assert states(session)[:2] == [CycleState.CLOSED, CycleState.OPEN]


def test_does_nothing_the_second_time(session: Session) -> None:
    cycle = catalogue.cycle(session)
    cycles.turn(session, now=cycle.closes_at)
    assert cycles.turn(session, now=cycle.closes_at).total == 0
    assert not cycles.close_order_cycle(session, cycle_id=cycle.id, by=SYSTEM, now=NOW)


def test_sells_nothing_after_the_closing_time_even_before_the_turn(session: Session) -> None:
    cycle = catalogue.cycle(session)
    assert browse.open_cycle(session, near=None, now=cycle.closes_at - timedelta(seconds=1)) is not None
    assert browse.open_cycle(session, near=None, now=cycle.closes_at) is None


def test_prepares_the_next_cycle_with_the_windows_of_home_and_points(session: Session) -> None:
    hub = enterprises.hub(session)
    enterprises.pickup_point(session, hub)  # open on Thursday from 16 to 19
    first = catalogue.cycle(session, hub)
    catalogue.window(session, first, places=33)
    assert cycles.turn(session, now=NOW).prepared == 1
    later = session.scalars(select(OrderCycle).where(OrderCycle.state == CycleState.DRAFT)).one()
    assert (later.opens_at, later.closes_at) == (first.closes_at, first.closes_at + timedelta(days=7))
    windows = session.scalars(
        select(DeliveryWindow).where(DeliveryWindow.cycle_id == later.id).order_by(DeliveryWindow.starts_at)
    ).all()
    assert [(w.kind, w.starts_at.astimezone(BRUSSELS).hour, w.places) for w in windows] == [
        (WindowKind.PICKUP, 16, 40), (WindowKind.HOME, 17, 33),
    ]
    session.rollback()
    assert cycles.turn(session, now=NOW).prepared == 0
    with transaction(session):
        assert operations.make_pickup_windows(session, cycle=session.get_one(OrderCycle, later.id)) == 0


def test_keeps_the_hour_on_the_wall_when_the_clock_changes(session: Session) -> None:
    """In the night of 28 March 2027 the clock goes forward: 20 o'clock stays 20 o'clock."""
    closes = datetime(2027, 3, 24, 19, 0, tzinfo=UTC)  # Wednesday 20.00 in winter
    catalogue.cycle(session, opens_at=closes - timedelta(days=6), closes_at=closes)
    cycles.turn(session, now=closes - timedelta(days=1))
    later = session.scalars(select(OrderCycle).where(OrderCycle.state == CycleState.DRAFT)).one()
    assert later.closes_at.astimezone(BRUSSELS).hour == 20
    assert later.closes_at == datetime(2027, 3, 31, 18, 0, tzinfo=UTC)


def test_puts_a_cycle_away_when_everything_is_delivered(session: Session) -> None:
    cycle = catalogue.cycle(session)
    window = catalogue.window(session, cycle)
    cycles.turn(session, now=cycle.closes_at)
    assert cycles.turn(session, now=window.ends_at + timedelta(days=1)).finished == 0
    assert cycles.turn(session, now=window.ends_at + timedelta(days=3)).finished == 1


def test_refuses_a_cycle_that_closes_before_it_opens(session: Session) -> None:
    hub = enterprises.hub(session)
    with pytest.raises(BadCycle), transaction(session):
        operations.draft(session, hub_id=hub.id, name="Week 1", opens_at=NOW, closes_at=NOW, by=SYSTEM, now=NOW)
