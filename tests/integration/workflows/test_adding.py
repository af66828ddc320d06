"""Goods join a paid order: held, paid apart, packed in the same box, exact to the cent; or nothing changes."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.capacity.models import CapacityBucket
from shortchain.catalogue.models import OrderCycle
from shortchain.clearing.extending import CanNotJoin
from shortchain.clearing.models import AdditionState, OrderAddition
from shortchain.delivery.models import Leg
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.fulfilment.models import JobLine, Stage
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderFee, OrderLine, OrderState
from shortchain.ordering.refusals import BasketChanged, PriceChanged
from shortchain.payments.models import Payment, PaymentState, Refund
from shortchain.payouts import totals
from shortchain.stock.models import Allocation
from shortchain.transaction import transaction
from shortchain.workflows import adding, cancellation, payment_events, refunds, settlement
from tests.support.market import Market, market
from tests.support.splitting import open_page


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def token_of(order: Order) -> str:
    return orders.tracking_token(order.key)


def asked(shop: Market, order: Order, *amounts: int, key: str | None = None) -> int:
    """Ask to add a basket to an order; gives the payment's id."""
    basket = shop.basket(*amounts)
    token = token_of(order)
    total = adding.quote(shop.session, shop.gateways, token=token, basket=basket, now=shop.now).sheet.total_cents
    shop.session.rollback()
    return adding.ask(
        shop.session,
        shop.gateways,
        token=token,
        key=key or secrets.token_hex(16),
        basket=basket,
        method="bancontact",
        accepted_total_cents=total,
        by=GUEST,
        now=shop.now,
    )


def paid(shop: Market, order: Order, payment_id: int) -> Order:
    """Pay what was asked at the provider, and hear of it."""
    session = shop.session
    page = type("Page", (), {"token": token_of(order)})()
    reference = open_page(shop, page, payment_id)
    shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
    payment_events.look_up(session, shop.gateways, payment_id=payment_id, now=shop.now)
    return now_of(shop, order)


def now_of(shop: Market, order: Order) -> Order:
    shop.session.rollback()
    return shop.session.get_one(Order, order.id, populate_existing=True)


def promised(session: Session) -> dict[int, tuple[int, int]]:
    session.rollback()
    return {
        row.capability_id: (row.held, row.confirmed)
        for row in session.scalars(select(CapacityBucket).execution_options(populate_existing=True))
    }


def clean(shop: Market, **later: float) -> bool:
    shop.session.rollback()
    shop.session.expire_all()
    assert checks.check_all(shop.session, now=shop.now + timedelta(**later)) == []
    return all(row.adds_up for row in totals.per_order(shop.session))


