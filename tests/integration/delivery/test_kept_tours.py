"""A draft that a person keeps, and puts in an order of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import kept_tours, run_sheets, tour_questions, tours
from shortchain.delivery.models import Leg, LegState, Tour
from shortchain.delivery.run_sheets import TourSheet
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.geo import distance_m
from shortchain.kernel.ports import Gateways
from shortchain.transaction import transaction
from shortchain.workflows import dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING


def plan(session: Session, gateways: Gateways, world: World) -> list[TourSheet]:
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    return run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)


def move(session: Session, gateways: Gateways, world: World, public_id: str, *, up: bool) -> TourSheet:
    dispatch.move_stop(
        session, gateways, public_id=public_id, enterprise_id=world.carrier.id, up=up, now=NOW, by=SYSTEM
    )
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    return sheet


def keep(session: Session, world: World, sheet: TourSheet, kept: bool) -> None:
    dispatch.keep_tour(
        session, public_id=sheet.public_id, enterprise_id=world.carrier.id, kept=kept, now=NOW, by=SYSTEM
    )


def test_planning_again_leaves_a_kept_draft_alone(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    [sheet] = plan(session, gateways, world)
    keep(session, world, sheet, True)
    world.order(north=0.02)
    both = plan(session, gateways, world)
    assert [one.public_id for one in both if one.is_kept] == [sheet.public_id]
    assert len(both) == 2
    assert both[1].starts_at >= both[0].ends_at, "the courier is taken until the kept tour ends"
    keep(session, world, sheet, False)
    [one] = plan(session, gateways, world)
    assert len(one.stops) == 3


def test_moves_a_stop_and_keeps_the_tour_so(session: Session, gateways: Gateways, world: World) -> None:
    for number in range(3):
        world.order(north=number / 100)
    [before] = plan(session, gateways, world)
    after = move(session, gateways, world, before.stops[2].public_id, up=True)
    names = [[order.number for order in stop.orders] for stop in before.stops]
    assert [[order.number for order in stop.orders] for stop in after.stops] == [names[0], names[2], names[1], names[3]]
    assert after.is_kept
    assert after.public_id == before.public_id
    assert after.metres >= before.metres
    assert [stop.eta for stop in after.stops] == sorted(stop.eta for stop in after.stops)
    assert {leg.state for leg in session.scalars(select(Leg))} == {LegState.SCHEDULED}
    assert [one.public_id for one in plan(session, gateways, world)] == [before.public_id]


def test_refuses_a_place_that_is_none(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    world.order(north=0.02)
    [sheet] = plan(session, gateways, world)
    for stop, up in ((sheet.stops[0], False), (sheet.stops[1], True), (sheet.stops[2], False)):
        with pytest.raises(kept_tours.CanNotMove):
            move(session, gateways, world, stop.public_id, up=up)
    assert plan(session, gateways, world)[0].is_kept is False


def test_refuses_an_order_that_misses_a_window(session: Session, gateways: Gateways, world: World) -> None:
    _, first = world.order()
    _, second = world.order(north=0.02)
    first.ends_at = first.starts_at + timedelta(minutes=20)
    second.starts_at = first.ends_at + timedelta(hours=1)
    session.commit()
    [sheet] = plan(session, gateways, world)
    with pytest.raises(kept_tours.DoesNotFit):
        move(session, gateways, world, sheet.stops[1].public_id, up=False)


def test_leaves_a_released_tour_to_its_driver(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    world.order(north=0.02)
    [sheet] = plan(session, gateways, world)
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    with pytest.raises(kept_tours.NoDraft):
        move(session, gateways, world, sheet.stops[1].public_id, up=False)
    with pytest.raises(kept_tours.NoDraft):
        keep(session, world, sheet, True)


def test_refuses_when_somebody_was_first(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    world.order(north=0.02)
    [sheet] = plan(session, gateways, world)
    asked = kept_tours.question(session, stop_public_id=sheet.stops[1].public_id, enterprise_id=world.carrier.id)
    planned = kept_tours.moved(asked, up=False, distance=distance_m, roads={})
    keep(session, world, sheet, True)
    with pytest.raises(tours.StalePlan), transaction(session):
        kept_tours.rewrite(session, asked=asked, planned=planned, keep=True, by=SYSTEM, now=NOW)


def test_keeps_it_from_others(session: Session, gateways: Gateways, world: World) -> None:
    world.order()
    [sheet] = plan(session, gateways, world)
    other = enterprises.deliverer(session)
    with pytest.raises(NotFound):
        kept_tours.question(session, stop_public_id=sheet.stops[1].public_id, enterprise_id=other.id)
    assert session.scalars(select(Tour.is_kept)).one() is False


def test_planning_again_changes_nothing_and_puts_what_is_new_in_between(
    session: Session, gateways: Gateways, world: World
) -> None:
    for number in range(5):
        world.order(north=number / 100)
    [before] = plan(session, gateways, world)
    versions = {leg.id: leg.version for leg in session.scalars(select(Leg))}
    assert plan(session, gateways, world) == [before], "the same rows, the same hours"
    session.expire_all()
    assert {leg.id: leg.version for leg in session.scalars(select(Leg))} == versions, (
        "and nothing written to the orders"
    )
    _, new = world.order(north=0.025)
    [after] = plan(session, gateways, world)
    assert after.public_id == before.public_id
    kept = [stop.public_id for stop in after.stops if stop.public_id in {one.public_id for one in before.stops}]
    assert kept == [stop.public_id for stop in before.stops if not stop.is_pickup], "in their order"
    session.expire_all()
    assert new.state is LegState.SCHEDULED


def test_a_fixed_stop_is_where_it_was_fixed_whatever_comes(session: Session, gateways: Gateways, world: World) -> None:
    for number in range(4):
        world.order(north=number / 100)
    [sheet] = plan(session, gateways, world)
    last = sheet.stops[-1]

    def fix(how: str) -> None:
        dispatch.fix_stop(
            session, gateways, public_id=last.public_id, enterprise_id=world.carrier.id, how=how, now=NOW, by=SYSTEM
        )

    fix("first")
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert [stop.lock for stop in sheet.stops if not stop.is_pickup] == ["place", "", "", ""]
    assert not sheet.is_kept, "the rest may change"
    world.order(north=0.005)
    asked = tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY, anew=True)
    assert asked.earlier is None
    assert [lock.rank for lock in asked.locks] == [0]
    [sheet] = plan(session, gateways, world)
    drops = [stop for stop in sheet.stops if not stop.is_pickup]
    assert (drops[0].public_id, drops[0].lock) == (last.public_id, "place")
    fix("tour")
    asked = tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert [(lock.rank, lock.kind) for lock in asked.locks] == [(None, "dropoff")]
    fix("")
    assert tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY).locks == ()
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    with pytest.raises(kept_tours.NoDraft):
        fix("tour")
