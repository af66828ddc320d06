"""One order, two payments: it stands with the last of them, once, and everything goes back the way it came."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine, OrderState
from shortchain.payments import line_refunds, standing
from shortchain.payments.models import Payment, PaymentState, Refund
from shortchain.payouts import totals
from shortchain.payouts.models import Payout
from shortchain.transaction import transaction
from shortchain.workflows import asking_payment, cancellation, payment_events, refunds, settlement
from tests.support.clock import Clock
from tests.support.fake_gateways import signed
from tests.support.market import Market, market
from tests.support.splitting import opened_twice


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def order_of(shop: Market, order_id: int) -> Order:
    shop.session.rollback()
    return shop.session.get_one(Order, order_id, populate_existing=True)


def paid_by_both(shop: Market, cents: int = 300) -> tuple[Order, tuple[int, int], tuple[str, str]]:
    placed, ids, references = opened_twice(shop, cents)
    for payment_id, reference in zip(ids, references, strict=True):
        shop.gateways.payments.pay(reference)  # type: ignore[attr-defined]
        payment_events.look_up(shop.session, shop.gateways, payment_id=payment_id, now=shop.now)
    return order_of(shop, placed.order_id), ids, references


def refunded(session: Session) -> dict[int, int]:
    rows = session.execute(select(Refund.payment_id, func.sum(Refund.amount_cents)).group_by(Refund.payment_id))
    return {payment: int(cents) for payment, cents in rows}


def clean(shop: Market, session: Session, **later: int) -> bool:
    session.rollback()
    session.expire_all()
    found = checks.check_all(session, now=shop.now + timedelta(**later))
    assert [one for one in found if one.promise.startswith(("P1", "P2", "P3", "P4"))] == []
    return all(row.adds_up for row in totals.per_order(session))


def test_stands_with_the_last_part_whatever_the_order_of_events(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    """Five events about two payments, one of them twice, in every order."""
    count = 0
    for number, order in enumerate(itertools.permutations(range(5))):
        if number % 3:  # every third of the 120 orders, each part being first in some
            continue
        placed, _ids, references = opened_twice(shop)
        for reference in references:
            gateways.payments.pay(reference)
        events = [
            signed(f"evt_{number}_{n}", kind, id=thing, object=kind.rpartition(".")[0])
            for n, (kind, thing) in enumerate(
                [
                    ("payment_intent.succeeded", f"pi_{references[0]}"),
                    ("checkout.session.completed", references[0]),
                    ("payment_intent.succeeded", f"pi_{references[1]}"),
                    ("checkout.session.completed", references[1]),
                ]
            )
        ]
        for place in order:
            client.post("/webhooks/stripe", **events[place % 4], token=False)
            payment_events.process_inbox(session, gateways, now=shop.now)
        assert order_of(shop, placed.order_id).state is OrderState.CONFIRMED
        count += 1
    assert session.scalar(select(func.count()).where(Payment.state == PaymentState.CAPTURED)) == 2 * count
    assert session.scalar(select(func.count()).where(Notice.template == "order_confirmed")) == count
    assert clean(shop, session)


def test_waits_while_a_part_is_missing(shop: Market, session: Session, gateways: Gateways) -> None:
    placed, ids, references = opened_twice(shop)
    gateways.payments.pay(references[1])
    payment_events.look_up(session, gateways, payment_id=ids[1], now=shop.now)
    assert order_of(shop, placed.order_id).state is OrderState.AWAITING_PAYMENT
    stands = standing.of_order(session, order_id=placed.order_id)
    assert stands is not None
    assert stands.payment_id == ids[0]  # what the customer is to do next
    assert sorted((part.method, part.is_there) for part in stands.parts) == [("bancontact", False), ("card", True)]
    assert clean(shop, session)


def test_takes_no_part_twice(shop: Market, session: Session, gateways: Gateways) -> None:
    placed, ids, references = opened_twice(shop)
    gateways.payments.pay(references[0])
    payment_events.look_up(session, gateways, payment_id=ids[0], now=shop.now)
    again = asking_payment.retry_payment(session, order_id=placed.order_id, method="card", now=shop.now)
    assert again == ids[1]  # the first part is paid; what is still to come has a page that is open
    gateways.payments.checkouts[references[1]] = gateways.payments.checkouts[references[1]].__class__(
        references[1], "captured", Money(301), "ch_more", "pi_more"
    )
    payment_events.look_up(session, gateways, payment_id=ids[1], now=shop.now)
    assert order_of(shop, placed.order_id).state is OrderState.AWAITING_PAYMENT
    assert refunded(session) == {ids[1]: 301}


def test_gives_the_part_back_that_came_when_the_order_falls(
    shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    placed, ids, references = opened_twice(shop)
    gateways.payments.pay(references[1])
    payment_events.look_up(session, gateways, payment_id=ids[1], now=shop.now)
    late = shop.now + timedelta(minutes=31)
    assert asking_payment.expire_orders(session, gateways, now=late) == 1
    assert refunded(session) == {ids[1]: 300}
    # The other part comes in all the same: the first went back, so this one does too.
    gateways.payments.pay(references[0])
    payment_events.look_up(session, gateways, payment_id=ids[0], now=late)
    assert order_of(shop, placed.order_id).state is OrderState.CANCELLED
    refunds.send_refunds(session, gateways, now=late)
    assert sum(money.minor for money in [r.amount for r in gateways.payments.refunds.values()]) == sum(
        p.amount_cents for p in session.scalars(select(Payment))
    )
    assert clean(shop, session, minutes=31)


def test_cancelling_gives_each_part_back(shop: Market, session: Session, gateways: Gateways) -> None:
    order, ids, _references = paid_by_both(shop)
    token = orders.tracking_token(order.key)
    back = cancellation.cancel_by_customer(session, gateways, token=token, by=GUEST, now=shop.now)
    assert back == order.total_cents
    assert refunded(session) == {ids[0]: order.total_cents - 300, ids[1]: 300}
    assert refunds.send_refunds(session, gateways, now=shop.now) == 2
    assert clean(shop, session)


def test_money_back_comes_off_the_last_payment_first(shop: Market, session: Session, gateways: Gateways) -> None:
    order, ids, _references = paid_by_both(shop)
    refunds.give_back(
        session, order_id=order.id, hub_id=order.hub_id, amount_cents=340, reason="laat", by=SYSTEM, now=shop.now
    )
    assert refunded(session) == {ids[0]: 40, ids[1]: 300}
    with pytest.raises(refunds.NothingLeft):
        refunds.give_back(
            session,
            order_id=order.id,
            hub_id=order.hub_id,
            amount_cents=order.total_cents - 339,
            reason="laat",
            by=SYSTEM,
            now=shop.now,
        )
    assert clean(shop, session)


def test_divides_and_pays_out_as_if_it_were_one(shop: Market, session: Session, gateways: Gateways) -> None:
    """The same order paid at once and in two: the same shares, also with money back for a line before and after."""
    whole = shop.order(2, 1)
    order, _ids, references = paid_by_both(shop, cents=400)
    for one in (whole, order):
        session.rollback()
        with transaction(session):
            row = orders.lock(session, order_id=one.id)
            orders.move(session, order=row, action="deliver", by=SYSTEM, now=shop.now)
            line = session.scalars(select(OrderLine).where(OrderLine.order_id == one.id).order_by(OrderLine.id)).first()
            assert line is not None
            line_refunds.give_back(session, order=row, line=line, amount_cents=150, reason="bad", now=shop.now)
    refunds.send_refunds(session, gateways, now=shop.now)
    later = shop.now + timedelta(hours=49)
    assert settlement.settle_orders(session, now=later) == 2
    for one in (whole, order):
        refunds.give_back(
            session, order_id=one.id, hub_id=one.hub_id, amount_cents=55, reason="laat", by=SYSTEM, now=later
        )
    refunds.send_refunds(session, gateways, now=later)
    settlement.send_payouts(session, gateways, now=later)
    session.rollback()
    amounts = {
        number: [
            row.left_cents
            for row in session.scalars(
                select(Payout)
                .where(Payout.order_id == number)
                .order_by(Payout.enterprise_id)
                .execution_options(populate_existing=True)
            )
        ]
        for number in (whole.id, order.id)
    }
    assert amounts[whole.id] == amounts[order.id]
    assert {row.charge for row in session.scalars(select(Payout).where(Payout.order_id == order.id))} <= {
        f"ch_{references[0]}",
        f"ch_{references[1]}",
        None,
    }
    out: dict[str, int] = {}
    for row in session.scalars(select(Payout).where(Payout.order_id == order.id, Payout.charge.is_not(None))):
        out[row.charge or ""] = out.get(row.charge or "", 0) + (row.sent_cents or 0)
    came = {p.charge: p.amount_cents for p in session.scalars(select(Payment).where(Payment.order_id == order.id))}
    assert all(cents <= came[charge] for charge, cents in out.items())  # the provider refuses more
    assert clean(shop, session, hours=49)
