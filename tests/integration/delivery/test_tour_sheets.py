"""The sheet of one tour: loading, cold goods, savings, pay, and what is left over."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import run_sheets, tour_sheets
from shortchain.delivery.models import Tour
from shortchain.delivery.tour_sheets import TourDetail
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import distance_m
from shortchain.kernel.ports import Gateways
from shortchain.workflows import dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, ordering
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING


def planned(session: Session, gateways: Gateways, world: World) -> TourDetail:
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    tour = session.scalars(select(Tour)).one()
    return tour_sheets.detail_of(session, public_id=tour.public_id, enterprise_id=world.carrier.id, distance=distance_m)


def test_loads_first_what_gets_out_last(session: Session, gateways: Gateways, world: World) -> None:
    orders = [world.order(north=n / 50)[0] for n in range(3)]
    detail = planned(session, gateways, world)
    [place] = detail.loading
    out = {order.number: stop.number for stop in detail.tour.stops if not stop.is_pickup for order in stop.orders}
    assert sorted(out) == sorted(order.number for order in orders)
    assert [item.stop for item in place.items] == [4, 3, 2]
    assert all(out[item.order.number] == item.stop for item in place.items)
    assert (place.boxes, place.weight_g) == (3, 15_000)


def test_names_what_must_stay_cold_coldest_first(session: Session, gateways: Gateways, world: World) -> None:
    plain, _ = world.order()
    cold, _ = world.order(north=0.02)
    farm = enterprises.farm(session)
    for code in ("CHILL7", "FROZEN", "AMB"):
        product = catalogue.product(session, farm, storage_class=code)
        offer = catalogue.offer(session, product, world.cycle)
        ordering.order_line(session, cold, offer, product)
    detail = planned(session, gateways, world)
    found = {item.order.number: item.order.cold for item in detail.loading[0].items}
    assert found == {plain.number: (), cold.number: ("FROZEN", "CHILL7")}


def test_compares_with_a_trip_for_each_order(session: Session, gateways: Gateways, world: World) -> None:
    legs = [world.order(north=n / 500)[1] for n in range(4)]
    savings = planned(session, gateways, world).savings
    packer = world.packer.point
    apart = sum(2 * (distance_m(packer, type(packer)(leg.to_lat, leg.to_lon)) * 125 // 100) for leg in legs)
    assert savings.apart_metres == apart
    assert savings.co2_g_km == 5
    assert savings.metres == session.scalars(select(Tour.metres)).one()


def test_divides_the_pay_over_the_doors(session: Session, gateways: Gateways, world: World) -> None:
    for _ in range(2):
        world.order()
    world.order(north=0.02)
    detail = planned(session, gateways, world)
    assert (detail.pay_cents, detail.doors, detail.pay_per_stop_cents) == (600, 2, 300)


def test_keeps_it_from_others(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    detail = planned(session, gateways, world)
    other = enterprises.deliverer(session)
    with pytest.raises(NotFound):
        tour_sheets.detail_of(session, public_id=detail.tour.public_id, enterprise_id=other.id, distance=distance_m)


def test_says_of_what_waits_why_the_latest_planning_left_it(session: Session, gateways: Gateways, world: World) -> None:
    world.order(weight_g=400_000)
    [unseen] = run_sheets.waiting_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert unseen.reason == ""
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    [left] = run_sheets.waiting_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert left.reason == "payload"
