"""What a provider reads of its work, also when it does two steps of one order."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import boards
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import Enterprise, PriceForm
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.ordering.models import Order
from shortchain.transaction import transaction
from shortchain.workflows import coordination
from shortchain.workflows import fulfilment as deeds
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, fulfilment, ordering


@pytest.fixture
def kitchen(session: Session) -> Enterprise:
    """A place that washes and packs; two farms bring, one of them something to wash."""
    place = enterprises.packer(session, name="Keuken")
    enterprises.capability(
        session,
        place,
        "WASH",
        price_form=PriceForm.KG,
        price_cents=40,
        weekday_capacity=[500_000] * 7,
    )
    enterprises.deliverer(session)
    return place


@pytest.fixture
def order(session: Session, kitchen: Enterprise) -> Order:
    cycle = catalogue.cycle(session, closes_at=MONDAY_MORNING.replace(hour=20))
    made = ordering.order(session, cycle, catalogue.window(session, cycle))
    for name, service in (("Wasboer", "WASH"), ("Droogboer", None)):
        product = catalogue.product(session, enterprises.farm(session, name=name), name=name)
        ordering.order_line(
            session,
            made,
            catalogue.offer(session, product, cycle),
            product,
            process_service=service,
        )
    fulfilment.laid_order(session, made)
    deeds_of_payment(session, made)
    return made


def deeds_of_payment(session: Session, order: Order) -> None:
    """Offer the jobs, as a payment does, and accept them."""
    with transaction(session):
        jobs.offer_planned(session, order_id=order.id, now=MONDAY_MORNING)
    for job in session.scalars(select(Job)).all():
        deeds.accept_job(
            session,
            job_public_id=job.public_id,
            enterprise_id=job.enterprise_id,
            by=SYSTEM,
            now=MONDAY_MORNING,
        )


def read(session: Session, kitchen: Enterprise, stage: Stage) -> boards.WorkJob:
    session.rollback()
    job = session.scalars(select(Job).where(Job.stage == stage)).one()
    return boards.job_of(session, enterprise_id=kitchen.id, public_id=job.public_id)


def test_names_for_each_step_who_brings(session: Session, kitchen: Enterprise, order: Order) -> None:
    assert read(session, kitchen, Stage.PROCESS).brought_by == ("Wasboer",)
    assert set(read(session, kitchen, Stage.PACK).brought_by) == {"Wasboer", "Droogboer"}


def test_takes_for_washing_only_what_is_to_be_washed(session: Session, kitchen: Enterprise, order: Order) -> None:
    wash = read(session, kitchen, Stage.PROCESS)
    deeds.start_job(
        session,
        job_public_id=wash.public_id,
        enterprise_id=kitchen.id,
        by=SYSTEM,
        now=MONDAY_MORNING,
    )
    assert read(session, kitchen, Stage.PACK).missing == ("Droogboer",)
    arrived = session.scalars(select(Leg).where(Leg.state == LegState.DELIVERED)).all()
    assert len(arrived) == 1


def test_refuses_to_pack_what_is_not_washed(session: Session, kitchen: Enterprise, order: Order) -> None:
    pack = read(session, kitchen, Stage.PACK)
    with pytest.raises(deeds.TooEarly):
        deeds.start_job(
            session,
            job_public_id=pack.public_id,
            enterprise_id=kitchen.id,
            by=SYSTEM,
            now=MONDAY_MORNING,
        )


def test_refuses_to_pack_while_nobody_washes(session: Session, kitchen: Enterprise, order: Order) -> None:
    pack = read(session, kitchen, Stage.PACK)
    with transaction(session):
        wash = session.scalars(select(Job).where(Job.stage == Stage.PROCESS)).one()
        wash.move("decline")
        task = jobs.ask_coordinator(
            session, order=order, kind="unrouted", now=MONDAY_MORNING, stage="process", key="process:WASH"
        )
        key = task.public_id

    def start() -> None:
        deeds.start_job(session, job_public_id=pack.public_id, enterprise_id=kitchen.id, by=SYSTEM, now=MONDAY_MORNING)

    with pytest.raises(jobs.NobodyBefore):
        start()
    session.rollback()
    coordination.finish_task(
        session, task_public_id=key, hub_id=order.hub_id, answer="de boer waste ze", by=SYSTEM, now=MONDAY_MORNING
    )
    start()  # the coordinator says that it is settled
    session.rollback()
    assert session.scalars(select(Job.state).where(Job.stage == Stage.PACK)).one() is JobState.STARTED


def test_says_what_the_job_does_to_the_day(session: Session, kitchen: Enterprise, order: Order) -> None:
    load = read(session, kitchen, Stage.PACK).load
    assert load == boards.Load(before=0, after=1, cap=50)


def test_adds_up_what_a_day_needs(session: Session, kitchen: Enterprise, order: Order) -> None:
    pack = read(session, kitchen, Stage.PACK)
    work = boards.work_of(session, enterprise_id=kitchen.id, day=pack.day)
    sums = boards.totals([job for job in work if job.stage == "pack"])
    assert [(row.farm, row.amount, row.orders) for row in sums] == [
        ("Droogboer", 1, 1),
        ("Wasboer", 1, 1),
    ]
