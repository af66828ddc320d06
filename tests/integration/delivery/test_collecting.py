"""A carrier fetches at farms that are not its own: agreed, in its tours, paid for it, handed back."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket, Reservation
from shortchain.delivery import collecting as rules
from shortchain.delivery import (
    collections_shown,
    pick_lists,
    progress,
    run_sheets,
    stop_goods,
    tour_questions,
    tour_sheets,
    verifying,
)
from shortchain.delivery.models import Collection, CollectionSkip, Leg, LegState, Stop
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.fulfilment.models import Job, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import Invalid, NotFound
from shortchain.kernel.geo import distance_m
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import at_local
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order, OrderLine
from shortchain.payouts import settling
from shortchain.workflows import collecting, dispatch
from tests.integration.delivery.conftest import World
from tests.support.clock import MONDAY_MORNING
from tests.support.factories import catalogue, enterprises, fulfilment, ordering
from tests.support.factories.fulfilment import THURSDAY

NOW = MONDAY_MORNING
ALL_CLASSES = ["AMB", "COOL", "CHILL7"]


@pytest.fixture
def farm(session: Session) -> Enterprise:
    return enterprises.farm(session, name="De Wortel", at=(51.02, 3.66))


def offers(session: Session, carrier: Enterprise, **values: object) -> None:
    terms = {"storage_classes": ALL_CLASSES, "radius_m": 40_000, "price_form": "stop", "price_cents": 300}
    enterprises.capability(session, carrier, "COLLECT_FARM", **{**terms, "weekday_capacity": [2] * 7, **values})


def to_bring(session: Session, world: World, farm: Enterprise, **values: object) -> Leg:
    """Add an order of which the goods are still at the farm; the carrier delivers it, packed on the day itself."""
    order, _ = world.order(packed=False)
    product = catalogue.product(session, farm)
    sold = catalogue.offer(session, product, world.cycle)
    ordering.order_line(session, order, sold, product, amount=3)
    session.scalars(select(Job).where(Job.order_id == order.id, Job.stage == Stage.PACK)).one().day = THURSDAY
    session.commit()
    return fulfilment.leg(session, order, farm, origin=farm, to=world.packer, day=THURSDAY, **values)


def agree(session: Session, world: World, farm: Enterprise, *, ready_from: time | None = None) -> Collection:
    collecting.ask(
        session,
        giver_id=farm.id,
        collector_public_id=world.carrier.public_id,
        ready_from=ready_from,
        note="achter de stal",
        by=SYSTEM,
        now=NOW,
    )
    row = session.scalars(select(Collection)).one()
    collecting.answer(session, public_id=row.public_id, collector_id=world.carrier.id, agrees=True, by=SYSTEM, now=NOW)
    return row


def test_fetches_at_the_farm_and_delivers_in_one_tour(
    session: Session, gateways: Gateways, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier)
    leg = to_bring(session, world, farm, cost_cents=480)
    agree(session, world, farm, ready_from=time(8))
    session.expire_all()
    assert (leg.carrier_id, leg.vat_rate_bp) == (world.carrier.id, 2100)
    [place] = pick_lists.destinations(session, farm_id=farm.id, day=THURSDAY)
    assert (place.fetched_by, place.fetched_at) == (world.carrier.name, None)
    planned = dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)[world.carrier.id]
    assert planned.unplanned == ()
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    assert (sheet.stops[0].kind, sheet.stops[0].name) == ("pickup", farm.name)
    at = {(stop.kind, order.leg_id): stop for stop in sheet.stops for order in stop.orders}
    assert at["pickup", leg.id].eta >= at_local(THURSDAY, time(8)), "nothing stands ready sooner"
    assert at["dropoff", leg.id].name == world.packer.name
    assert at["dropoff", leg.id].eta <= at_local(THURSDAY, time(11))
    last = next(one for kind, one in at if kind == "dropoff" and one != leg.id)
    assert at["dropoff", leg.id].eta < at["pickup", last].eta < at["dropoff", last].eta
    [goods] = stop_goods.goods_on(session, leg_ids=[leg.id])
    assert (goods.goes_to, goods.cold) == (leg.to_label, ("COOL",))
    [seen] = collections_shown.as_collector(session, enterprise_id=world.carrier.id, today=NOW.date())
    assert [(day.orders, day.pay_cents) for day in seen.days] == [(1, 480)]
    detail = tour_sheets.detail_of(
        session, public_id=sheet.public_id, enterprise_id=world.carrier.id, distance=distance_m
    )
    assert [bool(place.goods) for place in detail.loading] == [True, False]
    assert detail.loading[0].weight_g == leg.weight_g
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    [place] = pick_lists.destinations(session, farm_id=farm.id, day=THURSDAY)
    assert place.fetched_at == at["pickup", leg.id].eta
    for stop, outcome in ((at["pickup", leg.id], "collected"), (at["dropoff", leg.id], "delivered")):
        tap(session, world, stop.public_id, outcome)
    session.expire_all()
    assert leg.state is LegState.DELIVERED
    told = progress.progress_of(session, order_id=leg.order_id, now=NOW)
    brought = next(step for step in told.steps if step.code == "brought")
    assert (brought.name, brought.fetched_by, brought.state) == (farm.name, world.carrier.name, "done")
    work = settling.facts_of(session, order=session.get_one(Order, leg.order_id)).work
    assert ("transport", world.carrier.id, 480, 2100) in {
        (one.kind, one.enterprise_id, one.cents, one.vat_rate_bp) for one in work
    }, "who drives is paid for it"


def test_the_check_finds_who_fetches_without_an_agreement(
    session: Session, gateways: Gateways, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier)
    leg = to_bring(session, world, farm)
    row = agree(session, world, farm)

    def broken() -> list[str]:
        session.expire_all()
        return verifying.fetching_is_agreed(session, NOW)

    def all_broken_by(change: Update[Any], back: Update[Any], words: str) -> None:
        session.execute(change)
        [told] = broken()
        assert words in told
        session.execute(back)
        assert broken() == []

    assert leg.carrier_id == world.carrier.id
    assert broken() == []
    agreed = update(Collection).where(Collection.id == row.id)
    all_broken_by(agreed.values(state="ended"), agreed.values(state="agreed"), "nobody agreed")
    room = update(Reservation).where(Reservation.key == rules.key_of(row, THURSDAY))
    all_broken_by(room.values(state="released"), room.values(state="confirmed"), "without room")
    other = enterprises.deliverer(session, name="Een Ander")
    moved = update(Leg).where(Leg.id == leg.id)
    all_broken_by(moved.values(carrier_id=other.id), moved.values(carrier_id=world.carrier.id), "nobody agreed")
    skip = CollectionSkip(collection_id=row.id, day=THURSDAY, by_collector=True)
    session.add(skip)
    session.flush()
    assert "left out" in broken()[0]
    session.delete(skip)
    session.commit()
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    collecting.end(session, public_id=row.public_id, enterprise_id=farm.id, by=SYSTEM, now=NOW)
    assert broken() == [], "what is in a released tour is still fetched"


def test_takes_no_leg_that_was_priced_for_less_than_its_tariff(
    session: Session, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier, price_cents=60, km_cents=5, kg_cents=4, minimum_cents=90)
    asked = FetchTariff(60, 5, 4, 90).cents(weight_g=6_700, metres=3_000)
    assert asked == 102  # 60 + 5 × 3 + 4 × 6.7 = 101.8
    before = to_bring(session, world, farm, weight_g=6_700, cost_cents=asked - 1)
    enough = to_bring(session, world, farm, weight_g=6_700, cost_cents=asked)
    assert before.metres == enough.metres == 3_000
    row = agree(session, world, farm)
    session.expire_all()
    assert row.tariff == FetchTariff(60, 5, 4, 90)
    assert (before.carrier_id, enough.carrier_id) == (farm.id, world.carrier.id)
    assert verifying.fetching_is_agreed(session, NOW) == []
    enough.cost_cents = asked - 1
    session.flush()
    assert "less than was agreed" in verifying.fetching_is_agreed(session, NOW)[0]
    session.rollback()
    session.scalars(select(Capability).where(Capability.service == "COLLECT_FARM")).one().km_cents = 9
    session.commit()
    session.expire_all()
    assert row.tariff == FetchTariff(60, 5, 4, 90), "what was agreed stays until one of the two ends it"


def tap(session: Session, world: World, public_id: str, outcome: str) -> None:
    dispatch.record_stop(
        session,
        public_id=public_id,
        enterprise_id=world.carrier.id,
        outcome=outcome,
        note="",
        key=public_id,
        tapped_at=NOW,
        now=NOW,
        by=SYSTEM,
    )


def test_orders_of_one_farm_share_its_crates(session: Session, world: World, farm: Enterprise) -> None:
    offers(session, world.carrier)
    legs = [to_bring(session, world, farm, weight_g=5_000) for _ in range(5)]
    agree(session, world, farm)
    loads = {
        one.leg_id: one.crates
        for one in tour_questions.question(session, enterprise_id=world.carrier.id, day=THURSDAY).loads
    }
    assert sum(loads[leg.id] for leg in legs) == 3, "25 kg in crates of 12 kg"


def test_leaves_with_the_farm_what_the_carrier_can_not_take(session: Session, world: World, farm: Enterprise) -> None:
    offers(session, world.carrier, storage_classes=["AMB", "COOL"], weekday_capacity=[9, 9, 9, 1, 9, 9, 9])
    other = enterprises.farm(session, name="De Koe", at=(51.03, 3.67))
    dry, cold = to_bring(session, world, farm), to_bring(session, world, farm)
    line = session.scalars(select(OrderLine).where(OrderLine.order_id == cold.order_id)).first()
    assert line is not None
    line.storage_class = "CHILL7"
    third = to_bring(session, world, other)
    today = to_bring(session, world, farm)
    today.day = NOW.date()
    session.commit()
    agree(session, world, farm)
    session.expire_all()
    assert (dry.carrier_id, cold.carrier_id) == (world.carrier.id, farm.id)
    assert today.carrier_id == farm.id, "who brings today is on the way already"
    collecting.ask(
        session,
        giver_id=other.id,
        collector_public_id=world.carrier.public_id,
        ready_from=None,
        note="",
        by=SYSTEM,
        now=NOW,
    )
    asked = session.scalars(select(Collection).where(Collection.giver_id == other.id)).one()
    taken = collecting.answer(
        session, public_id=asked.public_id, collector_id=world.carrier.id, agrees=True, by=SYSTEM, now=NOW
    )
    session.expire_all()
    assert (taken, third.carrier_id) == (0, other.id), "the one stop of that day is taken"
    bucket = session.scalars(select(CapacityBucket)).one()
    assert (bucket.cap, bucket.confirmed, bucket.held) == (1, 1, 0)


def test_what_comes_later_is_handed_over_by_the_worker(session: Session, world: World, farm: Enterprise) -> None:
    offers(session, world.carrier)
    agree(session, world, farm)
    leg = to_bring(session, world, farm)
    session.commit()
    assert collecting.hand_on(session, now=NOW) == 1
    assert collecting.hand_on(session, now=NOW) == 0
    session.expire_all()
    assert leg.carrier_id == world.carrier.id


def test_a_day_and_a_closure_go_back_to_the_farm(
    session: Session, gateways: Gateways, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier)
    leg = to_bring(session, world, farm)
    later = to_bring(session, world, farm)
    later.day = THURSDAY + timedelta(days=1)
    session.commit()
    row = agree(session, world, farm)
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    collecting.skip(session, public_id=row.public_id, enterprise_id=farm.id, day=THURSDAY, by=SYSTEM, now=NOW)
    session.expire_all()
    assert (leg.carrier_id, leg.state, leg.vat_rate_bp) == (farm.id, LegState.PLANNED, 600)
    assert collecting.hand_on(session, now=NOW) == 0, "a day that was left out stays so"
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    kinds = session.scalars(select(Stop.label).where(Stop.kind == "pickup")).all()
    assert farm.name not in kinds
    enterprises.closure(session, world.carrier, later.day)
    session.commit()
    assert collecting.hand_on(session, now=NOW) == 1
    session.expire_all()
    assert later.carrier_id == farm.id
    shown = collections_shown.as_giver(session, enterprise_id=farm.id, today=NOW.date())
    assert shown is not None and [(day.day, day.is_skipped) for day in shown.days] == [(THURSDAY, True)]
    mails = [notice.context["what"] for notice in session.scalars(select(Notice).order_by(Notice.id))]
    assert mails == ["asked", "agreed", "skipped", "skipped"]


def test_a_released_tour_stays_and_the_rest_goes_back(
    session: Session, gateways: Gateways, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier)
    leg, later = to_bring(session, world, farm), to_bring(session, world, farm)
    later.day = THURSDAY + timedelta(days=1)
    session.commit()
    row = agree(session, world, farm)
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    with pytest.raises(rules.OnTheRoad):
        collecting.skip(
            session, public_id=row.public_id, enterprise_id=world.carrier.id, day=THURSDAY, by=SYSTEM, now=NOW
        )
    session.rollback()
    collecting.end(session, public_id=row.public_id, enterprise_id=world.carrier.id, by=SYSTEM, now=NOW)
    session.expire_all()
    assert (leg.carrier_id, later.carrier_id) == (world.carrier.id, farm.id)
    with pytest.raises(rules.AnsweredAlready):
        collecting.end(session, public_id=row.public_id, enterprise_id=farm.id, by=SYSTEM, now=NOW)


def test_what_a_processor_made_is_fetched_too_and_only_when_it_is_ready(
    session: Session, gateways: Gateways, world: World
) -> None:
    kitchen = enterprises.packer(session, name="Keuken", at=(51.03, 3.68))
    offers(session, world.carrier)
    order, _ = world.order(packed=False)
    wash = fulfilment.job(session, order, kitchen, stage=Stage.PROCESS, state=JobState.STARTED, day=THURSDAY)
    leg = fulfilment.leg(session, order, kitchen, origin=kitchen, to=world.packer, job=wash, day=THURSDAY)
    session.commit()
    agree(session, world, kitchen)
    dispatch.plan_everybody(session, gateways, day=THURSDAY, now=NOW)
    [sheet] = run_sheets.tours_of(session, enterprise_id=world.carrier.id, day=THURSDAY)
    dispatch.publish_tour(session, public_id=sheet.public_id, enterprise_id=world.carrier.id, now=NOW, by=SYSTEM)
    stop = next(one for one in sheet.stops if one.is_pickup and one.orders[0].leg_id == leg.id)
    with pytest.raises(dispatch.NotPacked):
        tap(session, world, stop.public_id, "collected")
    session.rollback()
    wash.state = JobState.READY
    session.commit()
    tap(session, world, stop.public_id, "collected")
    session.expire_all()
    assert leg.state is LegState.COLLECTED


def test_refuses_who_does_not_fetch_there_and_who_is_asked_twice(
    session: Session, world: World, farm: Enterprise
) -> None:
    offers(session, world.carrier, radius_m=1_000)
    ask = {"giver_id": farm.id, "note": "", "by": SYSTEM, "now": NOW}
    with pytest.raises(rules.CanNotCollect):
        collecting.ask(session, collector_public_id=world.carrier.public_id, ready_from=None, **ask)
    session.rollback()
    near = enterprises.deliverer(session, name="Dichtbij", at=(51.02, 3.67))
    offers(session, near)
    with pytest.raises(Invalid):
        collecting.ask(session, collector_public_id=near.public_id, ready_from=time(10, 30), **ask)
    session.rollback()
    collecting.ask(session, collector_public_id=near.public_id, ready_from=None, **ask)
    with pytest.raises(rules.AlreadyAsked):
        collecting.ask(session, collector_public_id=near.public_id, ready_from=None, **ask)
    session.rollback()
    row = session.scalars(select(Collection)).one()
    with pytest.raises(NotFound):
        collecting.answer(
            session, public_id=row.public_id, collector_id=world.carrier.id, agrees=True, by=SYSTEM, now=NOW
        )
    session.rollback()
    collecting.end(session, public_id=row.public_id, enterprise_id=farm.id, by=SYSTEM, now=NOW)
    collecting.ask(session, collector_public_id=near.public_id, ready_from=None, **ask)
