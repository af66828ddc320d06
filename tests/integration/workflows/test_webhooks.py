"""Webhooks in every order, twice, late, forged: the same end, and what was not believed can be seen."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import inbox
from shortchain.payments import operations as payments
from shortchain.payments.models import Dispute, Payment, Refund, WebhookReceipt
from shortchain.payouts import ledger
from shortchain.payouts.models import Account, Payout, PayoutReversal
from shortchain.transaction import transaction
from shortchain.workflows import asking_payment, cancellation, payment_events, refunds, settlement
from tests.integration.workflows.test_settlement import delivered, money_breaches, settled
from tests.support.clock import Clock
from tests.support.fake_gateways import RecordingPayments, signed
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=1000, capacity=900, stops=900, places=900)


@dataclass
class Bought:
    """An order whose payment page is open, and what the provider calls it."""

    order_id: int
    token: str
    reference: str


def bought(shop: Market) -> Bought:
    placed = shop.place(shop.basket(1, 1))
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    reference = shop.session.get_one(Payment, placed.payment_id, populate_existing=True).reference or ""
    return Bought(placed.order_id, placed.token, reference)


def provider(shop: Market) -> RecordingPayments:
    assert isinstance(shop.gateways.payments, RecordingPayments)
    return shop.gateways.payments


def paid_events(one: Bought) -> list[tuple[str, dict[str, Any]]]:
    intent = f"pi_{one.reference}"
    return [
        ("checkout.session.completed", {"object": "checkout.session", "id": one.reference}),
        ("charge.succeeded", {"object": "charge", "id": f"ch_{one.reference}", "payment_intent": intent}),
    ]


def disputed(shop: Market, one: Bought, outcome: str) -> list[tuple[str, dict[str, Any]]]:
    """Pay, and let the bank decide a dispute: five events."""
    provider(shop).pay(one.reference)
    name = provider(shop).dispute(one.reference)
    provider(shop).dispute(one.reference, state=outcome)
    about = {"object": "dispute", "id": name}
    kinds = ("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed")
    return [*paid_events(one), *((kind, about) for kind in kinds)]


def refunded(shop: Market, one: Bought, *, comes_back: bool) -> list[tuple[str, dict[str, Any]]]:
    """Pay, cancel and refund, and perhaps have it back: four or five events."""
    provider(shop).pay(one.reference)
    payment = shop.session.scalars(select(Payment).where(Payment.reference == one.reference)).one()
    payment_events.look_up(shop.session, shop.gateways, payment_id=payment.id, now=shop.now)
    cancellation.cancel_by_customer(shop.session, shop.gateways, token=one.token, by=SYSTEM, now=shop.now)
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now)
    refund = shop.session.scalars(select(Refund).where(Refund.order_id == one.order_id)).one()
    provider(shop).finish_refund(refund.reference or "", "failed" if comes_back else "succeeded")
    about = {"object": "refund", "id": refund.reference, "metadata": {"shortchain_key": refund.public_id}}
    shop.session.rollback()
    events = [*paid_events(one), ("refund.created", about), ("refund.updated", about)]
    return [*events, ("refund.failed", about)] if comes_back else events


STORIES: dict[str, Callable[[Market, Bought], list[tuple[str, dict[str, Any]]]]] = {
    "dispute won": lambda shop, one: disputed(shop, one, "won"),
    "dispute lost": lambda shop, one: disputed(shop, one, "lost"),
    "refund arrives": lambda shop, one: refunded(shop, one, comes_back=False),
    "refund comes back": lambda shop, one: refunded(shop, one, comes_back=True),
}


def end_of(session: Session, order_id: int) -> tuple[Any, ...]:
    """Gather how an order ended: its state, its money per account and kind, its disputes and open tasks."""
    session.rollback()
    order = session.get_one(Order, order_id, populate_existing=True)
    money: dict[tuple[str, str], int] = {}
    for entry in ledger.entries_of(session, order_id=order_id):
        key = (entry.account.value, entry.kind)
        money[key] = money.get(key, 0) + entry.amount_cents
    disputes = session.scalars(select(Dispute.state).where(Dispute.order_id == order_id)).all()
    tasks = session.scalars(
        select(CoordinatorTask.kind).where(CoordinatorTask.order_id == order_id, CoordinatorTask.done_at.is_(None))
    ).all()
    sums = sorted((key, cents) for key, cents in money.items() if cents)
    return order.state, tuple(sums), tuple(disputes), tuple(sorted(tasks))


@pytest.mark.slow
@pytest.mark.sqlite_only
@pytest.mark.parametrize("story", STORIES)
def test_ends_the_same_in_every_order_with_every_event_twice(
    client: Any, shop: Market, session: Session, gateways: Gateways, story: str
) -> None:
    ends = set()
    first = None
    count = 5
    for number, places in enumerate(itertools.permutations(range(count))):
        if count < 5 and number % 5:
            continue  # four events have 24 orders, each would come five times
        one = bought(shop)
        events = STORIES[story](shop, one)
        count = len(events)
        order = [place for place in places if place < count]
        for place in [*order, *order[::-1]]:
            kind, thing = events[place]
            sent = signed(f"evt_{number}_{place}", kind, **thing)
            assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
            payment_events.process_inbox(session, gateways, now=shop.now)
        first = first or one
        ends.add(end_of(session, one.order_id))
    assert len(ends) == 1, ends
    assert checks.check_all(session, now=shop.now) == []
    received = session.scalar(select(func.count()).select_from(WebhookReceipt))
    worked = session.scalar(select(func.count()).where(WebhookReceipt.processed_at.is_not(None)))
    assert received == worked == 120 * 5 if len(events) == 5 else received == worked


@pytest.mark.parametrize(
    ("story", "tasks"),
    [
        ("dispute won", ()),
        ("dispute lost", ("dispute_lost",)),
        ("refund arrives", ()),
        ("refund comes back", ("refund_returned",)),
    ],
)
def test_books_where_the_money_is_and_asks_a_person_when_needed(
    client: Any, shop: Market, session: Session, gateways: Gateways, story: str, tasks: tuple[str, ...]
) -> None:
    one = bought(shop)
    for number, (kind, thing) in enumerate(STORIES[story](shop, one)):
        client.post("/webhooks/stripe", **signed(f"evt_{number}", kind, **thing), token=False)
        payment_events.process_inbox(session, gateways, now=shop.now)
    total = session.get_one(Order, one.order_id).total_cents
    bank = ledger.balance(session, account=Account.BANK, order_id=one.order_id)
    assert (
        bank
        == {
            "dispute won": total - 1500,
            "dispute lost": -1500,
            "refund arrives": 0,
            "refund comes back": total,
        }[story]
    )
    assert bank == provider(shop).balance().minor
    assert end_of(session, one.order_id)[-1] == tasks


def test_lets_the_coordinator_pay_by_hand_what_came_back(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    one = bought(shop)
    for number, (kind, thing) in enumerate(STORIES["refund comes back"](shop, one)):
        client.post("/webhooks/stripe", **signed(f"evt_{number}", kind, **thing), token=False)
    payment_events.process_inbox(session, gateways, now=shop.now)
    session.rollback()
    task = session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == "refund_returned")).one()
    total, public_id, hub_id = session.get_one(Order, one.order_id).total_cents, task.public_id, task.hub_id
    assert ledger.balance(session, account=Account.CUSTOMER, order_id=one.order_id) == -total
    cents = refunds.note_paid_by_hand(session, task_public_id=public_id, hub_id=hub_id, by=SYSTEM, now=shop.now)
    assert cents == total
    assert ledger.balance(session, account=Account.CUSTOMER, order_id=one.order_id) == 0
    assert refunds.send_refunds(session, gateways, now=shop.now + timedelta(days=1)) == 0
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []


def test_pays_out_nothing_of_an_order_while_the_bank_decides(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock
) -> None:
    order = shop.order(1, 1)
    reference = session.scalars(select(Payment.reference)).one() or ""
    with transaction(session):
        orders.move(session, order=orders.lock(session, order_id=order.id), action="deliver", by=SYSTEM, now=shop.now)
    for number, state in enumerate(("open", "won")):
        name = provider(shop).dispute(reference, state=state)
        event = signed(f"evt_{number}", "charge.dispute.updated", object="dispute", id=name)
        client.post("/webhooks/stripe", **event, token=False)
        payment_events.process_inbox(session, gateways, now=clock.now)
        expected = 1 if state == "won" else 0
        assert settlement.settle_orders(session, now=shop.now + timedelta(hours=50)) == expected
    assert money_breaches(shop, shop.now + timedelta(hours=50)) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"amount_total": 1}, "wrong amount"), ({"currency": "usd"}, "wrong currency")],
)
def test_believes_no_event_that_says_another_amount(
    client: Any, shop: Market, session: Session, gateways: Gateways, changes: dict[str, Any], reason: str
) -> None:
    one = bought(shop)
    status = provider(shop).pay(one.reference)
    thing = {"amount_total": status.amount.minor, "currency": "eur", **changes}
    lie = signed("evt_lie", "checkout.session.completed", object="checkout.session", id=one.reference, **thing)
    assert client.post("/webhooks/stripe", **lie, token=False).status_code == 200
    payment_events.process_inbox(session, gateways, now=shop.now)
    session.rollback()
    assert session.scalars(select(WebhookReceipt.outcome)).one() == f"not believed: {reason}"
    assert [(row.reason, row.count) for row in inbox.refusals(session)] == [(f"event says {reason}", 1)]
    assert session.get_one(Payment, 1).amount_cents == status.amount.minor
    assert checks.check_all(session, now=shop.now) == []


def test_counts_what_is_signed_by_somebody_else(client: Any, shop: Market, session: Session, clock: Clock) -> None:
    event = signed("evt_forged", "charge.succeeded", object="charge", id="ch_1")
    event["headers"] = {"Stripe-Signature": "bad"}
    for _ in range(3):
        assert client.post("/webhooks/stripe", **event, token=False).status_code == 400
    assert session.scalar(select(func.count()).select_from(WebhookReceipt)) == 0
    assert [(row.reason, row.count) for row in inbox.refusals(session)] == [("not signed", 3)]


def test_stops_paying_a_seller_who_closed_the_account_and_goes_on_when_it_opens(
    client: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    settled(shop, delivered(shop, 1, 1))
    farm_id, account = shop.farms[0].id, shop.farms[0].stripe_account or ""

    def hear(event_id: str, kind: str, **thing: Any) -> None:
        sent = signed(event_id, kind, of_account=account, **thing)
        assert client.post("/webhooks/stripe", **sent, token=False).status_code == 200
        payment_events.process_inbox(session, gateways, now=shop.now)
        session.rollback()

    def open_tasks() -> list[str]:
        query = select(CoordinatorTask.kind).where(CoordinatorTask.done_at.is_(None)).order_by(CoordinatorTask.id)
        return list(session.scalars(query))

    hear("evt_1", "payout.failed", object="payout", id="po_1", amount=700, failure_code="account_closed")
    assert open_tasks() == ["payout_failed"]
    provider(shop).close_account(account)
    hear("evt_2", "account.application.deauthorized", object="application", id="ca_1")
    assert session.get_one(Enterprise, farm_id, populate_existing=True).payouts_enabled is False
    assert open_tasks() == ["payout_failed", "account_closed"]
    provider(shop).enable(account)
    hear("evt_3", "account.updated", object="account", id=account)
    assert session.get_one(Enterprise, farm_id, populate_existing=True).payouts_enabled is True
    assert open_tasks() == ["payout_failed"]


def test_parks_an_event_that_can_not_be_worked_on_and_goes_on_with_others(
    client: Any, shop: Market, session: Session, gateways: Gateways, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bought(shop)
    provider(shop).pay(one.reference)
    poison = signed("evt_a_poison", "charge.dispute.created", object="dispute", id="dp_nothing")
    good = signed("evt_b_good", "checkout.session.completed", object="checkout.session", id=one.reference)
    for event in (poison, good):
        client.post("/webhooks/stripe", **event, token=False)
    for _ in range(inbox.PARK_AFTER + 2):
        payment_events.process_inbox(session, gateways, now=clock.move(hours=5))
    session.rollback()
    assert [row.event_id for row in inbox.parked(session)] == ["evt_a_poison"]
    assert session.get_one(WebhookReceipt, "evt_b_good").outcome == "done"


def test_keeps_a_debt_from_the_next_payout(shop: Market, session: Session, gateways: Gateways) -> None:
    first = delivered(shop, 1, 1)
    settled(shop, first)
    later = shop.now + timedelta(hours=49)
    settlement.send_payouts(session, gateways, now=later)
    with transaction(session):
        (payment,) = payments.captured_of(session, order_id=first.id)
        payments.request_refund(session, payment=payment, amount_cents=300, reason="complaint", now=later)
    refunds.send_refunds(session, gateways, now=later)
    provider(shop).refusals["reverse_transfer"] = "balance_insufficient"
    assert settlement.send_reversals(session, gateways, now=later) == 0
    owed = {row.payout_id: row.amount_cents for row in session.scalars(select(PayoutReversal))}
    session.rollback()
    assert sum(owed.values()) > 250
    second = delivered(shop, 2, 2)
    settlement.settle_orders(session, now=later + timedelta(hours=49))
    sent_before = sum(money.minor for money in provider(shop).transfers.values())
    settlement.send_payouts(session, gateways, now=later + timedelta(hours=49))
    session.rollback()
    payouts = session.scalars(select(Payout).where(Payout.order_id == second.id)).all()
    assert sum(payout.netted_cents for payout in payouts) == sum(owed.values())
    sent = sum(money.minor for money in provider(shop).transfers.values()) - sent_before
    assert sent == sum(payout.amount_cents for payout in payouts) - sum(owed.values())
    assert session.scalar(select(func.count()).where(PayoutReversal.done_at.is_(None))) == 0
    assert settlement.send_reversals(session, gateways, now=later + timedelta(days=9)) == 0
    assert money_breaches(shop, later + timedelta(hours=49)) == []
    assert ledger.balance(session, account=Account.BANK) == provider(shop).balance().minor


def test_takes_the_money_of_a_wrong_currency_for_nothing(shop: Market, session: Session, gateways: Gateways) -> None:
    one = bought(shop)
    status = provider(shop).pay(one.reference)
    provider(shop).checkouts[one.reference] = replace(status, amount=Money(status.amount.minor, "USD"))
    payment_events.look_up(session, gateways, payment_id=1, now=shop.now)
    session.rollback()
    payment = session.get_one(Payment, 1, populate_existing=True)
    assert (payment.currency, payment.state.value) == ("USD", "returned")