def test_goods_that_fit_in_the_box_cost_no_more_than_themselves_and_their_way(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    before = (order.goods_cents, order.services_cents, order.total_cents)
    jobs = {job.stage: (job.use, job.cost_cents) for job in shop.jobs(order.id, Stage.PACK)}
    order = paid(shop, order, asked(shop, order, 1, 0))
    added = session.scalars(select(OrderAddition)).one()
    assert added.state is AdditionState.JOINED
    assert order.goods_cents == 2 * before[0]
    assert order.total_cents == before[2] + added.total_cents
    assert order.services_cents == before[1] + added.services_cents
    assert {job.stage: (job.use, job.cost_cents) for job in shop.jobs(order.id, Stage.PACK)} == jobs  # the same box
    lines = orders.lines_of(session, order_id=order.id)
    assert [line.amount for line in lines] == [1, 1]
    assert session.scalar(select(func.sum(Allocation.amount)).where(Allocation.state == "committed")) == 2
    assert session.scalar(select(func.count()).where(JobLine.order_line_id == lines[1].id)) == 2  # packed and brought
    mail = session.scalars(select(Notice).where(Notice.template == "order_added")).one()
    assert mail.context["cents"] == added.total_cents
    assert clean(shop)


def test_goods_of_another_farm_get_a_way_of_their_own(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    before = session.scalar(select(func.count()).where(Leg.order_id == order.id))
    order = paid(shop, order, asked(shop, order, 0, 2))
    rows = session.scalars(select(Leg).where(Leg.order_id == order.id).order_by(Leg.id)).all()
    assert len(rows) == (before or 0) + 1
    assert rows[-1].carrier_id == shop.farms[1].id
    assert rows[-1].cost_cents > 0
    fees = session.execute(
        select(OrderFee.enterprise_id, OrderFee.amount_cents).where(
            OrderFee.order_id == order.id, OrderFee.kind == "transport", OrderFee.enterprise_id == shop.farms[1].id
        )
    ).all()
    assert [cents for _party, cents in fees] == [rows[-1].cost_cents]
    assert clean(shop)


def test_tells_who_works_for_the_order_what_joined_it(shop: Market, session: Session, gateways: Gateways) -> None:
    for number, party in enumerate((*shop.farms, *shop.packers, *shop.bikes)):
        session.get_one(Enterprise, party.id).email = f"partij{number}@post.example"
    session.commit()
    order = shop.order(1, 0)
    paid(shop, order, asked(shop, order, 0, 2))
    told = {
        one.to_email: one.context
        for one in session.scalars(select(Notice).where(Notice.template == "order_grew").order_by(Notice.id))
    }
    hands = {job.enterprise_id for stage in Stage for job in shop.jobs(order.id, stage)}
    parties = {session.get_one(Enterprise, number).email for number in hands | {shop.farms[1].id}}
    assert told.keys() == parties, "the farm whose goods were there before has nothing to do"
    farm = told["partij1@post.example"]
    assert (farm["page"], [line["amount"] for line in farm["lines"]], farm["more_cents"] > 0) == ("/boer", [2], True)
    sending.send_due(session, gateways, now=shop.now)
    mails = [one for one in gateways.mailer.sent if "groter" in one.subject]  # type: ignore[attr-defined]
    assert len(mails) == len(told)
    assert all((order.number in one.text and "/werk" in one.text) or "/boer" in one.text for one in mails)


def test_costs_what_one_order_of_all_would_have_cost(shop: Market, session: Session) -> None:
    """The same goods at once and in two turns: the same price, the same shares."""
    whole = shop.order(3, 4)
    parts = shop.order(1, 0)
    parts = paid(shop, parts, asked(shop, parts, 2, 4))
    assert parts.total_cents == whole.total_cents
    for one in (whole, parts):
        with transaction(session):
            orders.move(session, order=orders.lock(session, order_id=one.id), action="deliver", by=SYSTEM, now=shop.now)
    settlement.settle_orders(session, now=shop.now + timedelta(hours=49))
    session.rollback()
    rows = {row.number: (row.charged, row.fees, row.owed) for row in totals.per_order(session)}
    assert rows[whole.number] == rows[parts.number]


def test_a_second_box_is_held_and_charged(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    pack = shop.jobs(order.id, Stage.PACK)[0]
    boxes = pack.use
    payment_id = asked(shop, order, 60, 0)
    addition = session.scalars(select(OrderAddition)).one()
    extra = {row[0]: row[1] for row in addition.content["work"]}[pack.id]
    held = promised(session)[pack.capability_id]
    assert extra > 0
    assert held == (extra, boxes)
    paid(shop, order, payment_id)
    again = shop.jobs(order.id, Stage.PACK)[0]
    assert again.use == boxes + extra
    assert promised(session)[pack.capability_id] == (0, boxes + extra)
    assert clean(shop)
    cancellation.cancel_by_customer(session, shop.gateways, token=token_of(order), by=GUEST, now=shop.now)
    assert promised(session)[pack.capability_id] == (0, 0)  # both parts are freed together
    assert clean(shop)


def test_nothing_changes_when_nobody_pays(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    before, capacity = order.total_cents, promised(session)
    payment_id = asked(shop, order, 2, 2)
    assert session.scalar(select(func.sum(Allocation.amount)).where(Allocation.state == "held")) == 4
    late = shop.now + timedelta(minutes=31)
    assert adding.expire(session, gateways, now=late) == 1
    assert adding.expire(session, gateways, now=late) == 0
    order = now_of(shop, order)
    assert (order.state, order.total_cents) == (OrderState.CONFIRMED, before)
    assert promised(session) == capacity
    assert session.scalar(select(func.sum(Allocation.amount)).where(Allocation.state == "held")) is None
    assert session.get_one(Payment, payment_id, populate_existing=True).state is PaymentState.ABANDONED
    assert clean(shop, minutes=31)


def test_late_money_goes_back_and_the_order_stays(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    before = order.total_cents
    payment_id = asked(shop, order, 2, 2)
    page = type("Page", (), {"token": token_of(order)})()
    reference = open_page(shop, page, payment_id)
    assert adding.undo(session, gateways, token=token_of(order), by=GUEST, now=shop.now) is True
    assert adding.undo(session, gateways, token=token_of(order), by=GUEST, now=shop.now) is False
    gateways.payments.pay(reference)
    payment_events.look_up(session, gateways, payment_id=payment_id, now=shop.now)
    payment = session.get_one(Payment, payment_id, populate_existing=True)
    assert payment.state is PaymentState.RETURNED
    assert [row.payment_id for row in session.scalars(select(Refund))] == [payment_id]
    order = now_of(shop, order)
    assert (order.state, order.total_cents) == (OrderState.CONFIRMED, before)
    refunds.send_refunds(session, gateways, now=shop.now)
    assert clean(shop)


def test_the_same_press_asks_once_and_a_second_waits_for_the_first(shop: Market, session: Session) -> None:
    order, key = shop.order(1, 1), secrets.token_hex(16)
    first = asked(shop, order, 1, 0, key=key)
    again = adding.ask(
        session,
        shop.gateways,
        token=token_of(order),
        key=key,
        basket="gone",
        method="card",
        accepted_total_cents=0,
        by=GUEST,
        now=shop.now,
    )
    assert again == first
    with pytest.raises(adding.OneAtATime):
        asked(shop, order, 1, 0)
    assert session.scalar(select(func.count()).select_from(OrderAddition)) == 1


def test_calling_the_order_off_lets_go_of_what_waits(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    asked(shop, order, 2, 2)
    cancellation.cancel_by_customer(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    assert session.scalars(select(OrderAddition)).one().state is AdditionState.FALLEN
    assert session.scalar(select(func.count()).where(Allocation.state.in_(["held", "committed"]))) == 0
    refunds.send_refunds(session, gateways, now=shop.now)
    assert clean(shop)


def test_cancelling_gives_both_payments_back(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    order = paid(shop, order, asked(shop, order, 2, 2))
    back = cancellation.cancel_by_customer(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    assert back == order.total_cents
    assert refunds.send_refunds(session, gateways, now=shop.now) == 2
    assert clean(shop)


def test_refuses_what_the_packer_has_no_place_for(shop: Market, session: Session) -> None:
    order = shop.order(1, 0)
    pack = shop.jobs(order.id, Stage.PACK)[0]
    with transaction(session):
        bucket = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == pack.capability_id)).one()
        bucket.cap = pack.use
        session.get_one(Capability, pack.capability_id).weekday_capacity = [pack.use] * 7
    with pytest.raises(CanNotJoin):
        asked(shop, order, 60, 0)
    assert clean(shop)


def test_refuses_too_late_another_price_and_an_empty_basket(shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    basket = shop.basket(1, 0)
    press = {"token": token_of(order), "basket": basket, "method": "card", "by": GUEST}
    with pytest.raises(PriceChanged):
        adding.ask(session, gateways, key="a" * 32, accepted_total_cents=1, now=shop.now, **press)  # type: ignore[arg-type]
    closed = session.get_one(OrderCycle, order.cycle_id).closes_at
    session.rollback()
    with pytest.raises((adding.TooLate, BasketChanged)):
        adding.ask(session, gateways, key="a" * 32, accepted_total_cents=1, now=closed, **press)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(OrderAddition)) == 0
    assert session.scalar(select(func.count()).where(OrderLine.order_id == order.id)) == 2
