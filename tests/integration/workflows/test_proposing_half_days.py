"""A provider proposes a half of a day: it moves where chain, window and room allow, and else asks the coordinator."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket
from shortchain.catalogue.models import Product
from shortchain.checks import check_all
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises import weeks
from shortchain.enterprises.models import Capability, PriceForm
from shortchain.enterprises.weeks import HalfDay
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.halves import AFTERNOON, MORNING
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.workflows import declining, fulfilment, offering
from tests.integration.workflows.test_rerouting import SOMEBODY, pack_job, propose
from tests.support.factories import enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have an order cycle with a day between its close and the morning of the delivery."""
    shop = market(session, gateways)
    shop.window.starts_at += timedelta(hours=17)  # from Thursday at 17 to Friday at 10 o'clock
    shop.window.ends_at += timedelta(hours=17)
    session.commit()
    return shop


def plan_day(shop: Market, capability_id: int, day: date, owner: int | None = None, **amounts: int) -> None:
    owner = owner or shop.packers[0].id
    monday = day - timedelta(days=day.weekday())
    version = weeks.read(shop.session, enterprise_id=owner, monday=monday).version
    shop.session.rollback()
    offering.save_week(
        shop.session,
        enterprise_id=owner,
        monday=monday,
        version=version,
        halves=[HalfDay(day, half, 1, 240, {capability_id: amount}) for half, amount in amounts.items()],
        now=shop.now,
        by=SYSTEM,
    )


def booked(shop: Market, job: Job) -> tuple[int, int, int]:
    """Give what is promised of the job's day, of its morning and of its afternoon."""
    query = select(CapacityBucket).where(
        CapacityBucket.capability_id == job.capability_id, CapacityBucket.day == job.day
    )
    one = shop.session.scalars(query.execution_options(populate_existing=True)).one()
    found = one.held + one.confirmed, one.morning_taken, one.afternoon_taken
    shop.session.rollback()
    return found


def task_of(shop: Market, order_id: int) -> CoordinatorTask:
    return shop.session.scalars(select(CoordinatorTask).where(CoordinatorTask.order_id == order_id)).one()


