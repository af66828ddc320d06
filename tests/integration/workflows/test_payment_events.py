"""What the provider says, in any order, twice, late or never: the order ends the same."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import Refused
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment, PaymentState, Refund, RefundState, WebhookReceipt
from shortchain.workflows import asking_payment, bank_credits, cancellation, checkout, payment_events, refunds
from tests.support.clock import Clock
from tests.support.fake_gateways import signed
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def opened(shop: Market, *, method: str = "bancontact") -> tuple[checkout.Placed, str]:
    """Place an order and open its payment page; gives the provider's reference too."""
    placed = shop.place(shop.basket(1, 1), method=method)
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    return placed, shop.session.get_one(Payment, placed.payment_id, populate_existing=True).reference or ""


def order_of(shop: Market, placed: checkout.Placed) -> Order:
    shop.session.rollback()
    return shop.session.get_one(Order, placed.order_id, populate_existing=True)


def events_about(reference: str, name: str) -> list[dict[str, Any]]:
    """Make the four events that Stripe sends about one paid checkout, in its own order."""
    intent = f"pi_{reference}"
    return [
        signed(f"evt_{name}_1", "payment_intent.created", id=intent, object="payment_intent"),
        signed(f"evt_{name}_2", "charge.succeeded", id=f"ch_{reference}", object="charge", payment_intent=intent),
        signed(f"evt_{name}_3", "payment_intent.succeeded", id=intent, object="payment_intent"),
        signed(f"evt_{name}_4", "checkout.session.completed", id=reference, object="checkout.session"),
    ]


