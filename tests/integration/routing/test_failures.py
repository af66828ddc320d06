"""Counting where nobody could do a step of the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises import directory
from shortchain.enterprises.models import Capability
from shortchain.fulfilment.models import Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets
from shortchain.ordering.models import Order
from shortchain.routing import coverage, failures, quotes
from shortchain.routing.models import RoutingFailure
from shortchain.routing.plans import Unroutable
from shortchain.workflows import coverage as deeds
from shortchain.workflows import declining, housekeeping
from tests.support.clock import MONDAY_MORNING
from tests.support.market import HOME, Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    deeds.forget()
    return market(session, gateways)


def narrow(shop: Market, service: str) -> None:
    """Let nobody with this service come further than its own street."""
    for row in shop.session.scalars(select(Capability).where(Capability.service == service)):
        row.radius_m = 10
    directory.touch(shop.session)
    shop.session.commit()


def counted(session: Session) -> list[tuple[str, str, str, str, int, int]]:
    session.rollback()
    rows = session.scalars(select(RoutingFailure).order_by(RoutingFailure.id)).all()
    return [(row.postcode, row.stage, row.classes, row.reasons, row.quotes, row.orders) for row in rows]


def look(shop: Market, basket: str) -> None:
    view = baskets.view(shop.session, public_id=basket, now=shop.now)
    assert view is not None
    found = quotes.options(shop.session, view=view, home=HOME.point, distance=shop.gateways.distance, now=shop.now)
    deeds.note_quotes(shop.session, options=found, postcode="9000", asked_by=basket, now=shop.now)


def test_a_basket_that_can_be_delivered_leaves_no_trace(shop: Market, session: Session) -> None:
    look(shop, shop.basket(1, 1))
    assert counted(session) == []


def test_a_basket_that_nobody_can_deliver_counts_once_however_often_it_is_looked_at(
    shop: Market, session: Session
) -> None:
    narrow(shop, "DELIVER_BIKE")
    basket = shop.basket(1, 0)
    look(shop, basket)
    look(shop, basket)
    assert counted(session) == [("9000", "deliver", "COOL", "radius", 1, 0)]
    look(shop, shop.basket(2, 0))
    assert counted(session) == [("9000", "deliver", "COOL", "radius", 2, 0)]
    assert session.scalars(select(RoutingFailure)).one().day == local_day(shop.window.starts_at)


def test_an_order_that_nobody_can_do_is_counted_and_not_written(shop: Market, session: Session) -> None:
    basket = shop.basket(1, 0)
    total = shop.total(basket)
    narrow(shop, "BOX_ASSEMBLE")
    with pytest.raises(Unroutable):
        shop.place(basket, total=total)
    assert counted(session) == [("9000", "pack", "COOL", "radius", 0, 1)]
    assert session.scalars(select(Order)).all() == []


def test_an_order_that_loses_its_packer_is_counted(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    for packer in shop.packers:
        declining.decline_job(
            session,
            shop.gateways,
            job_public_id=shop.jobs(order.id, Stage.PACK)[-1].public_id,
            enterprise_id=packer.id,
            reason="",
            now=shop.now,
            by=Actor("user", 1),
        )
    assert counted(session) == [("9000", "pack", "COOL", "excluded", 0, 1)]


def test_days_that_do_not_fit_together_are_of_the_chain() -> None:
    refusal = Unroutable(
        {"pack": {"together": 1}, "deliver": {"lead": 2, "together": 1}},
        {"pack": frozenset({"COOL"}), "deliver": frozenset({"AMB", "COOL"})},
    )
    day = local_day(MONDAY_MORNING)
    assert [
        (miss.stage, miss.classes, miss.reasons) for miss in failures.misses(refusal, postcode="9000", day=day)
    ] == [("chain", ("AMB", "COOL"), ("together",))]


def test_the_overview_names_the_gap_and_who_could_fill_it(shop: Market, session: Session) -> None:
    narrow(shop, "DELIVER_BIKE")
    look(shop, shop.basket(1, 0))
    found = coverage.of_hub(session, hub_id=shop.cycle.hub_id, distance=shop.gateways.distance, now=shop.now)
    worst = found.covers[0]
    assert (worst.need.key, coverage.classes_key(worst.need), worst.quotes) == ("deliver", "COOL", 1)
    assert "9000" in {spot.postcode for spot in worst.missing}
    assert {helper.who.name for helper in worst.helpers if helper.lacks == "radius"} == {"De Fiets", "De Bakfiets"}
    pack = found.find("pack", "COOL")
    assert pack is not None
    assert not pack.is_gap


def test_old_counts_are_forgotten(shop: Market, session: Session) -> None:
    narrow(shop, "DELIVER_BIKE")
    look(shop, shop.basket(1, 0))
    housekeeping.forget_old(session, now=shop.now + timedelta(days=300))
    assert len(counted(session)) == 1
    housekeeping.forget_old(session, now=shop.now + timedelta(days=370))
    assert counted(session) == []
