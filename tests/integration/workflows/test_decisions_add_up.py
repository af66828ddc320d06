"""However a chain came about, the terms that are stored with the decision add up to its cost, and what is owed follows from them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Collection, Leg, LegState
from shortchain.fulfilment.models import LIVE_JOBS, Job, RouteDecision, Stage
from shortchain.fulfilment.verifying import decisions_add_up
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderFee
from shortchain.payouts import settling
from shortchain.workflows import collecting, declining
from tests.integration.delivery.test_collecting import offers
from tests.integration.workflows.test_rerouting import SOMEBODY, choose, listed, pack_job
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def decline(shop: Market, job: Job) -> None:
    public_id, owner = job.public_id, job.enterprise_id
    shop.session.rollback()
    declining.decline_job(
        shop.session, shop.gateways, job_public_id=public_id, enterprise_id=owner, reason="", by=SOMEBODY, now=shop.now
    )


def let_fetch(shop: Market, **tariff: int) -> None:
    """Agree that a bike fetches at the first farm what that would bring itself."""
    farm, bike = shop.farms[0].id, shop.bikes[0]
    offers(shop.session, bike, **tariff)
    collector, collector_id = bike.public_id, bike.id
    shop.session.commit()
    collecting.ask(
        shop.session,
        giver_id=farm,
        collector_public_id=collector,
        ready_from=None,
        note="",
        by=SOMEBODY,
        now=shop.now,
    )
    asked = shop.session.scalars(select(Collection.public_id)).one()
    shop.session.rollback()
    collecting.answer(shop.session, public_id=asked, collector_id=collector_id, agrees=True, by=SOMEBODY, now=shop.now)


def assert_owed_as_told(session: Session, order: Order) -> None:
    """See that jobs and ways of an order cost what the decision says that they came from."""
    told = {
        one.version: one.explanation
        for one in session.scalars(select(RouteDecision).where(RouteDecision.order_id == order.id))
    }
    for job in session.scalars(select(Job).where(Job.order_id == order.id, Job.state.in_(LIVE_JOBS))):
        terms = {(row["stage"], row["enterprise"]): row["cents"] for row in told[job.decision_version]["jobs"]}
        assert terms[job.stage.value, job.enterprise_id] == job.cost_cents
    for leg in session.scalars(select(Leg).where(Leg.order_id == order.id, Leg.state != LegState.WITHDRAWN)):
        ways = {(row["from"], row["to"]): row["cents"] for row in told[leg.decision_version]["legs"]}
        assert ways[leg.from_enterprise_id, leg.to_enterprise_id] == leg.cost_cents


def test_each_way_of_choosing_stores_what_it_costs(shop: Market, session: Session) -> None:
    orders = [shop.order(2, 1), shop.order(14, 0), shop.order(1, 1)]
    decline(shop, pack_job(shop, orders[0]))
    decline(shop, shop.jobs(orders[0].id, Stage.DELIVER)[0])
    choose(shop, orders[1], listed(shop, orders[1])[1].capability_id)
    let_fetch(shop)
    decline(shop, pack_job(shop, orders[2]))  # the goods go another way, fetched there too
    modes = session.execute(select(RouteDecision.mode, func.count()).group_by(RouteDecision.mode))
    assert {row[0]: row[1] for row in modes} == {"online": 3, "reroute": 3, "manual": 1}
    fetched = session.scalars(select(Leg).where(Leg.carrier_id == shop.bikes[0].id, Leg.cost_cents > 0)).all()
    assert fetched, "who fetches is paid what bringing pays"
    for order in orders:
        assert_owed_as_told(session, order)
    assert decisions_add_up(session, shop.now) == []
    session.rollback()


@pytest.mark.parametrize("part", ["jobs", "legs", "steering"])
def test_a_term_that_is_a_cent_off_is_found(shop: Market, session: Session, part: str) -> None:
    order = shop.order(2, 1)
    decision = session.scalars(select(RouteDecision)).one()
    first, *others = decision.explanation[part]
    name = "millicents" if part == "steering" else "cents"
    decision.explanation = {**decision.explanation, part: [{**first, name: first[name] + 1}, *others]}
    session.flush()
    [sentence] = decisions_add_up(session, shop.now)
    assert f"order {order.number} does not add up" in sentence
    session.rollback()


def test_who_fetches_is_paid_its_own_tariff_from_the_next_order_on(shop: Market, session: Session) -> None:
    before = shop.order(2, 1)
    let_fetch(shop, price_cents=100, km_cents=10, kg_cents=0, minimum_cents=0)
    after = shop.order(2, 1)
    collecting.hand_on(session, now=shop.now)
    session.expire_all()
    giver, bike = shop.farms[0].id, shop.bikes[0]
    for order, carrier in ((before, giver), (after, bike.id)):
        [leg] = session.scalars(select(Leg).where(Leg.order_id == order.id, Leg.from_enterprise_id == giver))
        assert leg.carrier_id == carrier
        [way] = [one for one in newest(session, order)["legs"] if one["from"] == giver]
        assert ("tariff" in way) == (order is after)
    assert leg.cost_cents == 100 + round(10 * leg.metres / 1000)
    assert way["tariff"]["name"] == bike.name
    work = settling.facts_of(session, order=session.get_one(Order, after.id)).work
    assert ("transport", bike.id, leg.cost_cents) in {(one.kind, one.enterprise_id, one.cents) for one in work}
    fees = session.scalars(select(OrderFee).where(OrderFee.order_id == after.id, OrderFee.kind == "transport"))
    assert leg.cost_cents in {fee.amount_cents for fee in fees}, "the customer was told that price"
    decline(shop, pack_job(shop, after))  # another packer, the same tariff
    [way] = [one for one in newest(session, after)["legs"] if one["from"] == giver]
    assert way["cents"] == 100 + round(10 * way["metres"] / 1000)
    row = session.scalars(select(Collection)).one()
    public_id = row.public_id
    session.rollback()
    collecting.end(session, public_id=public_id, enterprise_id=giver, by=SOMEBODY, now=shop.now)
    later = shop.order(2, 1)
    [way] = [one for one in newest(session, later)["legs"] if one["from"] == giver]
    assert "tariff" not in way
    for order in (before, after, later):
        assert_owed_as_told(session, order)
    assert decisions_add_up(session, shop.now) == []


def newest(session: Session, order: Order) -> dict[str, Any]:
    """Read what is stored with the newest decision about an order."""
    query = select(RouteDecision).where(RouteDecision.order_id == order.id).order_by(RouteDecision.version.desc())
    found = session.scalars(query).first()
    assert found is not None
    return dict(found.explanation)