def test_moves_to_a_half_of_the_same_day_and_holds_it(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    job = pack_job(shop, order)
    assert booked(shop, job) == (1, 0, 0)
    assert propose(shop, job, job.day, AFTERNOON)
    old, new = shop.jobs(order.id, Stage.PACK)
    assert (old.state, new.state, new.day, new.half) == (JobState.WITHDRAWN, JobState.ACCEPTED, old.day, AFTERNOON)
    assert new.enterprise_id == old.enterprise_id
    assert booked(shop, new) == (1, 0, 1)
    assert propose(shop, new, new.day, MORNING)
    assert booked(shop, new) == (1, 1, 0)
    assert propose(shop, pack_job(shop, order), new.day)  # either half, after all
    assert booked(shop, new) == (1, 0, 0)
    assert check_all(session, now=shop.now) == []
    session.rollback()


def test_a_half_of_another_day(shop: Market) -> None:
    shop.window.starts_at += timedelta(hours=7)  # boxes for the afternoon may be packed that morning too
    shop.window.ends_at += timedelta(hours=7)
    shop.session.commit()
    order = shop.order(1, 0)
    job = pack_job(shop, order)
    other = job.day - timedelta(days=1)
    assert propose(shop, job, other, MORNING)
    new = pack_job(shop, order)
    assert (new.day, new.half, booked(shop, new), booked(shop, job)) == (other, MORNING, (1, 1, 0), (0, 0, 0))


def test_asks_the_coordinator_when_the_half_is_full(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    job = pack_job(shop, order)
    plan_day(shop, job.capability_id, job.day, morning=5, afternoon=0)
    assert not propose(shop, job, job.day, AFTERNOON)
    task = task_of(shop, order.id)
    assert (task.kind, task.data["day"], task.data["half"]) == ("other_time", job.day.isoformat(), AFTERNOON)
    assert task.data["stages"]["pack"]["capacity"] == 1
    session.rollback()
    kept = pack_job(shop, order)
    assert (kept.state, kept.half, booked(shop, kept)) == (JobState.OFFERED, "", (1, 0, 0))
    assert propose(shop, kept, kept.day, MORNING)  # that half has room


def test_the_afternoon_of_the_delivery_is_too_late(shop: Market, session: Session) -> None:
    shop.window.starts_at += timedelta(hours=7)
    shop.window.ends_at += timedelta(hours=7)
    session.commit()
    order = shop.order(1, 0)
    day = local_day(shop.window.starts_at)
    assert not propose(shop, pack_job(shop, order), day, AFTERNOON)
    assert task_of(shop, order.id).data["stages"] == {"pack": {"together": 1}}
    session.rollback()


def test_the_half_of_a_delivery_is_the_customers(shop: Market) -> None:
    order = shop.order(1, 0)
    job = shop.jobs(order.id, Stage.DELIVER)[0]
    assert not propose(shop, job, job.day, AFTERNOON)
    assert [one.state for one in shop.jobs(order.id, Stage.DELIVER)] == [JobState.OFFERED]
    with pytest.raises(fulfilment.BadTime):
        propose(shop, job, job.day, MORNING)  # that is its window


@pytest.mark.parametrize("half", ["", "evening"])
def test_refuses_what_is_no_other_time(shop: Market, half: str) -> None:
    job = pack_job(shop, shop.order(1, 0))
    with pytest.raises(fulfilment.BadTime):
        propose(shop, job, job.day, half)


def test_a_morning_that_is_over_cannot_be_proposed(shop: Market, session: Session) -> None:
    job = pack_job(shop, shop.order(1, 0))
    public_id, owner, session_now = job.public_id, job.enterprise_id, shop.now.replace(hour=14)
    session.rollback()
    with pytest.raises(fulfilment.BadTime):
        fulfilment.propose_time(
            session,
            shop.gateways,
            job_public_id=public_id,
            enterprise_id=owner,
            day=local_day(session_now),
            half=MORNING,
            by=SOMEBODY,
            now=session_now,
        )


def test_work_that_is_given_to_another_is_tied_to_no_half(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    assert propose(shop, pack_job(shop, order), pack_job(shop, order).day, AFTERNOON)
    mine = pack_job(shop, order)
    public_id, owner = mine.public_id, mine.enterprise_id
    session.rollback()
    declining.decline_job(
        session,
        shop.gateways,
        job_public_id=public_id,
        enterprise_id=owner,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    other = pack_job(shop, order)
    assert (other.enterprise_id, other.half) == (shop.packers[1].id, "")
    assert booked(shop, mine) == (0, 0, 0)


def test_the_database_knows_no_third_half(shop: Market, session: Session) -> None:
    job = pack_job(shop, shop.order(1, 0))
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE job SET half = 'evening' WHERE id = :id"), {"id": job.id})
    session.rollback()


def decline(shop: Market, job: Job, *, found: bool = True) -> None:
    public_id, owner = job.public_id, job.enterprise_id
    shop.session.rollback()
    answer = declining.decline_job(
        shop.session,
        shop.gateways,
        job_public_id=public_id,
        enterprise_id=owner,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert answer is found


@pytest.mark.parametrize("afternoon", [50, 0])
def test_the_afternoon_of_a_processor_stays_the_afternoon_for_packer_and_carrier(
    shop: Market, session: Session, afternoon: int
) -> None:
    """Washed in the afternoon, packed that day: in that afternoon, whoever packs and brings in the end, or by nobody."""
    washer = enterprises.provider(session, "WASH", name="De Wasserij", price_form=PriceForm.KG, capacity=[90_000] * 7)
    shop.gateways.payments.enable(washer.stripe_account)  # type: ignore[attr-defined]
    session.get_one(Product, shop.offers[0].product_id).process_service = "WASH"
    session.commit()
    order = shop.order(4, 0)
    washing, packing = shop.jobs(order.id, Stage.PROCESS)[0], pack_job(shop, order)
    assert washing.day == packing.day, "what is washed waits for nobody"
    assert not propose(shop, washing, washing.day, AFTERNOON), "it may be packed in the morning"
    assert propose(shop, pack_job(shop, order), packing.day, AFTERNOON)
    assert propose(shop, shop.jobs(order.id, Stage.PROCESS)[-1], washing.day, AFTERNOON)
    washed, packed = shop.jobs(order.id, Stage.PROCESS)[-1], pack_job(shop, order)
    assert (washed.state, washed.half, booked(shop, washed)) == (JobState.ACCEPTED, AFTERNOON, (1000, 0, 1000))
    assert not propose(shop, pack_job(shop, order), packed.day, MORNING), "there is nothing to pack yet"

    decline(shop, shop.jobs(order.id, Stage.DELIVER)[-1])
    jobs = [shop.jobs(order.id, stage)[-1] for stage in (Stage.PROCESS, Stage.PACK, Stage.DELIVER)]
    assert [job.id for job in jobs[:2]] == [washed.id, packed.id]
    assert [(job.half, job.state) for job in jobs[:2]] == [(AFTERNOON, JobState.ACCEPTED)] * 2
    assert (booked(shop, washed), booked(shop, packed)) == ((1000, 0, 1000), (1, 0, 1))
    brought = shop.jobs(order.id, Stage.DELIVER)[-1]
    ways = session.scalars(select(Leg).where(Leg.order_id == order.id, Leg.state != LegState.WITHDRAWN)).all()
    by_carrier = {way.carrier_id: (way.from_enterprise_id, way.day) for way in ways}
    assert by_carrier[washer.id] == (washer.id, washed.day)
    assert by_carrier[brought.enterprise_id] == (shop.packers[0].id, local_day(shop.window.starts_at))
    session.rollback()

    other_packs = session.scalars(select(Capability.id).where(Capability.enterprise_id == shop.packers[1].id)).one()
    plan_day(shop, other_packs, packed.day, owner=shop.packers[1].id, morning=50, afternoon=afternoon)
    decline(shop, pack_job(shop, order), found=afternoon > 0)
    other = pack_job(shop, order)
    assert booked(shop, packed) == (0, 0, 0)
    if afternoon:
        assert (other.enterprise_id, other.day, other.half) == (shop.packers[1].id, packed.day, AFTERNOON)
        assert booked(shop, other) == (1, 0, 1)
    else:
        assert other.state is JobState.DECLINED, "its morning is before it is washed"
        task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.order_id == order.id)).all()[-1]
        assert (task.kind, task.data["stages"]["pack"]) == ("unrouted", {"excluded": 1, "capacity": 1})
        session.rollback()
    assert (shop.jobs(order.id, Stage.PROCESS)[-1].half, booked(shop, washed)) == (AFTERNOON, (1000, 0, 1000))
    assert check_all(session, now=shop.now) == []
    session.rollback()
