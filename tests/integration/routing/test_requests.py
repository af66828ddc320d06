"""What an order asks of the planner."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.routing import requests
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, ordering
from tests.support.factories.fulfilment import THURSDAY

NINE, ONE = (datetime.fromisoformat(f"2026-11-26T{hour}:00:00+01:00") for hour in ("09", "13"))


@pytest.mark.parametrize(("starts_at", "same_day"), [(NINE, False), (ONE, True)])
def test_packs_on_the_day_itself_only_for_the_afternoon(session: Session, starts_at: datetime, same_day: bool) -> None:
    cycle = catalogue.cycle(session)
    order = ordering.order(session, cycle, catalogue.window(session, cycle, starts_at=starts_at))
    asked = requests.for_order(session, order=order, lines=[], now=MONDAY_MORNING)
    assert asked.packs_same_day is same_day
    assert (asked.delivery_day, asked.first_day) == (THURSDAY, THURSDAY)  # it closes on Wednesday


def test_never_asks_for_work_in_the_past(session: Session) -> None:
    cycle = catalogue.cycle(session, closes_at=MONDAY_MORNING - timedelta(days=2))
    order = ordering.order(session, cycle, catalogue.window(session, cycle))
    now = MONDAY_MORNING + timedelta(days=2)
    assert requests.for_order(session, order=order, lines=[], now=now).first_day == now.date()
