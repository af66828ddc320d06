"""One order through the workflows: placed, paid, declined, packed; and every way it can go wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import CapacityBucket
from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import CoordinatorTask, JobState, RouteDecision, Stage
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment, PaymentState, Refund
from shortchain.payouts.models import LedgerEntry
from shortchain.stock.models import Allocation, AllocationState, Lot
from shortchain.workflows import asking_payment, checkout, declining, fulfilment, payment_events, refunds
from tests.support.market import Market, market

SOMEBODY = Actor("user", 1)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def allocated(session: Session) -> list[int]:
    session.rollback()
    return list(session.scalars(select(Lot.allocated).order_by(Lot.id)))


def load(session: Session, order_id: int) -> Order:
    session.rollback()
    return session.get_one(Order, order_id, populate_existing=True)


def test_holds_food_place_and_capacity_when_placed(shop: Market, session: Session) -> None:
    placed = shop.place(shop.basket(2, 3))
    assert load(session, placed.order_id).state is OrderState.AWAITING_PAYMENT
    assert allocated(session) == [2, 3]
    assert sorted(session.scalars(select(CapacityBucket.held))) == [1, 1]
    session.refresh(shop.window)
    assert shop.window.taken == 1


def test_gives_the_same_order_for_the_same_press(shop: Market, session: Session) -> None:
    basket = shop.basket(1, 1)
    total = shop.total(basket)
    first = shop.place(basket, key="k" * 32, total=total)
    again = shop.place(basket, key="k" * 32, total=total)
    assert first == again
    assert session.scalar(select(func.count(Order.id))) == 1
    session.rollback()


def test_confirms_everything_when_the_money_comes(shop: Market, session: Session) -> None:
    order = shop.order(2, 0)
    assert order.state is OrderState.CONFIRMED
    assert set(session.scalars(select(Allocation.state))) == {AllocationState.COMMITTED}
    assert [job.state for job in shop.jobs(order.id, Stage.PACK)] == [JobState.OFFERED]
    booked = session.execute(select(LedgerEntry.account, LedgerEntry.amount_cents)).all()
    assert sum(row[1] for row in booked) == 0
    assert max(row[1] for row in booked) == order.total_cents
    session.rollback()


def test_hears_the_same_payment_twice_and_does_it_once(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    payment = session.scalars(select(Payment)).one()
    for _ in range(3):
        payment_events.look_up(session, shop.gateways, payment_id=payment.id, now=shop.now)
    assert session.scalar(select(func.count(LedgerEntry.id))) == 2
    assert len(shop.jobs(order.id, Stage.PACK)) == 1


def test_asks_the_next_packer_when_one_declines(shop: Market, session: Session) -> None:
    order = shop.order(1, 1)
    total = order.total_cents
    job = shop.jobs(order.id, Stage.PACK)[0]
    assert job.enterprise_id == shop.packers[0].id
    found = declining.decline_job(
        session,
        shop.gateways,
        job_public_id=job.public_id,
        enterprise_id=shop.packers[0].id,
        reason="vol",
        by=SOMEBODY,
        now=shop.now,
    )
    assert found
    first, second = shop.jobs(order.id, Stage.PACK)
    assert (first.state, second.state) == (JobState.DECLINED, JobState.OFFERED)
    assert second.enterprise_id == shop.packers[1].id
    assert load(session, order.id).total_cents == total
    assert sorted(session.scalars(select(CapacityBucket.confirmed))) == [0, 1, 1]
    assert session.scalars(select(RouteDecision.mode).order_by(RouteDecision.version)).all() == ["online", "reroute"]
    live = session.scalars(select(Leg).where(Leg.state != LegState.WITHDRAWN)).all()
    assert {leg.to_enterprise_id for leg in live} == {shop.packers[1].id, None}
    session.rollback()


def test_gives_the_coordinator_a_task_when_nobody_is_left(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    for packer in shop.packers:
        job = shop.jobs(order.id, Stage.PACK)[-1]
        assert job.enterprise_id == packer.id
        declining.decline_job(
            session,
            shop.gateways,
            job_public_id=job.public_id,
            enterprise_id=packer.id,
            reason="",
            by=SOMEBODY,
            now=shop.now,
        )
    task = session.scalars(select(CoordinatorTask)).one()
    assert task.kind == "unrouted"
    assert task.data["stages"]["pack"] == {"excluded": 2}
    session.rollback()
    assert load(session, order.id).state is OrderState.CONFIRMED


def test_takes_silence_for_a_no(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    assert declining.expire_offers(session, shop.gateways, now=shop.now + timedelta(hours=1)) == 0
    assert declining.expire_offers(session, shop.gateways, now=shop.now + timedelta(hours=13)) == 2
    states = [job.state for job in shop.jobs(order.id, Stage.PACK)]
    assert states == [JobState.EXPIRED, JobState.OFFERED]


def test_frees_everything_when_nobody_pays(shop: Market, session: Session) -> None:
    placed = shop.place(shop.basket(2, 0))
    later = shop.now + timedelta(minutes=31)
    assert asking_payment.expire_orders(session, shop.gateways, now=later) == 1
    assert asking_payment.expire_orders(session, shop.gateways, now=later) == 0
    assert load(session, placed.order_id).state is OrderState.EXPIRED
    assert allocated(session) == [0, 0]
    assert set(session.scalars(select(CapacityBucket.held))) == {0}
    session.refresh(shop.window)
    assert shop.window.taken == 0


def open_page(shop: Market, placed: checkout.Placed) -> str:
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    return shop.session.get_one(Payment, placed.payment_id).reference or ""


def test_lets_late_money_stand_while_all_is_still_there(shop: Market, session: Session) -> None:
    placed = shop.place(shop.basket(2, 0))
    reference = open_page(shop, placed)
    shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
    later = shop.now + timedelta(minutes=31)
    asking_payment.expire_orders(session, shop.gateways, now=later)
    payment_events.look_up(session, shop.gateways, payment_id=placed.payment_id, now=later)
    assert load(session, placed.order_id).state is OrderState.CONFIRMED
    assert allocated(session) == [2, 0]


def test_sends_late_money_back_when_the_food_is_gone(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=2)
    placed = shop.place(shop.basket(2, 0))
    reference = open_page(shop, placed)
    shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
    later = shop.now + timedelta(minutes=31)
    asking_payment.expire_orders(session, gateways, now=later)
    shop.now = later
    shop.place(shop.basket(1, 0))
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=later)
    assert load(session, placed.order_id).state is OrderState.CANCELLED
    assert session.get_one(Payment, placed.payment_id, populate_existing=True).state is PaymentState.RETURNED
    assert refunds.send_refunds(session, gateways, now=later) == 1
    assert refunds.send_refunds(session, gateways, now=later + timedelta(days=1)) == 0
    refund = session.scalars(select(Refund)).one()
    assert refund.amount_cents == load(session, placed.order_id).total_cents


def test_refuses_a_total_that_the_customer_did_not_see(shop: Market, session: Session) -> None:
    basket = shop.basket(1, 0)
    with pytest.raises(checkout.PriceChanged) as refusal:
        shop.place(basket, total=shop.total(basket) - 1)
    assert refusal.value.total_cents == shop.total(basket)
    assert session.scalar(select(func.count(Order.id))) == 0
    assert allocated(session) == [0, 0]


def test_names_every_line_that_is_sold_out(session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=3)
    basket = shop.basket(4, 5)
    with pytest.raises(checkout.SoldOut) as refusal:
        shop.place(basket, total=1)
    assert {(short.asked, short.left) for short in refusal.value.short} == {(4, 3), (5, 3)}
    session.rollback()


def test_keeps_the_basket_when_the_cycle_closed(shop: Market, session: Session) -> None:
    basket = shop.basket(1, 0)
    total = shop.total(basket)
    shop.now = shop.cycle.closes_at
    with pytest.raises(checkout.CycleClosed):
        shop.place(basket, total=total)
    from shortchain.ordering import baskets

    assert baskets.count(session, public_id=basket) == 1
    session.rollback()


def test_walks_a_packer_through_its_work(shop: Market, session: Session) -> None:
    order = shop.order(2, 1)
    job = shop.jobs(order.id, Stage.PACK)[0]
    who = {"job_public_id": job.public_id, "enterprise_id": shop.packers[0].id, "by": SOMEBODY, "now": shop.now}
    fulfilment.accept_job(session, **who)  # type: ignore[arg-type]
    with pytest.raises(fulfilment.AlreadyAnswered):
        fulfilment.accept_job(session, **who)  # type: ignore[arg-type]
    fulfilment.start_job(session, **who)  # type: ignore[arg-type]
    fulfilment.finish_job(session, **who)  # type: ignore[arg-type]
    done = shop.jobs(order.id, Stage.PACK)[0]
    assert done.state is JobState.READY
    assert set(session.scalars(select(Allocation.state))) == {AllocationState.PICKED}
    session.rollback()
