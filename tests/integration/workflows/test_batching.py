"""At the cut-off the orders of a cycle are planned together: cheaper, never over capacity, whole at any moment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.capacity.models import CapacityBucket
from shortchain.delivery import batches
from shortchain.delivery.what_ifs import NothingAsked, TooMany, UnknownProvider, WhatIf
from shortchain.enterprises.models import Capability, Enterprise, PriceForm
from shortchain.fulfilment.models import LIVE_JOBS, CoordinatorTask, Job, JobState, RouteDecision, Stage
from shortchain.fulfilment.verifying import decisions_add_up
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.progress import Progress, ProgressState
from shortchain.routing import bids
from shortchain.routing.models import BatchRun
from shortchain.workflows import batching, cycles, declining, fulfilment
from tests.support.market import Market, market

ONE_BOX, THREE_BOXES = 4, 140
"""Pieces of 250 g; a box holds 12 kg."""
SOMEBODY = Actor("user", 1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """Have packers who ask their price per box, with room for three boxes on Thursday only."""
    shop = market(session, gateways, left=2000)
    for packer in shop.packers:
        own = session.scalars(select(Capability).where(Capability.enterprise_id == packer.id)).one()
        own.price_form, own.weekday_capacity = PriceForm.BOX, [0, 0, 0, 3, 0, 0, 0]
    session.commit()
    return shop


def cut_off(shop: Market) -> int:
    """Close the cycle and let the worker plan it."""
    shop.now = shop.cycle.closes_at + timedelta(minutes=1)
    assert cycles.close_due(shop.session, now=shop.now) == 1
    return batching.run_asked(shop.session, shop.gateways, now=shop.now)


def packer_of(shop: Market, order: Order) -> str:
    live = [job for job in shop.jobs(order.id, Stage.PACK) if job.state in LIVE_JOBS]
    assert len(live) == 1
    name = shop.session.get_one(Enterprise, live[0].enterprise_id).name
    shop.session.rollback()
    return name


def run_of(session: Session) -> BatchRun:
    row = session.scalars(select(BatchRun).execution_options(populate_existing=True)).one()
    session.rollback()
    return row


def assert_capacity_is_kept(session: Session) -> None:
    rows = session.execute(
        select(CapacityBucket.capability_id, CapacityBucket.day, CapacityBucket.cap, CapacityBucket.confirmed)
    ).all()
    used: dict[tuple[int, object], int] = {}
    for job in session.scalars(select(Job).where(Job.state.in_(LIVE_JOBS))):
        place = (job.capability_id, job.day)
        used[place] = used.get(place, 0) + job.use
    session.rollback()
    assert {(row[0], row[1]): row[3] for row in rows if row[3]} == used
    assert all(row[3] <= row[2] for row in rows)


def test_it_lets_orders_change_places_when_that_is_cheaper(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    totals = [order.total_cents for order in (small, large)]
    assert [packer_of(shop, order) for order in (small, large)] == ["De Pakker", "De Inpakker"]
    assert cut_off(shop) == 1
    assert [packer_of(shop, order) for order in (small, large)] == ["De Inpakker", "De Pakker"]
    run = run_of(session)
    assert (run.orders, run.moved, run.unserved, run.truncated) == (2, 2, 0, False)
    assert run.bound <= run.cost < run.cost_before
    assert_capacity_is_kept(session)
    for order, total in zip((small, large), totals, strict=True):
        assert session.get_one(Order, order.id, populate_existing=True).total_cents == total, (
            "the customer pays the same"
        )
        decision = session.scalars(
            select(RouteDecision).where(RouteDecision.order_id == order.id).order_by(RouteDecision.version.desc())
        ).first()
        assert decision is not None
        assert (decision.mode, decision.explanation["note"]) == ("batch", run.public_id)
    assert decisions_add_up(session, shop.now) == []


def test_it_tells_each_provider_once_what_it_got(shop: Market, session: Session) -> None:
    shop.order(ONE_BOX)
    shop.order(THREE_BOXES)
    sending.send_due(session, shop.gateways, now=shop.now)
    before = len(session.scalars(select(Notice).where(Notice.template == "jobs_offered")).all())
    cut_off(shop)
    after = session.scalars(select(Notice).where(Notice.template == "jobs_offered")).all()
    assert len(after) - before == 2
    session.rollback()


def test_it_keeps_what_somebody_said_yes_to(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    job = shop.jobs(small.id, Stage.PACK)[0]
    fulfilment.accept_job(
        session, job_public_id=job.public_id, enterprise_id=job.enterprise_id, by=SOMEBODY, now=shop.now
    )
    cut_off(shop)
    assert [packer_of(shop, order) for order in (small, large)] == ["De Pakker", "De Inpakker"]
    assert run_of(session).moved == 0


def test_it_finds_room_for_an_order_that_had_nobody(shop: Market, session: Session) -> None:
    """One packer says no; the other is full, until the small order makes room for the large one."""
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    job = shop.jobs(large.id, Stage.PACK)[0]
    declining.decline_job(
        session,
        shop.gateways,
        job_public_id=job.public_id,
        enterprise_id=job.enterprise_id,
        reason="",
        by=SOMEBODY,
        now=shop.now,
    )
    assert not [one for one in shop.jobs(large.id, Stage.PACK) if one.state in LIVE_JOBS]
    cut_off(shop)
    assert [packer_of(shop, order) for order in (small, large)] == ["De Inpakker", "De Pakker"]
    assert run_of(session).unserved == 0
    assert_capacity_is_kept(session)


def test_it_makes_room_when_somebody_says_no_after_the_cut_off(shop: Market, session: Session) -> None:
    """Nobody had room for the large order; the small one moves, and the coordinator's task is settled by itself."""
    own = session.scalars(select(Capability).where(Capability.enterprise_id == shop.packers[0].id)).one()
    own.price_cents = 250  # dear enough that the batch leaves both where they are
    session.commit()
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    cut_off(shop)
    assert [packer_of(shop, order) for order in (small, large)] == ["De Pakker", "De Inpakker"]
    job = shop.jobs(large.id, Stage.PACK)[0]
    declined = {"enterprise_id": job.enterprise_id, "reason": "", "by": SOMEBODY, "now": shop.now}
    assert not declining.decline_job(session, shop.gateways, job_public_id=job.public_id, **declined)  # type: ignore[arg-type]
    task = session.scalars(select(CoordinatorTask)).one()
    assert task.done_at is None
    assert batching.run_asked(session, shop.gateways, now=shop.now) == 1
    assert [packer_of(shop, order) for order in (small, large)] == ["De Inpakker", "De Pakker"]
    session.refresh(task)
    assert (task.done_at, task.answer) == (task.done_at, "batch")
    assert task.done_at is not None
    session.rollback()
    assert_capacity_is_kept(session)


