"""A process remembers the open cycle, and any change that a page shows makes it look again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.catalogue import open_cycles, shop_items
from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.catalogue.open_cycles import OpenCycle
from shortchain.kernel.geo import Point
from shortchain.stock import availability
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import catalogue, enterprises, stock
from tests.support.factories.enterprises import GENT, MOL


@pytest.fixture
def cycle(session: Session) -> OrderCycle:
    return catalogue.cycle(session)


@pytest.fixture
def offer(session: Session, cycle: OrderCycle) -> int:
    product = catalogue.product(session, enterprises.farm(session))
    stock.lot(session, product)
    return catalogue.offer(session, product, cycle).id


def remembered(session: Session, near: Point | None = None) -> OpenCycle:
    found = open_cycles.open_cycle(session, near=near, now=NOW)
    assert found is not None
    assert open_cycles.remembered_cycle(session, near=near, now=NOW) == found
    session.rollback()
    return found


def holds(session: Session, found: OpenCycle, offer: int) -> bool:
    rows = availability.tickets(session, offer_ids=[offer], language="nl", day=open_cycles.keeps_until(found))
    session.rollback()
    return found.holds(rows[0][-2:])


def close(session: Session, cycle: OrderCycle) -> None:
    cycle.state = CycleState.CLOSED


def shorten(session: Session, cycle: OrderCycle) -> None:
    cycle.closes_at -= timedelta(hours=1)


def open_another(session: Session, cycle: OrderCycle) -> None:
    catalogue.cycle(session, name="Elders")


def swap(session: Session, cycle: OrderCycle) -> None:
    cycle.state = CycleState.CLOSED
    catalogue.cycle(session, name="Elders")


def change_the_shop(session: Session, cycle: OrderCycle) -> None:
    with transaction(session):
        shop_items.refresh_farm(session, farm_id=cycle.hub_id)


@pytest.mark.parametrize("change", [close, shorten, open_another, swap, change_the_shop])
def test_notices_what_changed(
    session: Session, cycle: OrderCycle, offer: int, change: Callable[[Session, OrderCycle], None]
) -> None:
    found = remembered(session)
    assert holds(session, found, offer)
    change(session, cycle)
    session.commit()
    assert not holds(session, found, offer)


def test_holds_while_goods_are_sold(session: Session, cycle: OrderCycle, offer: int) -> None:
    found = remembered(session)
    product = catalogue.product(session, enterprises.farm(session, name="Een andere"))
    stock.lot(session, product)
    assert holds(session, found, offer)


def test_forgets_by_itself_when_the_time_is_over(session: Session, cycle: OrderCycle) -> None:
    found = remembered(session)
    assert open_cycles.remembered_cycle(session, near=None, now=found.closes_at) is None
    assert open_cycles.remembered_cycle(session, near=None, now=cycle.opens_at - timedelta(seconds=1)) is None


def test_remembers_the_nearest_for_each_visitor(session: Session) -> None:
    here = catalogue.cycle(session, enterprises.hub(session, name="Gent", at=GENT), name="Hier")
    there = catalogue.cycle(session, enterprises.hub(session, name="Mol", at=MOL), name="Daar")
    names = {place: remembered(session, Point(*place)).name for place in (GENT, MOL)}
    assert names == {GENT: here.name, MOL: there.name}
