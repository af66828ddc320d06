"""What routing learns from the tours that were driven."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.delivery import run_sheets, stop_lengths
from shortchain.delivery.models import Leg, Tour
from shortchain.journal import SYSTEM
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.ports import Gateways
from shortchain.routing import stop_costs
from shortchain.routing.candidates import directory_version, read_candidates
from shortchain.routing.models import StopCost
from shortchain.routing.plans import Policy
from shortchain.workflows import dispatch, learning
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING


def release(session: Session, gateways: Gateways, world: World, orders: int) -> Tour:
    for number in range(orders):
        world.order(north=number / 200)
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert stop_lengths.driven(session, first=THURSDAY, last=THURSDAY, distance=distance_m) == {}, "a draft is no tour"
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    session.expire_all()
    return session.scalars(select(Tour).where(Tour.public_id == sheet.public_id)).one()


def test_measures_a_tour_against_a_trip_for_each_door(session: Session, gateways: Gateways, world: World) -> None:
    tour = release(session, gateways, world, 4)
    found = stop_lengths.driven(session, first=THURSDAY, last=THURSDAY, distance=distance_m)[world.carrier.id]
    base = world.carrier.point
    apart = sum(
        distance_m(base, start) + distance_m(start, door) + distance_m(door, base)
        for leg in session.scalars(select(Leg))
        for start, door in [(Point(leg.from_lat, leg.from_lon), Point(leg.to_lat, leg.to_lon))]
    )
    assert (found.tours, found.stops, found.alone_metres) == (1, 4, apart)
    assert found.metres == tour.metres * 100 // 125, "a bike: a quarter longer than the straight line"
    assert found.share_pct is None, "one tour says little"


def test_routing_sees_the_share_once_there_is_enough_to_tell(
    session: Session, gateways: Gateways, world: World
) -> None:
    release(session, gateways, world, 3)
    assert learning.learn_stop_costs(session, gateways, now=NOW + timedelta(days=4)) == 0
    session.execute(update(Tour).values(day=THURSDAY - timedelta(days=70)))
    session.commit()
    known = stop_costs.Driven(6, 30, 120_000, 400_000)
    stop_costs.store(session, driven={world.carrier.id: known}, now=NOW)
    session.commit()
    version = directory_version(session)
    shares = {one.enterprise_id: one.trip_share_pct for one in read_candidates(session, days=[THURSDAY])}
    assert shares[world.carrier.id] == 30
    assert {share for number, share in shares.items() if number != world.carrier.id} <= {100}
    [told] = stop_costs.learnt(session)
    assert (told.tours, told.metres_per_stop, told.alone_per_stop, told.share_pct) == (6, 4_000, 13_333, 30)
    stop_costs.store(session, driven={world.carrier.id: known}, now=NOW)
    session.commit()
    assert told.steering_millicents(Policy()) == (13_333 * 2_700 // 1000, 13_333 * 9)
    assert directory_version(session) == version, "nothing changed, so nobody reads anew"
    assert learning.learn_stop_costs(session, gateways, now=NOW + timedelta(days=4)) == 1, "older than eight weeks"
    assert session.scalars(select(StopCost)).all() == []


def test_a_coordinator_may_switch_it_off_and_on(session: Session, world: World) -> None:
    known = stop_costs.Driven(6, 30, 120_000, 400_000)
    stop_costs.store(session, driven={world.carrier.id: known}, now=NOW)
    session.commit()

    def share() -> int:
        found = {one.enterprise_id: one.trip_share_pct for one in read_candidates(session, days=[THURSDAY])}
        session.rollback()
        return found[world.carrier.id]

    def switched(is_on: bool) -> bool:
        return learning.switch_stop_costs(session, is_on=is_on, hub_id=world.carrier.id, by=SYSTEM, now=NOW)

    assert (share(), switched(True)) == (30, False)
    assert (switched(False), share()) == (True, 100)
    version = directory_version(session)
    stop_costs.store(session, driven={world.carrier.id: stop_costs.Driven(6, 30, 80_000, 400_000)}, now=NOW)
    session.commit()
    assert directory_version(session) == version, "what does not count is no reason to read anew"
    assert [one.share_pct for one in stop_costs.learnt(session)] == [20], "it is learnt on, for whoever looks"
    assert (switched(True), share()) == (True, 20)