def test_it_stores_what_scarce_days_are_worth(shop: Market, session: Session) -> None:
    for _ in range(3):
        shop.order(ONE_BOX)
    shop.order(THREE_BOXES)
    cut_off(shop)
    prices = bids.read(session)
    assert prices.run == run_of(session).public_id
    cheap = session.scalars(select(Capability.id).where(Capability.enterprise_id == shop.packers[0].id)).one()
    assert prices.of(cheap, date(2026, 11, 26)) > 0
    session.rollback()


def test_it_can_be_stopped_and_leaves_all_as_it_was(shop: Market, session: Session) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    shop.now = shop.cycle.closes_at + timedelta(minutes=1)
    run = batching.ask_batch(session, cycle=shop.cycle.public_id, hub_id=shop.cycle.hub_id, now=shop.now)
    batching.cancel(session, public_id=run, hub_id=shop.cycle.hub_id, now=shop.now)
    assert batching.run_asked(session, shop.gateways, now=shop.now) == 0
    assert [packer_of(shop, order) for order in (small, large)] == ["De Pakker", "De Inpakker"]
    assert not session.scalars(select(BatchRun)).all()
    session.rollback()


def test_it_leaves_an_order_that_changed_meanwhile(
    shop: Market, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = shop.order(ONE_BOX), shop.order(THREE_BOXES)
    job = shop.jobs(small.id, Stage.PACK)[0]

    def somebody_accepts(name: str) -> None:
        if name == "batch.worked_out":
            fulfilment.accept_job(
                session, job_public_id=job.public_id, enterprise_id=job.enterprise_id, by=SOMEBODY, now=shop.now
            )

    monkeypatch.setattr(batching.crash, "point", somebody_accepts)
    cut_off(shop)
    assert [packer_of(shop, order) for order in (small, large)] == ["De Pakker", "De Inpakker"]
    assert shop.jobs(small.id, Stage.PACK)[0].state is JobState.ACCEPTED
    assert run_of(session).moved == 0
    assert_capacity_is_kept(session)


def test_it_is_asked_once_at_the_cut_off(shop: Market, session: Session) -> None:
    shop.now = shop.cycle.closes_at + timedelta(minutes=1)
    cycles.close_due(session, now=shop.now)
    first = batching.ask_batch(session, cycle=shop.cycle.public_id, hub_id=shop.cycle.hub_id, now=shop.now)
    rows = session.scalars(select(Progress).where(Progress.kind == batches.ASKED)).all()
    assert [row.public_id for row in rows] == [first]
    session.rollback()


def test_it_ends_a_cycle_without_orders(shop: Market, session: Session) -> None:
    assert cut_off(shop) == 1
    row = session.scalars(select(Progress)).one()
    assert (row.state, row.result) == (ProgressState.DONE, {"orders": 0, "staying": 0})
    session.rollback()


def test_it_is_of_its_own_hub(shop: Market, session: Session) -> None:
    with pytest.raises(NotFound):
        batching.ask_batch(session, cycle=shop.cycle.public_id, hub_id=shop.farms[0].id, now=shop.now)


def imagine(shop: Market, what: WhatIf, where: str = "") -> dict[str, Any]:
    run = batching.ask_what_if(
        shop.session,
        shop.gateways,
        cycle=shop.cycle.public_id,
        hub_id=shop.cycle.hub_id,
        what=what,
        where=where,
        now=shop.now,
    )
    assert batching.run_asked(shop.session, shop.gateways, now=shop.now) == 1
    row = progress.own(shop.session, public_id=run, enterprise_id=shop.cycle.hub_id)
    shop.session.rollback()
    assert row.state is ProgressState.DONE
    return row.result


def test_it_says_what_more_orders_would_do(shop: Market, session: Session) -> None:
    shop.order(ONE_BOX)
    answer = imagine(shop, WhatIf(more=9))
    assert (answer["now"]["orders"], answer["now"]["unserved"]) == (1, 0)
    assert (answer["then"]["orders"], answer["then"]["unserved"]) == (10, 4), "there is room for six boxes"
    assert len(session.scalars(select(Order)).all()) == 1, "nothing of it is written down"
    session.rollback()


def test_more_orders_are_thought_up_where_all_that_is_there_is_settled(shop: Market, session: Session) -> None:
    order = shop.order(ONE_BOX)
    for stage in (Stage.PACK, Stage.DELIVER):
        job = shop.jobs(order.id, stage)[0]
        public_id, owner = job.public_id, job.enterprise_id
        session.rollback()
        fulfilment.accept_job(session, job_public_id=public_id, enterprise_id=owner, by=SYSTEM, now=shop.now)
    answer = imagine(shop, WhatIf(more=9))
    assert answer["now"] == {"orders": 0, "staying": 1}
    assert (answer["then"]["orders"], answer["then"]["staying"], answer["then"]["unserved"]) == (9, 1, 4)


def test_it_says_what_a_closed_and_a_new_provider_would_do(shop: Market, session: Session) -> None:
    small = shop.order(ONE_BOX)
    answer = imagine(shop, WhatIf(closed=shop.packers[0].public_id))
    assert answer["then"]["unserved"] == 0
    assert answer["then"]["cents_each"] > answer["now"]["cents_each"]
    assert answer["compared"] == 1
    answer = imagine(shop, WhatIf(more=9, service="BOX_ASSEMBLE"), where="9000 Gent")
    assert answer["then"]["unserved"] == 1, "three boxes more than the six"
    assert packer_of(shop, small) == "De Pakker"


def test_closing_somebody_is_compared_on_the_same_orders(shop: Market, session: Session) -> None:
    """The cheap packer promised one of two orders and was asked the other; without it one finds nobody."""
    other = session.scalars(select(Capability).where(Capability.enterprise_id == shop.packers[1].id)).one()
    other.weekday_capacity = [0, 0, 0, 1, 0, 0, 0]
    session.commit()
    first, _second = shop.order(ONE_BOX), shop.order(ONE_BOX)
    for stage in (Stage.PACK, Stage.DELIVER):
        job = shop.jobs(first.id, stage)[0]
        public_id, owner = job.public_id, job.enterprise_id
        session.rollback()
        fulfilment.accept_job(session, job_public_id=public_id, enterprise_id=owner, by=SYSTEM, now=shop.now)
    answer = imagine(shop, WhatIf(closed=shop.packers[0].public_id))
    assert (answer["now"]["orders"], answer["now"]["staying"]) == (1, 1)
    assert (answer["then"]["orders"], answer["then"]["unserved"], answer["compared"]) == (2, 1, 1)
    assert answer["then"]["cents_each"] > answer["now"]["cents_each"], (
        "nobody seems to save money by closing the cheapest"
    )


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        (WhatIf(), NothingAsked),
        (WhatIf(more=2001), TooMany),
        (WhatIf(more=-1), TooMany),
        (WhatIf(closed="nobody"), UnknownProvider),
        (WhatIf(service="WHISTLE"), UnknownProvider),
        (WhatIf(service="BOX_ASSEMBLE"), UnknownProvider),
    ],
)
def test_it_refuses_what_cannot_be_imagined(
    shop: Market, session: Session, what: WhatIf, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        imagine(shop, what, where="qqqqqq")


def test_it_keeps_a_social_floor_and_tells_its_price(shop: Market, session: Session) -> None:
    """The dearer packer gets its share too, when the hub asks so; the next cut-off keeps to it."""
    orders = [shop.order(ONE_BOX) for _ in range(3)]
    assert {packer_of(shop, order) for order in orders} == {"De Pakker"}
    batching.ask_batch(session, cycle=shop.cycle.public_id, hub_id=shop.cycle.hub_id, now=shop.now, floor=30)
    assert batching.run_asked(session, shop.gateways, now=shop.now) == 1
    assert sorted(packer_of(shop, order) for order in orders) == ["De Inpakker", "De Pakker", "De Pakker"]
    run = run_of(session)
    assert (run.floor_percent, run.moved) == (30, 1)
    assert run.floor_price == 60 + 25, "sixty cents more for the box, and a move"
    assert_capacity_is_kept(session)
    assert batches.last_floor(session, hub_id=shop.cycle.hub_id) == 30


@pytest.mark.parametrize("floor", [-1, 101])
def test_it_refuses_a_floor_that_is_no_share(shop: Market, session: Session, floor: int) -> None:
    with pytest.raises(batching.BadFloor):
        batching.ask_batch(session, cycle=shop.cycle.public_id, hub_id=shop.cycle.hub_id, now=shop.now, floor=floor)
