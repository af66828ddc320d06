"""Weighed goods end to end: paid at the most, weighed when packed, the difference back, shares by true weight."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.documents.models import Document
from shortchain.documents.values import Paper
from shortchain.fulfilment.models import JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.weighing import NotNow, NotWeighed, TooHeavy
from shortchain.payments.models import Refund, RefundState
from shortchain.payouts.models import Account, LedgerEntry, Payout
from shortchain.stock.models import Lot
from shortchain.transaction import transaction
from shortchain.workflows import documents, fulfilment, refunds, settlement, weighing
from tests.support import paperwork
from tests.support.market import Market, market
from tests.support.scales import add_chicken, pack, start_packing

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    found = paperwork.numbered(market(session, gateways))
    add_chicken(found)
    return found


def line_of(shop: Market, order: Order) -> OrderLine:
    shop.session.rollback()
    return shop.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.max_weight_g.is_not(None))
    ).one()


def deliver_and_settle(shop: Market, order: Order) -> None:
    shop.session.rollback()
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()


def owed(shop: Market, order: Order, enterprise_id: int) -> int:
    return shop.session.execute(
        select(func.sum(Payout.amount_cents)).where(Payout.order_id == order.id, Payout.enterprise_id == enterprise_id)
    ).scalar_one()


def money_breaches(shop: Market) -> list[str]:
    shop.session.rollback()
    found = checks.check_all(shop.session, now=shop.now + AFTER)
    return [one.what for one in found if one.promise.startswith(("P1", "P2", "P3"))]


def test_charges_the_most_and_counts_pieces(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 2)
    line = line_of(shop, order)
    assert (line.amount, line.weight_g, line.max_weight_g, line.true_weight_g) == (2, 3600, 3960, None)
    assert (line.total_cents, line.less_cents) == (5148, 0)
    assert session.scalars(select(Lot.allocated).order_by(Lot.id)).all()[-1] == 2
    session.rollback()


def test_gives_the_difference_back_and_pays_by_true_weight(shop: Market, session: Session) -> None:
    order = shop.order(1, 0, 2)
    pack(shop, order, {2: 3600})
    line = line_of(shop, order)
    assert (line.true_weight_g, line.less_cents, line.sold_cents) == (3600, 468, 4680)
    refund = session.scalars(select(Refund)).one()
    assert (refund.amount_cents, refund.reason, refund.order_id) == (468, "weighed", order.id)
    session.rollback()
    assert refunds.send_refunds(session, shop.gateways, now=shop.now) == 1
    deliver_and_settle(shop, order)
    goods = 240 + 4680
    assert owed(shop, order, shop.packers[0].id) == 200  # who packs loses nothing by a light chicken
    sold = select(func.sum(-LedgerEntry.amount_cents)).where(
        LedgerEntry.enterprise_id == shop.farms[0].id, LedgerEntry.order_id == order.id
    )
    assert session.scalar(sold.where(LedgerEntry.kind == "goods")) == goods
    assert session.scalar(sold.where(LedgerEntry.kind == "fee")) == -goods * 5 // 100
    own = LedgerEntry.kind.in_(("goods", "transport"))  # one seller and one rate: its VAT is that of the sum
    brought = session.scalar(sold.where(LedgerEntry.kind == "transport")) or 0
    vat = sold.with_only_columns(func.sum(-LedgerEntry.vat_cents)).where(own)
    assert session.scalar(vat) == round((goods + brought) * 6 / 106)
    assert money_breaches(shop) == []
    documents.make_due(session, shop.gateways, now=shop.now + AFTER)
    session.rollback()
    papers = [Paper.from_json(one.content).draft for one in session.scalars(select(Document))]
    chicken = [item for paper in papers for item in paper.lines if "Hoevekip" in item.text]
    assert [(item.thousandths, item.unit) for item in chicken] == [(3600, "KGM")]
    assert sum(paper.payable_cents for paper in papers) == order.total_cents - 468
    assert money_breaches(shop) == []


def test_takes_another_refund_in_proportion_of_what_is_left(shop: Market, session: Session) -> None:
    order = shop.order(1, 1, 1)
    pack(shop, order, {3: 1000})
    total = order.total_cents
    less = line_of(shop, order).less_cents
    assert less == 2574 - 1300
    session.rollback()
    refunds.give_back(
        session, order_id=order.id, hub_id=order.hub_id, amount_cents=321, reason="bad", by=SYSTEM, now=shop.now
    )
    assert refunds.send_refunds(session, shop.gateways, now=shop.now) == 2
    deliver_and_settle(shop, order)
    divided = session.scalar(
        select(func.sum(LedgerEntry.amount_cents)).where(
            LedgerEntry.transaction.startswith("settle:"), LedgerEntry.account == Account.CUSTOMER
        )
    )
    assert divided == total - less - 321
    assert money_breaches(shop) == []


def test_gives_no_more_back_than_is_left(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 1)
    refunds.give_back(
        session,
        order_id=order.id,
        hub_id=order.hub_id,
        amount_cents=order.total_cents - 100,
        reason="late",
        by=SYSTEM,
        now=shop.now,
    )
    pack(shop, order, {1: 900})
    assert line_of(shop, order).less_cents == 100
    session.rollback()
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    deliver_and_settle(shop, order)
    assert money_breaches(shop) == []


def test_does_not_let_it_go_unweighed(shop: Market, session: Session) -> None:
    order = shop.order(1, 0, 1)
    who = start_packing(shop, order)
    with pytest.raises(NotWeighed):
        fulfilment.finish_job(session, **who)  # type: ignore[arg-type]
    assert shop.jobs(order.id, Stage.PACK)[-1].state is JobState.STARTED
    session.rollback()
    with pytest.raises(TooHeavy):
        weighing.weigh(session, weights={2: 1981}, **who)  # type: ignore[arg-type]
    assert line_of(shop, order).true_weight_g is None
    session.rollback()
    assert weighing.weigh(session, weights={1: 200, 2: 1980, 9: 5}, **who) == 1  # type: ignore[arg-type]
    fulfilment.finish_job(session, **who)  # type: ignore[arg-type]
    assert session.scalar(select(func.count(Refund.id))) == 0
    session.rollback()
    with pytest.raises(NotNow):
        weighing.weigh(session, weights={2: 1000}, **who)  # type: ignore[arg-type]


def test_a_second_weight_takes_the_place_of_the_first(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 1)
    who = start_packing(shop, order)
    for grams in (1100, 1900):
        weighing.weigh(session, weights={1: grams}, **who)  # type: ignore[arg-type]
    fulfilment.finish_job(session, **who)  # type: ignore[arg-type]
    assert line_of(shop, order).less_cents == 2574 - 2470
    assert session.scalar(select(func.sum(Refund.amount_cents))) == 104
    session.rollback()


def test_an_order_without_weighed_goods_is_packed_as_before(shop: Market, session: Session) -> None:
    order = shop.order(2, 1)
    who = start_packing(shop, order)
    fulfilment.finish_job(session, **who)  # type: ignore[arg-type]
    assert session.scalar(select(func.count(Refund.id))) == 0
    assert session.scalar(select(func.count(Notice.id)).where(Notice.template == "order_weighed")) == 0
    session.rollback()


def test_tells_the_customer(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 1)
    pack(shop, order, {1: 1500})
    notice = session.scalars(select(Notice).where(Notice.template == "order_weighed")).one()
    assert notice.to_email == order.email
    assert notice.context["back_cents"] == 2574 - 1950
    assert notice.context["lines"][0]["true_weight_g"] == 1500
    session.rollback()


def test_sees_goods_that_left_unweighed(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 1)
    with transaction(session):
        orders.move(session, order=orders.lock(session, order_id=order.id), action="deliver", by=SYSTEM, now=shop.now)
    assert any("left without being weighed" in what for what in money_breaches(shop))


def test_sees_a_difference_that_nobody_gave_back(shop: Market, session: Session) -> None:
    order = shop.order(0, 0, 1)
    pack(shop, order, {1: 1500})
    with transaction(session):
        session.scalars(select(Refund)).one().amount_cents -= 1
    assert any("asked back for weight" in what for what in money_breaches(shop))


@given(grams=st.integers(1, 3960), other=st.integers(0, 500), first=st.booleans())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_weight_leaves_the_books_clean(shop: Market, session: Session, grams: int, other: int, first: bool) -> None:
    order = shop.order(1, 0, 2)
    give = {"order_id": order.id, "hub_id": order.hub_id, "reason": "bad", "by": SYSTEM, "now": shop.now}
    session.rollback()
    if other and first:
        refunds.give_back(session, amount_cents=other, **give)  # type: ignore[arg-type]
    pack(shop, order, {2: grams})
    if other and not first:
        refunds.give_back(session, amount_cents=other, **give)  # type: ignore[arg-type]
    refunds.send_refunds(session, shop.gateways, now=shop.now)
    deliver_and_settle(shop, order)
    assert session.scalar(select(func.count(Refund.id)).where(Refund.state != RefundState.DONE)) == 0
    assert money_breaches(shop) == []
