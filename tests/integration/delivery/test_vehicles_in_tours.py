"""What a carrier tells of its vehicles and its team reaches the planner; and tours that bring as well as deliver."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.containers.models import ContainerKind, ContainerType
from shortchain.delivery import run_sheets, tour_drivers, tour_questions, tour_sheets
from shortchain.delivery.models import Leg, LegState, Stop, Tour, TourState
from shortchain.delivery.tour_plans import TourPolicy
from shortchain.enterprises.models import Courier, Driver, VehicleRight
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import OrderState
from shortchain.workflows import dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, fulfilment, ordering
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING
GHENT = (51.0543, 3.7250)  # within its ring road, and so in its low-emission zone


def told(session: Session, world: World, **values: Any) -> None:
    courier = session.scalars(select(Courier).where(Courier.enterprise_id == world.carrier.id)).one()
    for name, value in values.items():
        setattr(courier, name, value)
    session.commit()


def why(session: Session, gateways: Gateways, world: World) -> list[str]:
    planned = dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)[world.carrier.id]
    return [row.reason for row in planned.unplanned]


@pytest.mark.parametrize(
    ("values", "driver", "grams", "reasons"),
    [
        ({"vehicle": "VAN_M", "fuel": "electric"}, {"licence": ""}, 5_000, ["driver"]),
        ({"vehicle": "VAN_M", "fuel": "electric"}, {"licence": "B"}, 5_000, []),
        ({"vehicle": "VAN_M", "fuel": "electric", "licence": "C"}, {"licence": "B"}, 5_000, ["driver"]),
        ({"vehicle": "VAN_M", "fuel": "electric", "licence": "C"}, {"licence": "C"}, 5_000, []),
        ({"vehicle": "VAN_M", "fuel": "electric"}, None, 5_000, []),
        ({"vehicle": "BIKE_3W"}, {"licence": ""}, 5_000, []),
        ({}, {"lift_g": 11_999}, 26_000, ["driver"]),
        ({}, {"lift_g": 12_000}, 26_000, []),
        ({}, {"is_active": False}, 5_000, []),
        ({"max_stops": 2}, {}, 5_000, []),
        ({"payload_g": 4_000}, {}, 5_000, ["payload"]),
        ({"volume_l": 47}, {}, 5_000, ["volume"]),
        ({"volume_l": 48}, {}, 5_000, []),
    ],
)
def test_plans_only_what_vehicle_and_driver_may_and_can(
    session: Session,
    gateways: Gateways,
    world: World,
    values: dict[str, Any],
    driver: dict[str, Any] | None,
    grams: int,
    reasons: list[str],
) -> None:
    told(session, world, **values)
    if driver is not None:
        fulfilment.driver(session, world.carrier, **driver)
    world.order(weight_g=grams)
    assert why(session, gateways, world) == reasons


def test_a_crate_of_the_hub_and_bulky_goods_take_their_room(session: Session, world: World) -> None:
    order, leg = world.order(weight_g=5_000)

    def litres() -> int:
        [load] = tour_questions.loads_of(session, leg_ids=[leg.id])
        return load.volume_ml // 1000

    assert litres() == 48, "a crate of 600 by 400"
    session.add(
        ContainerType(
            owner_id=order.hub_id,
            kind=ContainerKind.HALF_CRATE,
            deposit_cents=300,
            packs_orders=True,
            is_active=True,
            created_at=NOW,
        )
    )
    session.commit()
    assert litres() == 24
    product = catalogue.product(session, enterprises.farm(session), category="VEG.LEAF", weight_g=1_000)
    sold = catalogue.offer(session, product, world.cycle)
    ordering.order_line(session, order, sold, product, amount=10)
    assert litres() == 40, "ten kilograms of leaves of 250 g a litre"
    [load] = tour_questions.loads_of(session, leg_ids=[leg.id])
    assert load.heaviest_g == 5_000


def test_a_tour_has_a_driver_and_planning_again_keeps_who_was_chosen(
    session: Session, gateways: Gateways, world: World
) -> None:
    told(session, world, vehicle="VAN_M", fuel="electric")
    rider = fulfilment.driver(session, world.carrier, name="Aïcha", licence="")
    usual = fulfilment.driver(session, world.carrier, name="Samira")
    other = fulfilment.driver(session, world.carrier, name="Zeno")
    weak = fulfilment.driver(session, world.carrier, name="Wim", lift_g=4_000)
    told(session, world, driver_id=usual.id)
    world.order()
    assert why(session, gateways, world) == []
    [tour] = session.scalars(select(Tour).where(Tour.state == TourState.DRAFT)).all()
    assert tour.driver_id == usual.id

    def choose(driver: Driver) -> None:
        dispatch.choose_driver(
            session,
            public_id=tour.public_id,
            enterprise_id=world.carrier.id,
            driver_public_id=driver.public_id,
            now=NOW,
            by=SYSTEM,
        )

    for driver, refusal in ((rider, tour_drivers.MayNotDrive), (weak, tour_drivers.CanNotLift)):
        with pytest.raises(refusal):
            choose(driver)
        session.rollback()
    choose(other)
    world.order(north=0.01)
    assert why(session, gateways, world) == []
    session.expire_all()
    assert tour.driver_id == other.id
    asked = tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY, anew=True)
    assert asked.drivers == {tour.courier_id: usual.id}, "all anew means the usual one again"
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert sheet.driver == "Zeno"
    second = Tour(
        enterprise_id=world.carrier.id,
        courier_id=tour.courier_id,
        driver_id=usual.id,
        day=THURSDAY,
        state=TourState.PUBLISHED,
        starts_at=tour.starts_at,
        ends_at=tour.ends_at,
        metres=1,
        made_at=NOW,
    )
    session.add(second)
    session.commit()
    with pytest.raises(tour_drivers.DrivesAlready):
        choose(usual)


def test_counts_the_crates_that_the_packer_filled(session: Session, gateways: Gateways, world: World) -> None:
    told(session, world, crates=2)
    order, _ = world.order()
    session.scalars(select(Job).where(Job.order_id == order.id, Job.stage == Stage.PACK)).one().use = 3
    session.commit()
    assert why(session, gateways, world) == ["crates"]
    told(session, world, crates=3)
    assert why(session, gateways, world) == []


def test_keeps_an_old_van_out_of_a_low_emission_zone_but_not_on_a_day_with_a_pass(
    session: Session, gateways: Gateways, world: World
) -> None:
    told(session, world, vehicle="VAN_M", payload_g=900_000, fuel="diesel", euro=3)
    leg = fulfilment.packed_order(
        session,
        world.order(north=0.4)[0],  # an order of its own for the factory; its leg outside any zone
        packer=world.packer,
        deliverer=world.carrier,
        to_lat=GHENT[0],
        to_lon=GHENT[1],
    )
    reasons = why(session, gateways, world)
    assert "zone" in reasons
    assert tour_questions.why_left(session, enterprise_id=world.carrier.id, day=THURSDAY)[leg.id] == "zone"
    courier = session.scalars(select(Courier).where(Courier.enterprise_id == world.carrier.id)).one()
    session.add(VehicleRight(courier_id=courier.id, zone="GNT", first_day=THURSDAY, last_day=THURSDAY))
    session.commit()
    assert "zone" not in why(session, gateways, world)


def test_does_not_drive_on_a_ninth_day_pass(session: Session, gateways: Gateways, world: World) -> None:
    told(session, world, vehicle="VAN_M", payload_g=900_000, fuel="diesel", euro=3)
    world.order(to_lon=GHENT[1])
    courier = session.scalars(select(Courier).where(Courier.enterprise_id == world.carrier.id)).one()
    for back in range(8):
        day = THURSDAY - timedelta(days=back)
        session.add(VehicleRight(courier_id=courier.id, zone="GNT", first_day=day, last_day=day, is_day_pass=True))
    session.commit()
    assert why(session, gateways, world) == []
    early = THURSDAY - timedelta(days=30)
    session.add(VehicleRight(courier_id=courier.id, zone="GNT", first_day=early, last_day=early, is_day_pass=True))
    session.commit()
    assert why(session, gateways, world) == ["zone"], "the eight before it were used up"


def test_starts_and_ends_where_the_carrier_says(session: Session, gateways: Gateways, world: World) -> None:
    told(session, world, start_lat=51.02, start_lon=3.70, end_lat=51.09, end_lon=3.75, end_label="Wijk")
    world.order()
    asked = tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY)
    [vehicle] = asked.vehicles
    assert (vehicle.base, vehicle.back) == (Point(51.02, 3.70), Point(51.09, 3.75))
    assert {vehicle.base, vehicle.back} <= set(asked.points()["bike"])
    assert why(session, gateways, world) == []
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    detail = tour_sheets.detail_of(
        session, public_id=sheet.public_id, enterprise_id=world.carrier.id, distance=distance_m
    )
    assert detail.way[0] == (51.02, 3.70)
    assert detail.way[-1] == (51.09, 3.75)


def test_a_slower_team_gets_more_time_at_each_stop(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    assert why(session, gateways, world) == []
    before = [stop.stay_s for stop in session.scalars(select(Stop).order_by(Stop.position))]
    usual = TourPolicy()
    slow = TourPolicy(base_s=dict(usual.base_s), each_s=dict(usual.each_s), pace_pct=195)
    dispatch.keep_pace(session, enterprise_id=world.carrier.id, policy=slow, by=SYSTEM, now=NOW)
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    session.expire_all()
    after = [stop.stay_s for stop in session.scalars(select(Stop).order_by(Stop.position))]
    assert after == [seconds * 195 // 130 for seconds in before]


def test_a_door_on_a_floor_takes_longer_and_a_point_does_not(session: Session, world: World) -> None:
    order, leg = world.order()
    order.floor, order.has_lift = 4, False
    session.commit()
    [load] = tour_questions.loads_of(session, leg_ids=[leg.id])
    assert (load.floor, load.has_lift, TourPolicy().climb_s(load)) == (4, False, 120)
    order.has_lift = True
    session.commit()
    [load] = tour_questions.loads_of(session, leg_ids=[leg.id])
    assert TourPolicy().climb_s(load) == 30
    brought = fulfilment.leg(session, order, world.carrier, origin=world.carrier, to=world.packer, day=THURSDAY)
    leg.pickup_point_id = enterprises.pickup_point(session, world.packer).id
    session.commit()
    loads = tour_questions.loads_of(session, leg_ids=[leg.id, brought.id])
    assert [TourPolicy().climb_s(one) for one in loads] == [0, 0]


def test_a_farm_brings_in_the_tour_in_which_it_delivers(session: Session, gateways: Gateways, world: World) -> None:
    """The carrier grew the goods of one order itself: it brings them to the packer and delivers another's."""
    tomorrow, _ = world.order(packed=False)
    brought = fulfilment.leg(session, tomorrow, world.carrier, origin=world.carrier, to=world.packer, day=THURSDAY)
    _, delivered = world.order(north=0.01)
    session.scalars(select(Leg).where(Leg.order_id == tomorrow.id, Leg.to_enterprise_id.is_(None))).one().day = (
        THURSDAY + timedelta(days=1)
    )
    session.commit()
    assert why(session, gateways, world) == []
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    drop = next(stop for stop in sheet.stops if not stop.is_pickup and stop.orders[0].leg_id == brought.id)
    assert drop.name == world.packer.name
    assert drop.expected.astimezone().date() == THURSDAY
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    for stop in sheet.stops:
        dispatch.record_stop(
            session,
            public_id=stop.public_id,
            enterprise_id=world.carrier.id,
            outcome="collected" if stop.is_pickup else "delivered",
            note="",
            key=stop.public_id,
            tapped_at=NOW,
            now=NOW,
            by=SYSTEM,
        )
    session.expire_all()
    assert (brought.state, delivered.state) == (LegState.DELIVERED, LegState.DELIVERED)
    assert tomorrow.state is OrderState.CONFIRMED, "it is with the packer, not with the customer"
    first = next(stop for stop in sheet.stops if stop.orders[0].leg_id == brought.id and not stop.is_pickup)
    dispatch.undo_stop(session, public_id=first.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    session.expire_all()
    assert brought.state is LegState.COLLECTED


def test_what_is_not_processed_yet_can_not_be_loaded(session: Session, gateways: Gateways, world: World) -> None:
    order, _ = world.order(packed=False)
    wash = fulfilment.job(session, order, world.carrier, stage=Stage.PROCESS, state=JobState.STARTED, day=THURSDAY)
    leg = fulfilment.leg(session, order, world.carrier, origin=world.carrier, to=world.packer, job=wash, day=THURSDAY)
    why(session, gateways, world)
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    load = next(stop for stop in sheet.stops if stop.is_pickup and stop.orders[0].leg_id == leg.id)

    def collect(key: str) -> None:
        dispatch.record_stop(
            session,
            public_id=load.public_id,
            enterprise_id=world.carrier.id,
            outcome="collected",
            note="",
            key=key,
            tapped_at=NOW,
            now=NOW,
            by=SYSTEM,
        )

    with pytest.raises(dispatch.NotPacked):
        collect("early")
    wash.state = JobState.READY
    session.commit()
    collect("late")
    session.expire_all()
    assert leg.state is LegState.COLLECTED
    assert wash.state is JobState.READY, "bringing does not begin the work anew"


def test_who_has_no_vehicle_keeps_bringing_without_a_tour(session: Session, world: World) -> None:
    farm = enterprises.farm(session)
    order, _ = world.order()
    fulfilment.leg(session, order, farm, origin=farm, to=world.packer, day=THURSDAY)
    assert tour_questions.carriers_with_work(session, day=THURSDAY) == [world.carrier.id]
