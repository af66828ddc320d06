"""A no to many requests: noted at once for all of them, carried out by the press and the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.checks import check_all
from shortchain.delivery import boards
from shortchain.fulfilment import jobs, refusals
from shortchain.fulfilment.jobs import AlreadyAnswered
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState, RouteDecision, Stage
from shortchain.fulfilment.refusals import Became
from shortchain.fulfilment.verifying import GRACE, orders_have_hands
from shortchain.journal import Actor, JournalEntry
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.workflows import coordination, declining, fulfilment
from tests.support.market import Market, market

SOMEBODY = Actor("user", 1)
DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, gateways: Gateways, monkeypatch: pytest.MonkeyPatch) -> Market:
    """Let the press find somebody for one request only, so that the worker has the others."""
    monkeypatch.setattr(declining, "AT_ONCE", 1)
    return market(session, gateways)


def pack_job(shop: Market, order: Order) -> Job:
    return shop.jobs(order.id, Stage.PACK)[-1]


def decline(shop: Market, orders: list[Order]) -> declining.Declined:
    names = [pack_job(shop, order).public_id for order in orders]
    return declining.decline_jobs(
        shop.session,
        shop.gateways,
        job_public_ids=names,
        enterprise_id=shop.packers[0].id,
        reason="vol",
        by=SOMEBODY,
        now=shop.now,
    )


def asked_of(shop: Market, party: int) -> list[str]:
    found = [one.public_id for one in boards.requests_of(shop.session, enterprise_id=party)]
    shop.session.rollback()
    return found


def became(shop: Market, later: timedelta = timedelta(0)) -> Became:
    found = refusals.became(shop.session, enterprise_id=shop.packers[0].id, now=shop.now + later)
    shop.session.rollback()
    return found


def test_the_worker_finishes_what_the_press_left(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(4)]
    before, first, second = [pack_job(shop, order) for order in orders], *(packer.id for packer in shop.packers)
    assert decline(shop, orders) == declining.Declined(found=1, unrouted=0, left=3, gone=0)
    assert asked_of(shop, first) == [], "the page shows none of them any more"
    assert became(shop) == Became(left=3, found=1, unrouted=0)
    waiting = [order for order in orders if pack_job(shop, order).enterprise_id == first]
    assert [pack_job(shop, order).state for order in waiting] == [JobState.OFFERED] * 3, "each has a whole chain"
    assert check_all(session, now=shop.now) == []
    session.rollback()

    assert declining.replace_refused(session, shop.gateways, now=shop.now + DAY / 24) == 3
    assert declining.replace_refused(session, shop.gateways, now=shop.now + DAY / 24) == 0
    assert sorted(asked_of(shop, second)) == sorted(pack_job(shop, order).public_id for order in orders)
    after = session.scalars(select(Job).where(Job.id.in_([job.id for job in before]))).all()
    assert {(job.state, job.answered_at, job.reason) for job in after} == {(JobState.DECLINED, shop.now, "vol")}
    said = session.scalars(select(JournalEntry).where(JournalEntry.what == "job.declined")).all()
    assert [(one.by_user_id, one.at) for one in said] == [(1, shop.now)] * 4, "each once, by who pressed"
    session.rollback()
    assert became(shop) == Became(left=0, found=4, unrouted=0)
    assert became(shop, DAY) == Became(0, 0, 0), "which is no news the day after"
    assert check_all(session, now=shop.now) == []
    session.rollback()


def test_what_was_refused_can_neither_be_accepted_nor_moved_nor_expire(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    decline(shop, orders)
    owner = shop.packers[0].id
    [waiting] = [job for job in (pack_job(shop, order) for order in orders) if job.enterprise_id == owner]
    name, day, deadline = waiting.public_id, waiting.day, waiting.answer_by
    session.rollback()
    with pytest.raises(AlreadyAnswered):
        fulfilment.accept_job(session, job_public_id=name, enterprise_id=owner, by=SOMEBODY, now=shop.now)
    with pytest.raises(AlreadyAnswered):
        declining.decline_job(
            session,
            shop.gateways,
            job_public_id=name,
            enterprise_id=owner,
            reason="",
            by=SOMEBODY,
            now=shop.now,
        )
    with pytest.raises(AlreadyAnswered):
        fulfilment.propose_time(
            session, shop.gateways, job_public_id=name, enterprise_id=owner, day=day - DAY, by=SOMEBODY, now=shop.now
        )
    with pytest.raises(NotFound):
        boards.job_of(session, enterprise_id=owner, public_id=name)
    assert deadline is not None
    assert waiting.id not in jobs.overdue(session, now=deadline + DAY)
    assert declined_by(session, waiting.order_id) == {owner}, "whoever plans meanwhile knows of the no"
    session.rollback()


def declined_by(session: Session, order_id: int) -> frozenset[int]:
    return jobs.declined_by(session, order_id=order_id)


def test_what_a_colleague_accepted_meanwhile_stays_accepted(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    taken = pack_job(shop, orders[0])
    fulfilment.accept_job(
        session, job_public_id=taken.public_id, enterprise_id=taken.enterprise_id, by=SOMEBODY, now=shop.now
    )
    assert decline(shop, orders) == declining.Declined(found=1, unrouted=0, left=0, gone=1)
    assert pack_job(shop, orders[0]).state is JobState.ACCEPTED


def test_a_second_press_changes_nothing(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(3)]
    names = [pack_job(shop, order).public_id for order in orders]
    decline(shop, orders)
    again = declining.decline_jobs(
        session,
        shop.gateways,
        job_public_ids=names,
        enterprise_id=shop.packers[0].id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert (again.gone, again.found, again.left) == (3, 1, 1), "but that it does one of those that waited"
    assert [len(shop.jobs(order.id, Stage.PACK)) for order in orders].count(2) == 2


def test_the_worker_leaves_what_a_coordinator_moved_meanwhile(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    decline(shop, orders)
    [order] = [order for order in orders if pack_job(shop, order).enterprise_id == shop.packers[0].id]
    number, hub = order.id, order.hub_id
    other = shop.jobs(next(one for one in orders if one is not order).id, Stage.PACK)[-1].capability_id
    coordination.choose_provider(
        session,
        shop.gateways,
        order_id=number,
        hub_id=hub,
        key="pack",
        capability_id=other,
        reason="Gebeld",
        by=SOMEBODY,
        now=shop.now,
    )
    assert declining.replace_refused(session, shop.gateways, now=shop.now) == 0
    modes = session.scalars(
        select(RouteDecision.mode).where(RouteDecision.order_id == number).order_by(RouteDecision.version)
    ).all()
    assert modes == ["online", "manual"]
    assert became(shop) == Became(left=0, found=2, unrouted=0)


def test_it_tells_for_how_many_nobody_was_found(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    for order in orders:
        decline(shop, [order])
    names = [pack_job(shop, order).public_id for order in orders]
    answer = declining.decline_jobs(
        session,
        shop.gateways,
        job_public_ids=names,
        enterprise_id=shop.packers[1].id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert answer == declining.Declined(found=0, unrouted=1, left=1, gone=0)
    assert declining.replace_refused(session, shop.gateways, now=shop.now) == 1
    found = refusals.became(session, enterprise_id=shop.packers[1].id, now=shop.now)
    assert found == Became(left=0, found=0, unrouted=2)
    assert {task.kind for task in session.scalars(select(CoordinatorTask))} == {"unrouted"}
    session.rollback()


def test_the_check_finds_a_no_that_nobody_carried_out(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 0) for _ in range(2)]
    decline(shop, orders)
    assert orders_have_hands(session, shop.now + GRACE) == []
    [late] = orders_have_hands(session, shop.now + GRACE + timedelta(minutes=1))
    assert late.endswith("was declined, and nobody else was sought")
    session.rollback()
