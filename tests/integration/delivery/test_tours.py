"""Making tours out of what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.delivery import run_sheets, tour_questions, tours
from shortchain.delivery.models import Leg, LegState, Stop, Tour, TourState
from shortchain.delivery.progress import expected_of
from shortchain.fulfilment.models import JobState
from shortchain.journal import SYSTEM, entries_of_order
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Gateways, Ways
from shortchain.kernel.window import BRUSSELS
from shortchain.transaction import transaction
from shortchain.workflows import dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, fulfilment, ordering
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING


def plan(session: Session, gateways: Gateways, world: World) -> dispatch.PlannedDay:
    planned = dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    return planned.get(world.carrier.id, dispatch.PlannedDay(0, 0, ()))


def test_puts_every_promised_leg_in_a_draft(session: Session, gateways: Gateways, world: World) -> None:
    legs = [world.order(north=n / 100)[1] for n in range(4)]
    planned = plan(session, gateways, world)
    assert (planned.tours, planned.orders, planned.unplanned) == (1, 4, ())
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert sheet.is_draft
    assert [stop.kind for stop in sheet.stops] == ["pickup"] + ["dropoff"] * 4
    assert len(sheet.stops[0].orders) == 4
    session.expire_all()
    assert {leg.state for leg in legs} == {LegState.SCHEDULED}


@pytest.mark.parametrize("state", [JobState.OFFERED, JobState.PLANNED, JobState.DECLINED])
def test_leaves_out_what_the_carrier_has_not_accepted(
    session: Session, gateways: Gateways, world: World, state: JobState
) -> None:
    world.order(deliver=state)
    assert plan(session, gateways, world).orders == 0


def test_replaces_drafts_and_keeps_released_tours(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    plan(session, gateways, world)
    [draft] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    _, second = world.order(north=0.01)
    plan(session, gateways, world)
    [both] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert both.public_id == draft.public_id, "who looks at a draft keeps looking at it"
    assert len(both.stops) == 3
    dispatch.publish_tour(session, public_id=both.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    world.order(north=0.02)
    plan(session, gateways, world)
    sheets = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert [sheet.state for sheet in sheets] == ["published", "draft"]
    assert sheets[1].starts_at >= sheets[0].ends_at
    session.expire_all()
    assert second.state is LegState.SCHEDULED


def test_refuses_a_plan_when_a_leg_changed_meanwhile(session: Session, gateways: Gateways, world: World) -> None:
    _, leg = world.order()
    asked = tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY)
    leg.weight_g += 1
    session.commit()
    with pytest.raises(tours.StalePlan):
        tours.save(
            session,
            enterprise_id=world.carrier.id,
            day=THURSDAY,
            versions=asked.versions,
            now=NOW,
            by=SYSTEM,
            plan=tours.TourPlan((), ()),
        )


def test_drops_a_tour_that_has_not_left(session: Session, gateways: Gateways, world: World) -> None:
    _, leg = world.order()
    plan(session, gateways, world)
    tour = session.scalars(select(Tour)).one()
    dispatch.drop_tour(session, public_id=tour.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    session.expire_all()
    assert tour.state is TourState.DROPPED
    assert leg.state is LegState.PLANNED
    [waiting] = run_sheets.waiting_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert waiting.weight_g == 5_000


def test_knows_nothing_of_the_tours_of_others(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    plan(session, gateways, world)
    tour = session.scalars(select(Tour)).one()
    other = enterprises.deliverer(session)
    with pytest.raises(NotFound):
        dispatch.publish_tour(session, public_id=tour.public_id, enterprise_id=other.id, now=NOW, by=SYSTEM)
    assert run_sheets.tours_of(session, enterprise_id=other.id, day=THURSDAY) == []


def test_says_what_is_left_over_and_why(session: Session, gateways: Gateways, world: World) -> None:
    _, heavy = world.order(weight_g=400_000)
    planned = plan(session, gateways, world)
    assert [(row.leg_id, row.reason) for row in planned.unplanned] == [(heavy.id, "payload")]


def test_plans_every_carrier_that_has_work(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    other = enterprises.deliverer(session)
    fulfilment.courier(session, other)
    planned = dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    assert set(planned) == {world.carrier.id}


@pytest.mark.parametrize(
    ("ahead", "drafts"),
    [
        (timedelta(hours=-12), 0),  # Wednesday noon: too early for tomorrow
        (timedelta(hours=-6), 1),  # Wednesday evening
        (timedelta(hours=7), 1),  # Thursday morning: what came in at night
    ],
)
def test_is_drafted_by_the_worker_the_evening_before(
    session: Session, gateways: Gateways, world: World, ahead: timedelta, drafts: int
) -> None:
    world.order()
    now = datetime.combine(THURSDAY, time(0), tzinfo=BRUSSELS) + ahead
    assert dispatch.plan_due(session, gateways, now=now) == drafts
    assert len(session.scalars(select(Tour)).all()) == drafts
    session.rollback()
    assert dispatch.plan_due(session, gateways, now=now) == 0, "a draft is left as it is"


def test_shows_a_driver_only_what_was_released(session: Session, gateways: Gateways, world: World) -> None:
    order, _ = world.order()
    plan(session, gateways, world)
    assert run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY, driver_id=7) == []
    tour = session.scalars(select(Tour)).one()
    dispatch.publish_tour(session, public_id=tour.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    assert len(run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY, driver_id=7)) == 1
    assert entries_of_order(session, order_id=order.id) == []


class TestAskedPlans:
    """A planner presses, the worker plans; the row says how far it is."""

    def ask(self, session: Session, world: World) -> str:
        return dispatch.ask_plan(session, enterprise_id=world.carrier.id, day=THURSDAY, now=NOW)

    def run(self, session: Session, world: World, public_id: str) -> progress.Progress:
        session.rollback()
        return progress.own(session, public_id=public_id, enterprise_id=world.carrier.id)

    def test_makes_the_tours_once(self, session: Session, gateways: Gateways, world: World) -> None:
        world.order()
        asked = self.ask(session, world)
        assert self.ask(session, world) == asked, "a second press waits for the same plan"
        assert dispatch.plan_asked(session, gateways, now=NOW) == 1
        assert dispatch.plan_asked(session, gateways, now=NOW) == 0
        run = self.run(session, world, asked)
        assert (run.state, run.done, run.result) == ("done", run.total, {"tours": 1, "left": {}})
        assert len(session.scalars(select(Tour)).all()) == 1

    def test_leaves_everything_when_it_was_stopped_meanwhile(
        self, session: Session, gateways: Gateways, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.order()
        asked = self.ask(session, world)

        def stop(_point: str) -> None:
            session.rollback()
            dispatch.cancel_plan(session, public_id=asked, enterprise_id=world.carrier.id, now=NOW)

        monkeypatch.setattr("shortchain.crash.point", stop)
        assert dispatch.plan_asked(session, gateways, now=NOW) == 0
        assert self.run(session, world, asked).state == "cancelled"
        assert session.scalars(select(Tour)).all() == []

    def test_is_taken_up_again_when_its_worker_died(self, session: Session, gateways: Gateways, world: World) -> None:
        world.order()
        asked = self.ask(session, world)
        with transaction(session):
            run = progress.own(session, public_id=asked, enterprise_id=world.carrier.id)
            run.move("begin")
        assert dispatch.plan_asked(session, gateways, now=NOW) == 0, "somebody is at it"
        assert dispatch.plan_asked(session, gateways, now=NOW + progress.SILENCE) == 1
        assert self.run(session, world, asked).state == "done"


@dataclass
class SlowRoads:
    """A road service that notes what it is asked, and whether somebody holds a transaction open meanwhile."""

    session: Session
    asked: list[tuple[str, int]] = field(default_factory=list)

    def ways(self, points: Sequence[Point], *, profile: str) -> Ways:
        assert not self.session.in_transaction(), "a service on the network is asked outside any transaction"
        self.asked.append((profile, len(points)))
        return {(a, b): (7_000, 900) for a in points for b in points if a != b}


def test_plans_with_the_roads_of_each_kind_of_vehicle(session: Session, gateways: Gateways, world: World) -> None:
    fulfilment.courier(session, world.carrier, name="Bestelwagen", vehicle="VAN_M", payload_g=900_000)
    for number in range(2):
        world.order(north=number / 100)
    roads = SlowRoads(session)
    planned = plan(session, replace(gateways, roads=roads), world)
    assert planned.orders == 2
    assert roads.asked == [("bike", 4), ("car", 4)], "the base, the packer and two doors"
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert {stop.metres for stop in sheet.stops} == {7_000}


def test_asks_no_roads_for_a_page_that_waits_before_the_planning_is_taken_up(
    session: Session, gateways: Gateways, world: World
) -> None:
    world.order()
    roads = SlowRoads(session)
    asked = replace(gateways, roads=roads)
    dispatch.ask_plan(session, enterprise_id=world.carrier.id, day=THURSDAY, now=NOW)
    assert roads.asked == []
    assert dispatch.plan_asked(session, asked, now=NOW) == 1
    assert roads.asked == [("bike", 3)]


def test_gives_the_driver_a_break_that_nobody_has_to_record(session: Session, gateways: Gateways, world: World) -> None:
    far = [world.order(north=n / 60)[0] for n in range(12)]
    for order in far:
        order.starts_at, order.ends_at = order.starts_at - timedelta(hours=4), order.ends_at
    for leg in session.scalars(select(Leg)):
        leg.starts_at = None
    session.commit()
    assert plan(session, gateways, world).orders == 12
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert len(sheet.breaks) >= 1
    assert [stop.number for stop in sheet.stops] == list(range(1, 14))
    assert sheet.stops[sheet.breaks[0].after - 1].eta < sheet.breaks[0].at < sheet.stops[sheet.breaks[0].after].eta
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    for stop in sheet.stops:
        dispatch.record_stop(
            session,
            public_id=stop.public_id,
            enterprise_id=world.carrier.id,
            outcome="collected" if stop.is_pickup else "delivered",
            note="",
            key=stop.public_id,
            tapped_at=stop.eta,
            now=stop.eta,
            by=SYSTEM,
        )
    session.expire_all()
    assert session.scalars(select(Tour.state)).one() is TourState.DONE


def test_a_break_that_is_over_holds_up_nobody(session: Session, gateways: Gateways, world: World) -> None:
    at = datetime.combine(THURSDAY, time(17), BRUSSELS)
    ways = [("pickup", 0, 10), ("break", 15, None), ("dropoff", 15, 40), ("dropoff", 60, None)]
    stops = [
        Stop(position=n, kind=kind, eta=at + timedelta(minutes=eta), seconds=600, stay_s=900,
             tapped_at=None if tapped is None else at + timedelta(minutes=tapped))
        for n, (kind, eta, tapped) in enumerate(ways)
    ]  # fmt: skip
    now = at + timedelta(minutes=45)
    found = expected_of(stops, state=TourState.UNDER_WAY, day=THURSDAY, now=now)
    assert found[-1] == at + timedelta(minutes=50)
    del stops[2:3]
    assert expected_of(stops, state=TourState.UNDER_WAY, day=THURSDAY, now=now)[-1] == now + timedelta(minutes=25)


@pytest.mark.parametrize(("code", "reason"), [("CHILL7", "cold"), ("FROZEN", "cold"), ("COOL", ""), ("AMB", "")])
def test_keeps_cold_goods_off_a_long_ride(
    session: Session, gateways: Gateways, world: World, code: str, reason: str
) -> None:
    order, _ = world.order(north=0.35)
    farm = enterprises.farm(session)
    product = catalogue.product(session, farm, storage_class=code)
    ordering.order_line(session, order, catalogue.offer(session, product, world.cycle), product)
    planned = plan(session, gateways, world)
    assert [row.reason for row in planned.unplanned] == ([reason] if reason else [])
    if reason:
        van = {"name": "Koelwagen", "vehicle": "REEFER", "payload_g": 800_000}
        fulfilment.courier(session, world.carrier, frozen_crates=4 if code == "FROZEN" else 0, **van)
        assert plan(session, gateways, world).unplanned == ()
