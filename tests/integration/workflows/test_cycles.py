"""Cycles open, close and end by the clock, and farms hear what to harvest."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.workflows import cycles
from tests.support.clock import Clock
from tests.support.factories import catalogue
from tests.support.market import market


def state_of(session: Session, cycle_id: int) -> CycleState:
    session.rollback()
    return session.scalars(select(OrderCycle.state).where(OrderCycle.id == cycle_id)).one()


def test_closes_once_and_tells_each_farm_what_to_harvest(session: Session, gateways: Gateways, clock: Clock) -> None:
    shop = market(session, gateways)
    number = shop.cycle.id
    shop.order(2, 3)
    shop.order(1, 0)
    assert cycles.close_due(session, now=clock.now) == 0
    clock.move(days=2, hours=3)
    assert cycles.close_due(session, now=clock.now) == 1
    assert cycles.close_due(session, now=clock.now) == 0
    assert state_of(session, number) is CycleState.CLOSED
    told = session.scalars(select(Notice).where(Notice.template == "harvest_asked").order_by(Notice.id)).all()
    assert [[line["amount"] for line in notice.context["lines"]] for notice in told] == [[3], [3]]
    sending.send_due(session, gateways, now=clock.now)
    assert any("3 stuks Prei" in mail.text.replace("\u00a0", " ") for mail in gateways.mailer.sent)


def test_opens_what_was_prepared_and_ends_what_lies_behind(session: Session, clock: Clock) -> None:
    waiting = catalogue.cycle(session, state=CycleState.DRAFT, opens_at=clock.now + timedelta(hours=1)).id
    behind = catalogue.cycle(
        session,
        state=CycleState.CLOSED,
        opens_at=clock.now - timedelta(days=9),
        closes_at=clock.now - timedelta(days=5),
    ).id
    missed = catalogue.cycle(
        session, state=CycleState.DRAFT, opens_at=clock.now - timedelta(days=9), closes_at=clock.now - timedelta(days=5)
    ).id
    assert cycles.open_due(session, now=clock.now) == 0
    assert cycles.finish_due(session, now=clock.now) == 1
    assert cycles.open_due(session, now=clock.move(hours=2)) == 1
    assert state_of(session, waiting) is CycleState.OPEN
    assert state_of(session, behind) is CycleState.DONE
    assert state_of(session, missed) is CycleState.DRAFT  # never open in hindsight
