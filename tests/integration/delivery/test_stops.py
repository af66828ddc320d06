"""What happens at a stop moves the goods, the jobs and the order; and can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import run_sheets
from shortchain.delivery.models import LegState, Tour, TourState
from shortchain.delivery.progress import progress_of
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import Invalid, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.kernel.states import IllegalTransition
from shortchain.ordering.models import OrderState
from shortchain.workflows import dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING + timedelta(days=3, hours=8)


class Driver:
    """Drives the only tour of the world."""

    def __init__(self, session: Session, gateways: Gateways, world: World) -> None:
        self.session, self.world = session, world
        dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
        tour = session.scalars(select(Tour).where(Tour.state == TourState.DRAFT)).one()
        dispatch.publish_tour(session, public_id=tour.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)

    @property
    def tour(self) -> run_sheets.TourSheet:
        self.session.expire_all()
        return run_sheets.tours_of(self.session, enterprise_id=self.world.carrier.id, day=THURSDAY)[0]

    def tap(self, number: int, outcome: str, *, key: str = "", at: datetime = NOW, note: str = "") -> None:
        stop = self.tour.stops[number]
        dispatch.record_stop(
            self.session,
            public_id=stop.public_id,
            enterprise_id=self.world.carrier.id,
            outcome=outcome,
            note=note,
            key=key or f"{number}:{outcome}",
            tapped_at=at,
            now=NOW,
            by=SYSTEM,
        )

    def undo(self, number: int) -> None:
        dispatch.undo_stop(
            self.session,
            public_id=self.tour.stops[number].public_id,
            enterprise_id=self.world.carrier.id,
            now=NOW,
            by=SYSTEM,
        )


def deliver_job(session: Session) -> Job:
    session.expire_all()
    return session.scalars(select(Job).where(Job.stage == Stage.DELIVER)).one()


def test_delivers_an_order(session: Session, gateways: Gateways, world: World) -> None:
    order, leg = world.order()
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected")
    assert deliver_job(session).state is JobState.STARTED
    assert leg.state is LegState.COLLECTED
    driver.tap(1, "delivered")
    assert deliver_job(session).state is JobState.READY
    assert (order.state, order.delivered_at) == (OrderState.DELIVERED, NOW)
    assert driver.tour.state == "done"


def test_counts_the_same_tap_once(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected", key="tik")
    driver.tap(0, "collected", key="tik")
    with pytest.raises(dispatch.AlreadyRecorded):
        driver.tap(0, "problem", key="tak")


def test_keeps_the_time_of_the_tap_but_none_of_the_future(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected", at=NOW + timedelta(hours=5))
    tour = session.scalars(select(Tour)).one()
    session.refresh(tour, ["stops"])
    assert tour.stops[0].tapped_at == NOW


def test_tells_the_coordinator_when_nobody_is_home(session: Session, gateways: Gateways, world: World) -> None:
    order, leg = world.order()
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected")
    driver.tap(1, "not_home", note="bel deed het niet")
    session.expire_all()
    assert leg.state is LegState.FAILED
    assert order.state is OrderState.CONFIRMED
    [task] = session.scalars(select(CoordinatorTask)).all()
    assert (task.kind, task.order_id, task.data["outcome"]) == ("failed_stop", order.id, "not_home")
    driver.undo(1)
    session.expire_all()
    assert leg.state is LegState.COLLECTED
    assert task.done_at == NOW


def test_takes_a_delivery_back(session: Session, gateways: Gateways, world: World) -> None:
    order, leg = world.order()
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected")
    driver.tap(1, "delivered")
    with pytest.raises(IllegalTransition):
        driver.undo(0)  # the goods are with the customer
    driver.undo(1)
    session.expire_all()
    assert (order.state, order.delivered_at, leg.state) == (
        OrderState.CONFIRMED,
        None,
        LegState.COLLECTED,
    )
    assert driver.tour.state == "under_way"
    driver.undo(0)
    assert deliver_job(session).state is JobState.ACCEPTED
    assert leg.state is LegState.SCHEDULED
    driver.tap(0, "collected", key="opnieuw")
    driver.tap(1, "delivered", key="opnieuw 2")
    assert driver.tour.state == "done"


def test_collects_what_is_packed_and_leaves_the_rest(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    late, leg = world.order(north=0.01, packed=False)
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected")
    session.expire_all()
    assert leg.state is LegState.PLANNED
    assert len(driver.tour.stops) == 2
    [task] = session.scalars(select(CoordinatorTask)).all()
    assert (task.kind, task.order_id) == ("late", late.id)
    driver.tap(1, "delivered")
    assert driver.tour.state == "done"


def test_refuses_to_collect_when_nothing_is_packed(session: Session, gateways: Gateways, world: World) -> None:
    world.order(packed=False)
    driver = Driver(session, gateways, world)
    with pytest.raises(dispatch.NotPacked):
        driver.tap(0, "collected")


def test_takes_a_delivery_for_collected_when_that_was_not_tapped(
    session: Session, gateways: Gateways, world: World
) -> None:
    order, _ = world.order()
    driver = Driver(session, gateways, world)
    driver.tap(1, "delivered")
    session.expire_all()
    assert order.state is OrderState.DELIVERED


def test_refuses_an_outcome_of_the_other_kind(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    driver = Driver(session, gateways, world)
    with pytest.raises(Invalid):
        driver.tap(0, "delivered")


def test_hides_stops_of_others(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    driver = Driver(session, gateways, world)
    other = enterprises.deliverer(session)
    with pytest.raises(NotFound):
        dispatch.record_stop(
            session,
            public_id=driver.tour.stops[0].public_id,
            enterprise_id=other.id,
            outcome="collected",
            note="",
            key="x",
            tapped_at=NOW,
            now=NOW,
            by=SYSTEM,
        )
    with pytest.raises(NotFound):
        run_sheets.stop_of(session, public_id=driver.tour.stops[0].public_id, enterprise_id=other.id)


def test_says_how_far_an_order_is(session: Session, gateways: Gateways, world: World) -> None:
    order, _ = world.order()
    world.order(north=0.02)
    before = progress_of(session, order_id=order.id, now=NOW)
    assert [(step.code, step.state) for step in before.steps] == [
        ("ordered", "done"),
        ("packed", "done"),
        ("on_the_way", "next"),
        ("delivered", "next"),
    ]
    assert before.eta is None
    driver = Driver(session, gateways, world)
    driver.tap(0, "collected")
    session.expire_all()
    after = progress_of(session, order_id=order.id, now=NOW)
    assert after.now is not None
    assert after.now.code == "on_the_way"
    assert after.eta is not None
    assert after.eta >= order.starts_at
    assert after.stops_before in (0, 1)
    assert not after.is_late
