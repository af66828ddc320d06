"""Several orders lose somebody at once: others are chosen for all of them together, never one before the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket
from shortchain.cli.routing import told
from shortchain.delivery import rerouting, together
from shortchain.enterprises.models import Capability, Enterprise, PriceForm
from shortchain.fulfilment import decisions
from shortchain.fulfilment.models import LIVE_JOBS, CoordinatorTask, Job, JobState, Stage
from shortchain.fulfilment.verifying import decisions_add_up
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order
from shortchain.routing.told import chances
from shortchain.workflows import closing, declining, fulfilment
from tests.support.factories import enterprises
from tests.support.market import Market, market

SOMEBODY = Actor("user", 1)
ONE_BOX, THREE_BOXES = 4, 140
"""Pieces of 250 g; a box holds 12 kg."""


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have a packer who is about to fall out, a cheap one with room for three boxes and a dear one with room for one."""
    shop = market(session, gateways, left=2000)
    cheap, dear = shop.packers[1], enterprises.packer(session, name="De Dure", at=(51.05, 3.72))
    for packer, cents, boxes in ((shop.packers[0], 100, 9), (cheap, 200, 3), (dear, 400, 1)):
        own = session.scalars(select(Capability).where(Capability.enterprise_id == packer.id)).one()
        own.price_form, own.price_cents, own.weekday_capacity = PriceForm.BOX, cents, [0, 0, 0, boxes, 0, 0, 0]
    session.commit()
    return shop


def packer_of(shop: Market, order: Order) -> str | None:
    live = [job for job in shop.jobs(order.id, Stage.PACK) if job.state in LIVE_JOBS]
    name = shop.session.get_one(Enterprise, live[0].enterprise_id).name if live else None
    shop.session.rollback()
    return name


def first_packers_jobs(shop: Market, orders: list[Order]) -> list[Job]:
    found = [shop.jobs(order.id, Stage.PACK)[-1] for order in orders]
    assert {job.enterprise_id for job in found} == {shop.packers[0].id}
    return found


def assert_everybody_has_a_packer(shop: Market, small: Order, large: Order) -> None:
    """One by one, the small order would take the cheap packer, and the large one would have nobody."""
    assert (packer_of(shop, small), packer_of(shop, large)) == ("De Dure", shop.packers[1].name)
    assert not shop.session.scalars(select(CoordinatorTask)).all()
    rows = shop.session.execute(select(CapacityBucket.held + CapacityBucket.confirmed, CapacityBucket.cap)).all()
    assert all(used <= cap for used, cap in rows)
    shop.session.rollback()


def test_closing_gives_all_orders_somebody_where_one_by_one_would_not(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    first_packers_jobs(shop, [small, large])
    today = local_day(shop.now)
    moved = closing.close_suddenly(
        session,
        shop.gateways,
        enterprise_id=shop.packers[0].id,
        first_day=today,
        last_day=today + timedelta(days=13),
        reason="Ziek",
        by=SOMEBODY,
        now=shop.now,
    )
    assert moved == closing.Moved(found=2, unrouted=0, left=0)
    assert_everybody_has_a_packer(shop, small, large)
    assert decisions_add_up(session, shop.now) == []


def test_one_by_one_leaves_the_large_order_with_nobody(shop: Market, session: Session) -> None:
    """Show that the other tests would notice: the small order takes the room that only the large one needs."""
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    for job in first_packers_jobs(shop, [small, large]):
        declining.decline_job(
            session,
            shop.gateways,
            job_public_id=job.public_id,
            enterprise_id=job.enterprise_id,
            reason="",
            by=SOMEBODY,
            now=shop.now,
        )
    assert (packer_of(shop, small), packer_of(shop, large)) == (shop.packers[1].name, None)


def test_declining_several_gives_all_orders_somebody(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    jobs = first_packers_jobs(shop, [small, large])
    answer = declining.decline_jobs(
        session,
        shop.gateways,
        job_public_ids=[*(job.public_id for job in jobs), "not-there"],
        enterprise_id=shop.packers[0].id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert answer == declining.Declined(found=2, unrouted=0, left=0, gone=1)
    assert_everybody_has_a_packer(shop, small, large)
    assert [job.state for job in first_jobs(session, jobs)] == [JobState.DECLINED] * 2


def test_nobody_reads_that_there_was_no_other_way(shop: Market, session: Session) -> None:
    """Who was not looked at, since the choice was for all together, is not told of as one who could not."""
    orders = [shop.order(ONE_BOX), shop.order(THREE_BOXES)]
    declining.decline_jobs(
        session,
        shop.gateways,
        job_public_ids=[job.public_id for job in first_packers_jobs(shop, orders)],
        enterprise_id=shop.packers[0].id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    for said in decisions.newest(session, order_numbers=[order.number for order in orders]).values():
        assert (said.mode, said.explanation["without"]) == (rerouting.TOGETHER, [])
        for packer in shop.packers:
            assert [one for one in chances(said.explanation, packer.id) if one.code not in ("got", "excluded")] == []
        assert "samen met wat tegelijk iemand verloor" in next(told(said))
        assert not any("bekeken" in line for line in told(said)), "one of one says nothing"
    session.rollback()


def test_silence_gives_all_orders_somebody(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    jobs = first_packers_jobs(shop, [small, large])
    deadline = max(job.answer_by for job in jobs if job.answer_by)
    assert declining.expire_offers(session, shop.gateways, now=deadline + timedelta(minutes=1)) == 4, (
        "packer and carrier of both"
    )
    assert_everybody_has_a_packer(shop, small, large)


def test_it_declines_nothing_of_another(shop: Market, session: Session) -> None:
    order = shop.order(ONE_BOX)
    [job] = first_packers_jobs(shop, [order])
    answer = declining.decline_jobs(
        session,
        shop.gateways,
        job_public_ids=[job.public_id, "not-there"],
        enterprise_id=shop.packers[1].id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert answer == declining.Declined(found=0, unrouted=0, left=0, gone=2)
    assert first_jobs(session, [job])[0].state is JobState.OFFERED


def test_it_reads_nothing_for_work_that_has_started(shop: Market, session: Session) -> None:
    order = shop.order(ONE_BOX)
    [job] = first_packers_jobs(shop, [order])
    fulfilment.accept_job(
        session, job_public_id=job.public_id, enterprise_id=job.enterprise_id, by=SYSTEM, now=shop.now
    )
    fulfilment.start_job(session, job_public_id=job.public_id, enterprise_id=job.enterprise_id, by=SYSTEM, now=shop.now)
    assert together.read_hit(session, which=Job.id == job.id, is_refusal=True, now=shop.now) == together.Hit(
        (), None, {}
    )
    session.rollback()


def first_jobs(session: Session, jobs: list[Job]) -> list[Job]:
    found = session.scalars(
        select(Job).where(Job.id.in_([job.id for job in jobs])).execution_options(populate_existing=True)
    ).all()
    session.rollback()
    return list(found)
