"""A batch chooses the processors of every kind: orders whose goods are washed here and cut there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.catalogue.models import Product
from shortchain.enterprises.models import Enterprise, PriceForm
from shortchain.fulfilment.models import LIVE_JOBS, Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.workflows import batching, cycles, fulfilment
from tests.integration.workflows.test_batching import assert_capacity_is_kept, run_of
from tests.support.factories import enterprises
from tests.support.market import Market, market

SMALL, LARGE = 40, 400
"""Pieces of 250 g of either product: 10 and 100 kg."""
ROOM_G = 100_000


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have a cheap and a dear washer and cutter; the cheap ones have room for one large order, on one day."""
    shop = market(session, gateways, left=2000, capacity=500)
    for offer, service in zip(shop.offers, ("WASH", "CUT"), strict=True):
        session.get_one(Product, offer.product_id).process_service = service
        for name, cents, room in (("goedkoop", 20, [0, 0, 0, ROOM_G, 0, 0, 0]), ("duur", 90, [10 * ROOM_G] * 7)):
            made = enterprises.provider(
                session,
                service,
                name=f"{service} {name}",
                price_cents=cents,
                price_form=PriceForm.KG,
                capacity=room,
            )
            gateways.payments.enable(made.stripe_account)  # type: ignore[attr-defined]
    session.commit()
    return shop


def processors_of(shop: Market, order: Order) -> set[str]:
    live = [job for job in shop.jobs(order.id, Stage.PROCESS) if job.state in LIVE_JOBS]
    names = {shop.session.get_one(Enterprise, job.enterprise_id).name for job in live}
    shop.session.rollback()
    assert len(live) == len(names) == 2
    return names


def cut_off(shop: Market) -> None:
    shop.now = shop.cycle.closes_at + timedelta(minutes=1)
    cycles.close_due(shop.session, now=shop.now)
    assert batching.run_asked(shop.session, shop.gateways, now=shop.now) == 1


def test_it_lets_orders_change_their_washer_and_their_cutter(shop: Market, session: Session) -> None:
    small, large = shop.order(SMALL, SMALL), shop.order(LARGE, LARGE)
    assert processors_of(shop, small) == {"WASH goedkoop", "CUT goedkoop"}
    assert processors_of(shop, large) == {"WASH duur", "CUT duur"}
    cut_off(shop)
    assert processors_of(shop, small) == {"WASH duur", "CUT duur"}
    assert processors_of(shop, large) == {"WASH goedkoop", "CUT goedkoop"}
    run = run_of(session)
    assert (run.orders, run.staying, run.moved, run.unserved) == (2, 0, 2, 0)
    assert run.bound <= run.cost < run.cost_before
    assert_capacity_is_kept(session)


def test_it_leaves_the_kind_that_somebody_promised(shop: Market, session: Session) -> None:
    small, large = shop.order(SMALL, SMALL), shop.order(LARGE, LARGE)
    washes = next(job for job in shop.jobs(small.id, Stage.PROCESS) if job.service == "WASH")
    fulfilment.accept_job(
        session,
        job_public_id=washes.public_id,
        enterprise_id=washes.enterprise_id,
        by=Actor("user", 1),
        now=shop.now,
    )
    cut_off(shop)
    assert processors_of(shop, small) == {"WASH goedkoop", "CUT duur"}
    assert processors_of(shop, large) == {"WASH duur", "CUT goedkoop"}
    assert_capacity_is_kept(session)