def test_ends_the_same_whatever_the_order_of_events(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    for number, order in enumerate(itertools.permutations(range(4))):
        placed, reference = opened(shop)
        gateways.payments.pay(reference)
        events = events_about(reference, str(number))
        for place in order:
            assert client.post("/webhooks/stripe", **events[place], token=False).status_code == 200
            payment_events.process_inbox(session, gateways, now=shop.now)
        assert order_of(shop, placed).state is OrderState.CONFIRMED
    assert session.scalar(select(func.count()).where(Payment.state == PaymentState.CAPTURED)) == 24
    assert session.scalar(select(func.count()).where(Notice.template == "order_confirmed")) == 24
    assert checks.check_all(session, now=shop.now) == []


def test_does_a_thing_once_though_it_hears_of_it_five_times(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    last = events_about(reference, "five")[3]
    answers = [client.post("/webhooks/stripe", **last, token=False) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert session.scalar(select(func.count()).select_from(WebhookReceipt)) == 1
    for _ in range(3):
        payment_events.process_inbox(session, gateways, now=shop.now)
    assert order_of(shop, placed).state is OrderState.CONFIRMED
    assert session.scalar(select(func.count()).where(Notice.template == "order_confirmed")) == 1


def test_refuses_what_is_not_signed(client: Any, shop: Market, session: Session) -> None:
    _placed, reference = opened(shop)
    event = events_about(reference, "bad")[3]
    event["headers"] = {"Stripe-Signature": "bad"}
    assert client.post("/webhooks/stripe", **event, token=False).status_code == 400
    assert session.scalar(select(func.count()).select_from(WebhookReceipt)) == 0


def test_believes_the_provider_and_not_the_event(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    placed, reference = opened(shop)  # nobody has paid
    client.post("/webhooks/stripe", **events_about(reference, "lie")[3], token=False)
    payment_events.process_inbox(session, gateways, now=shop.now)
    assert order_of(shop, placed).state is OrderState.AWAITING_PAYMENT


def test_puts_an_event_about_nothing_of_ours_aside(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    client.post("/webhooks/stripe", **events_about("cs_unknown", "x")[3], token=False)
    payment_events.process_inbox(session, gateways, now=shop.now)
    receipt = session.scalars(select(WebhookReceipt)).one()
    assert receipt.processed_at is not None
    assert receipt.outcome == "about nothing of ours"


def test_waits_when_the_provider_is_away_and_asks_again(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    client.post("/webhooks/stripe", **events_about(reference, "away")[3], token=False)
    gateways.payments.down = True
    payment_events.process_inbox(session, gateways, now=clock.now)
    assert order_of(shop, placed).state is OrderState.AWAITING_PAYMENT
    gateways.payments.down = False
    assert payment_events.process_inbox(session, gateways, now=clock.now) == 0  # not yet
    payment_events.process_inbox(session, gateways, now=clock.move(minutes=3))
    assert order_of(shop, placed).state is OrderState.CONFIRMED


def test_asks_by_itself_when_no_event_comes(shop: Market, session: Session, gateways: Gateways, clock: Clock) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    assert payment_events.reconcile(session, gateways, now=clock.now) == 0
    assert payment_events.reconcile(session, gateways, now=clock.move(minutes=3)) == 1
    assert order_of(shop, placed).state is OrderState.CONFIRMED


@pytest.mark.parametrize("taken", [Money(1), Money(10**6), Money(825, "USD")])
def test_never_confirms_with_a_wrong_amount_and_sends_it_back(
    shop: Market, session: Session, gateways: Gateways, taken: Money
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    gateways.payments.checkouts[reference] = replace(gateways.payments.checkouts[reference], amount=taken)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=shop.now)
    assert order_of(shop, placed).state is OrderState.AWAITING_PAYMENT
    refund = session.scalars(select(Refund)).one()
    assert (refund.amount_cents, refund.state) == (taken.minor, RefundState.REQUESTED)
    assert session.scalars(select(CoordinatorTask.kind)).one() == "wrong_amount"


def test_is_not_moved_by_an_event_that_comes_three_days_late(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=shop.now)
    before = order_of(shop, placed).version
    clock.move(days=3)
    client.post("/webhooks/stripe", **events_about(reference, "late")[3], token=False)
    payment_events.process_inbox(session, gateways, now=clock.now)
    assert order_of(shop, placed).version == before


def test_charges_once_though_two_pages_were_opened(shop: Market, session: Session, gateways: Gateways) -> None:
    placed, first = opened(shop)
    second_id = asking_payment.retry_payment(session, order_id=placed.order_id, method="card", now=shop.now)
    asking_payment.start_payment(
        session, gateways, payment_id=second_id, token=placed.token, base_url="http://shop.example", now=shop.now
    )
    second = session.get_one(Payment, second_id, populate_existing=True).reference or ""
    session.rollback()
    for reference, payment_id in ((second, second_id), (first, placed.payment_id)):
        gateways.payments.pay(reference)
        payment_events.look_up(session, gateways, payment_id=payment_id, now=shop.now)
    states = session.scalars(select(Payment.state).order_by(Payment.id)).all()
    assert list(states) == [PaymentState.RETURNED, PaymentState.CAPTURED]
    assert session.scalars(select(Refund)).one().payment_id == placed.payment_id
    assert order_of(shop, placed).state is OrderState.CONFIRMED
    assert checks.check_all(session, now=shop.now) == []


def test_confirms_a_transfer_when_the_coordinator_saw_it(shop: Market, session: Session, gateways: Gateways) -> None:
    placed = shop.place(shop.basket(1, 1), method="transfer")
    order = order_of(shop, placed)
    assert order.hold_until - shop.now > timedelta(hours=12)
    hub_id = order.hub_id
    session.rollback()
    with pytest.raises(Refused):
        bank_credits.mark_transfer_received(
            session, gateways, order_id=placed.order_id, hub_id=hub_id + 1, by=SYSTEM, now=shop.now
        )
    for _ in range(2):
        bank_credits.mark_transfer_received(
            session, gateways, order_id=placed.order_id, hub_id=hub_id, by=SYSTEM, now=shop.now
        )
    assert order_of(shop, placed).state is OrderState.CONFIRMED
    assert gateways.payments.calls == []
    assert checks.check_all(session, now=shop.now) == []


def test_sends_a_refund_again_under_the_same_key_when_the_answer_is_lost(
    shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=shop.now)
    back = cancellation.cancel_by_customer(session, gateways, token=placed.token, by=SYSTEM, now=shop.now)
    assert back == order_of(shop, placed).total_cents
    assert cancellation.cancel_by_customer(session, gateways, token=placed.token, by=SYSTEM, now=shop.now) == 0
    gateways.payments.down = True
    refunds.send_refunds(session, gateways, now=clock.now)
    gateways.payments.down = False
    refunds.send_refunds(session, gateways, now=clock.move(minutes=10))
    keys = {values["key"] for name, values in gateways.payments.calls if name == "refund"}
    assert len(keys) == 1
    session.rollback()
    assert session.scalars(select(Refund)).one().state is RefundState.DONE
    assert checks.check_all(session, now=clock.now) == []


def test_refuses_to_cancel_after_the_cycle_closed(
    shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    placed, reference = opened(shop)
    gateways.payments.pay(reference)
    payment_events.look_up(session, gateways, payment_id=placed.payment_id, now=shop.now)
    with pytest.raises(cancellation.TooLate):
        cancellation.cancel_by_customer(
            session, gateways, token=placed.token, by=SYSTEM, now=clock.move(days=2, hours=3)
        )
    assert order_of(shop, placed).state is OrderState.CONFIRMED
