"""A provider closes suddenly, proposes another day, or is replaced by hand; the customer notices nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket
from shortchain.delivery import choices
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState, RouteDecision, Stage
from shortchain.journal import Actor, JournalEntry
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.routing.explain import recompute
from shortchain.routing.plans import Policy
from shortchain.workflows import closing, coordination, declining, fulfilment
from shortchain.workflows.coordination import ImpossibleChoice, NoReason, NothingChanges
from tests.support.factories import enterprises
from tests.support.market import Market, market

SOMEBODY = Actor("user", 1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def pack_job(shop: Market, order: Order) -> Job:
    return shop.jobs(order.id, Stage.PACK)[-1]


def delivery_day(shop: Market) -> date:
    day = local_day(shop.window.starts_at)
    shop.session.rollback()
    return day


def close(shop: Market, party: int, **days: date) -> closing.Moved:
    first = days.get("first", local_day(shop.now))
    return closing.close_suddenly(
        shop.session,
        shop.gateways,
        enterprise_id=party,
        first_day=first,
        last_day=days.get("last", first + timedelta(days=13)),
        reason="De bestelwagen is stuk",
        by=SOMEBODY,
        now=shop.now,
    )


def to_customers(session: Session) -> int:
    count = session.scalar(select(func.count(Notice.id)).where(Notice.template != "jobs_offered")) or 0
    session.rollback()
    return count


def test_gives_all_work_of_a_closed_provider_to_others(shop: Market, session: Session) -> None:
    orders = [shop.order(1, 1) for _ in range(3)]
    owner = shop.packers[0].id
    before, totals = to_customers(session), [order.total_cents for order in orders]
    assert close(shop, owner) == closing.Moved(found=3, unrouted=0, left=0)
    for order, total in zip(orders, totals, strict=True):
        old, new = shop.jobs(order.id, Stage.PACK)
        assert (old.state, new.state) == (JobState.WITHDRAWN, JobState.OFFERED)
        assert new.enterprise_id == shop.packers[1].id
        assert session.get_one(Order, order.id, populate_existing=True).total_cents == total
    assert to_customers(session) == before
    booked = session.execute(
        select(CapacityBucket.cap, CapacityBucket.held + CapacityBucket.confirmed).where(
            CapacityBucket.capability_id == shop.jobs(orders[0].id, Stage.PACK)[0].capability_id
        )
    ).all()
    assert {tuple(row) for row in booked} == {(0, 0)}
    session.rollback()


def test_leaves_started_work_where_it_is(shop: Market, session: Session) -> None:
    busy, waiting = shop.order(1, 0), shop.order(1, 0)
    job, owner = pack_job(shop, busy), shop.packers[0].id
    fulfilment.accept_job(session, job_public_id=job.public_id, enterprise_id=owner, by=SOMEBODY, now=shop.now)
    fulfilment.start_job(session, job_public_id=job.public_id, enterprise_id=owner, by=SOMEBODY, now=shop.now)
    assert close(shop, owner).found == 1
    assert [one.state for one in shop.jobs(busy.id, Stage.PACK)] == [JobState.STARTED]
    assert pack_job(shop, waiting).enterprise_id == shop.packers[1].id


def test_gives_a_person_what_nobody_can_do(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    close(shop, shop.packers[1].id)
    assert close(shop, shop.packers[0].id) == closing.Moved(found=0, unrouted=1, left=0)
    task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.order_id == order.id)).one()
    assert (task.kind, task.data["key"], task.data["stages"]["pack"]) == ("unrouted", "pack", {"closed": 2})
    session.rollback()
    assert closing.reroute_closed(session, shop.gateways, now=shop.now) == 0


def test_the_worker_finishes_what_a_press_left(shop: Market, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    orders = [shop.order(1, 0) for _ in range(3)]
    assert close(shop, shop.packers[0].id) == closing.Moved(found=1, unrouted=0, left=2)
    assert closing.reroute_closed(session, shop.gateways, now=shop.now) == 2
    assert closing.reroute_closed(session, shop.gateways, now=shop.now) == 0
    assert {pack_job(shop, order).enterprise_id for order in orders} == {shop.packers[1].id}


def test_closing_the_wrong_days_changes_nothing(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    far = local_day(shop.now) + timedelta(days=60)
    assert close(shop, shop.packers[0].id, first=far, last=far) == closing.Moved(0, 0, 0)
    assert len(shop.jobs(order.id, Stage.PACK)) == 1


def propose(shop: Market, job: Job, day: date, half: str = "") -> bool:
    public_id, owner = job.public_id, job.enterprise_id
    shop.session.rollback()
    return fulfilment.propose_time(
        shop.session,
        shop.gateways,
        job_public_id=public_id,
        enterprise_id=owner,
        day=day,
        half=half,
        by=SOMEBODY,
        now=shop.now,
    )


def test_takes_another_day_that_suits_the_chain(shop: Market, session: Session) -> None:
    shop.window.starts_at += timedelta(days=1)  # a day more between the close of the cycle and the door
    shop.window.ends_at += timedelta(days=1)
    session.commit()
    order = shop.order(1, 1)
    job = pack_job(shop, order)
    suiting = choices.other_days(session, job=job, now=shop.now)
    session.rollback()
    assert suiting
    assert propose(shop, job, suiting[0])
    old, new = shop.jobs(order.id, Stage.PACK)
    assert (old.state, new.state, new.day) == (JobState.WITHDRAWN, JobState.ACCEPTED, suiting[0])
    assert new.enterprise_id == old.enterprise_id
    used = dict(
        session.execute(
            select(CapacityBucket.day, CapacityBucket.confirmed).where(
                CapacityBucket.capability_id == new.capability_id
            )
        ).all()
    )
    assert used == {old.day: 0, new.day: 1}
    session.rollback()


def test_asks_the_coordinator_about_a_day_that_does_not_suit(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    job = pack_job(shop, order)
    late = delivery_day(shop) + timedelta(days=1)
    assert not propose(shop, job, late)
    assert not propose(shop, job, late + timedelta(days=1))
    task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.order_id == order.id)).one()
    assert (task.kind, task.data["job"]) == ("other_time", pack_job(shop, order).public_id)
    assert pack_job(shop, order).state is JobState.OFFERED
    coordination.ask_another(
        session,
        shop.gateways,
        task_public_id=session.scalars(select(CoordinatorTask.public_id)).one(),
        hub_id=session.get_one(Order, order.id).hub_id,
        by=SOMEBODY,
        now=shop.now,
    )
    first, second = shop.jobs(order.id, Stage.PACK)
    assert (first.state, second.enterprise_id) == (JobState.DECLINED, shop.packers[1].id)


def test_asks_nothing_about_a_time_of_work_that_went_elsewhere(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    job = pack_job(shop, order)
    assert not propose(shop, job, delivery_day(shop) + timedelta(days=1))
    close(shop, job.enterprise_id)
    session.rollback()
    assert shop.jobs(order.id, Stage.PACK)[-1].enterprise_id == shop.packers[1].id
    assert session.scalars(select(CoordinatorTask).where(CoordinatorTask.done_at.is_(None))).all() == []


def test_never_moves_the_day_of_the_customer(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    job = shop.jobs(order.id, Stage.DELIVER)[0]
    assert not propose(shop, job, job.day + timedelta(days=1))
    assert [one.state for one in shop.jobs(order.id, Stage.DELIVER)] == [JobState.OFFERED]


@pytest.mark.parametrize("days", [-30, 0, 15])
def test_refuses_a_day_that_cannot_be(shop: Market, days: int) -> None:
    job = pack_job(shop, shop.order(1, 0))
    day = job.day if days == 0 else local_day(shop.now) + timedelta(days=days)
    with pytest.raises(fulfilment.BadTime):
        propose(shop, job, day)


def choose(shop: Market, order: Order, capability_id: int, reason: str = "Zij hebben plaats over") -> None:
    number, hub = order.id, order.hub_id
    shop.session.rollback()
    coordination.choose_provider(
        shop.session,
        shop.gateways,
        order_id=number,
        hub_id=hub,
        key="pack",
        capability_id=capability_id,
        reason=reason,
        by=SOMEBODY,
        now=shop.now,
    )


def listed(shop: Market, order: Order, key: str = "pack") -> list[choices.Choice]:
    found = choices.for_stage(
        shop.session,
        order=shop.session.get_one(Order, order.id),
        key=key,
        distance=shop.gateways.distance,
        policy=Policy(),
        now=shop.now,
    )
    shop.session.rollback()
    return found


def test_ranks_who_could_do_it_with_what_it_costs_more(shop: Market) -> None:
    full = enterprises.packer(shop.session, name="De Volle", price_cents=1, capacity=[0] * 7)
    order = shop.order(1, 1)
    first, second, third = listed(shop, order)
    assert (first.name, first.is_now, first.extra_cents) == ("De Pakker", True, 0)
    assert (second.name, second.is_now, second.extra_cents) == ("De Inpakker", False, 60)
    assert (third.name, third.reason) == (full.name, "closed")


def test_gives_a_stage_to_whom_the_coordinator_chose(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    total = order.total_cents
    choose(shop, order, listed(shop, order)[1].capability_id)
    old, new = shop.jobs(order.id, Stage.PACK)
    assert (old.state, new.state) == (JobState.WITHDRAWN, JobState.OFFERED)
    assert new.enterprise_id == shop.packers[1].id
    decision = session.scalars(select(RouteDecision).order_by(RouteDecision.version.desc()).limit(1)).one()
    assert (decision.mode, decision.by_user_id) == ("manual", 1)
    assert decision.explanation["note"] == "Zij hebben plaats over"
    assert recompute(decision.explanation)[0] == decision.explanation["billed_cents"]
    assert session.get_one(Order, order.id, populate_existing=True).total_cents == total
    said = session.scalars(select(JournalEntry).where(JournalEntry.what == "order.provider_chosen")).one()
    assert (said.by_user_id, said.data["stage"]) == (1, "pack")
    session.rollback()


def test_choosing_by_hand_settles_the_task_that_nobody_was_found(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    for packer in shop.packers:
        job = pack_job(shop, order)
        declining.decline_job(
            session,
            shop.gateways,
            job_public_id=job.public_id,
            enterprise_id=packer.id,
            reason="",
            by=SOMEBODY,
            now=shop.now,
        )
    first = listed(shop, order)[0]
    assert (first.said_no, first.extra_cents) == (True, None)
    choose(shop, order, first.capability_id, "Gebeld, het kan toch")
    assert pack_job(shop, order).state is JobState.OFFERED
    assert session.scalars(select(CoordinatorTask)).one().answer == "chosen"
    session.rollback()


def test_refuses_a_choice_that_makes_no_sense(shop: Market, session: Session) -> None:
    full = enterprises.packer(session, name="De Volle", price_cents=1, capacity=[0] * 7)
    order = shop.order(1, 0)
    now, _other, closed = listed(shop, order)
    with pytest.raises(NoReason):
        choose(shop, order, now.capability_id, " ")
    with pytest.raises(NothingChanges):
        choose(shop, order, now.capability_id)
    with pytest.raises(ImpossibleChoice):
        choose(shop, order, closed.capability_id)
    assert full.name == closed.name
    with pytest.raises(NotFound):
        listed(shop, order, "process:wash")
    job = pack_job(shop, order)
    owner = job.enterprise_id
    fulfilment.accept_job(session, job_public_id=job.public_id, enterprise_id=owner, by=SOMEBODY, now=shop.now)
    fulfilment.start_job(session, job_public_id=job.public_id, enterprise_id=owner, by=SOMEBODY, now=shop.now)
    with pytest.raises(choices.Begun):
        listed(shop, order)
    session.rollback()
    with pytest.raises(choices.Begun):
        choose(shop, order, now.capability_id)
    assert len(shop.jobs(order.id, Stage.PACK)) == 1
