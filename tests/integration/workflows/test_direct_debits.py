"""Direct debits: an order stands on a promise, nobody is paid before the money is in, and what fails is followed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import AlreadyDone, NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.ordering.refusals import NotByDebit
from shortchain.payments import debit_limits, debits, giving_back
from shortchain.payments.models import Mandate, Payment, Refund, RefundState
from shortchain.payouts import ledger, reconciling, totals
from shortchain.payouts.models import Account, Payout
from shortchain.transaction import transaction
from shortchain.workflows import (
    asking_payment,
    cancellation,
    direct_debits,
    payment_events,
    refunds,
    settlement,
)
from tests.support.factories import accounts
from tests.support.fake_gateways import RecordingPayments
from tests.support.market import Market, market

AFTER = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways, left=1000, capacity=900, stops=900, places=900)


@pytest.fixture
def nele(shop: Market, session: Session) -> int:
    """A customer who paid an order before."""
    person = accounts.user(session, email="nele@post.example")
    session.commit()
    placed = shop.place(shop.basket(1, 1), user_id=person.id)
    shop.pay(placed)
    return person.id


def provider(shop: Market) -> RecordingPayments:
    assert isinstance(shop.gateways.payments, RecordingPayments)
    return shop.gateways.payments


def started(shop: Market, user_id: int, *amounts: int) -> Payment:
    """Place an order by direct debit and do what the thank-you page does."""
    placed = shop.place(shop.basket(*(amounts or (1, 1))), method="sepa_debit", user_id=user_id)
    asking_payment.start_payment(
        shop.session,
        shop.gateways,
        payment_id=placed.payment_id,
        token=placed.token,
        base_url="http://shop.example",
        now=shop.now,
    )
    return payment_of(shop, placed.payment_id)


def payment_of(shop: Market, payment_id: int) -> Payment:
    shop.session.rollback()
    return shop.session.get_one(Payment, payment_id, populate_existing=True)


def look(shop: Market, payment: Payment) -> Payment:
    payment_events.look_up(shop.session, shop.gateways, payment_id=payment.id, now=shop.now)
    return payment_of(shop, payment.id)


def promised(shop: Market, user_id: int, *amounts: int) -> Payment:
    payment = started(shop, user_id, *amounts)
    if provider(shop).checkouts[payment.reference or ""].state == "open":
        provider(shop).agree(payment.reference or "")
    return look(shop, payment)


def order_of(shop: Market, payment: Payment) -> Order:
    return shop.session.get_one(Order, payment.order_id, populate_existing=True)


def deliver(shop: Market, payment: Payment) -> None:
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=payment.order_id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)


def mails(shop: Market, template: str) -> list[dict[str, Any]]:
    shop.session.rollback()
    return [one.context for one in shop.session.scalars(select(Notice).where(Notice.template == template))]


def tasks(shop: Market) -> list[CoordinatorTask]:
    shop.session.rollback()
    query = select(CoordinatorTask).where(CoordinatorTask.done_at.is_(None)).order_by(CoordinatorTask.id)
    return list(shop.session.scalars(query.execution_options(populate_existing=True)))


def breaches(shop: Market) -> list[Any]:
    shop.session.rollback()
    assert all(row.adds_up for row in totals.per_order(shop.session))
    found = checks.check_all(shop.session, now=shop.now)
    return [breach for breach in found if breach.promise.startswith(("P1", "P2"))]


def differences(shop: Market) -> list[Any]:
    """What the orders were charged, compared with what they cost."""
    shop.session.rollback()
    return reconciling.orders_and_charges(shop.session, since=shop.now - timedelta(days=9))


def test_stands_on_a_promise_and_tells_what_is_debited(shop: Market, nele: int) -> None:
    payment = promised(shop, nele)
    assert payment.is_promised
    assert order_of(shop, payment).state.value == "confirmed"
    (told,) = mails(shop, "debit_announced")
    assert (told["cents"], told["mandate"], told["account_end"]) == (payment.amount_cents, "MANDATE1", "7034")
    assert told["day"] == (shop.now + debits.NOTICE).date().isoformat()
    booked = ledger.balance(shop.session, account=Account.BANK, order_id=payment.order_id)
    assert booked == 0, "nothing is booked before it is there"
    assert differences(shop) == [], "an order on a debit that is on its way is no difference of the books"
    assert breaches(shop) == []
    look(shop, payment)
    assert len(mails(shop, "debit_announced")) == 1


def test_pays_nobody_before_the_money_is_in(shop: Market, nele: int, session: Session, gateways: Gateways) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 0
    provider(shop).pay(payment.reference or "")
    payment_events.reconcile(session, gateways, now=shop.now + timedelta(hours=1))
    assert payment_of(shop, payment.id).is_promised, "the provider is asked about a debit in hours, not in minutes"
    payment_events.reconcile(session, gateways, now=shop.now + timedelta(hours=7))
    assert payment_of(shop, payment.id).state.value == "captured"
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 1
    assert settlement.send_payouts(session, gateways, now=shop.now + AFTER) > 0
    assert breaches(shop) == []


def test_debits_the_next_order_in_one_press_and_not_after_it_was_withdrawn(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    first = promised(shop, nele)
    assert provider(shop).names().count("debit") == 0
    second = promised(shop, nele)
    assert provider(shop).names().count("debit") == 1
    assert (second.url, second.is_promised) == (None, True)
    started_again = asking_payment.start_payment(
        session, gateways, payment_id=second.id, token="x", base_url="http://shop.example", now=shop.now
    )
    assert started_again is None
    assert provider(shop).names().count("debit") == 1, "the same press again debits nothing"
    session.rollback()
    (mandate,) = session.scalars(select(Mandate)).all()
    with pytest.raises(NotFound):
        direct_debits.withdraw(
            session, gateways, public_id=mandate.public_id, user_id=nele + 1, by=SYSTEM, now=shop.now
        )
    direct_debits.withdraw(session, gateways, public_id=mandate.public_id, user_id=nele, by=SYSTEM, now=shop.now)
    third = started(shop, nele)
    assert third.url is not None, "who withdrew is asked on the page again"
    assert {first.order_id, second.order_id, third.order_id} == {first.order_id, first.order_id + 1, first.order_id + 2}
    assert provider(shop).names().count("debit") == 1


def test_refuses_who_may_not_and_places_nothing(shop: Market, session: Session) -> None:
    person = accounts.user(session, email="nieuw@post.example")
    session.commit()
    for user_id in (None, person.id):
        with pytest.raises(NotByDebit):
            shop.place(shop.basket(1, 1), method="sepa_debit", user_id=user_id)
        session.rollback()
    assert session.scalars(select(Order)).all() == []


def test_lets_no_more_be_open_than_may_be_lost(shop: Market, nele: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first = promised(shop, nele)
    monkeypatch.setattr(debit_limits, "MOST_OPEN_CENTS", first.amount_cents * 2 - 1)
    with pytest.raises(NotByDebit):
        shop.place(shop.basket(1, 1), method="sepa_debit", user_id=nele)
    shop.session.rollback()
    provider(shop).pay(first.reference or "")
    look(shop, first)
    promised(shop, nele)


def test_calls_the_order_off_when_it_fails_before_anybody_began(shop: Market, nele: int) -> None:
    payment = promised(shop, nele)
    provider(shop).fail(payment.reference or "", "debit_not_authorized")
    payment = look(shop, payment)
    assert (payment.state.value, payment.reason) == ("failed", "debit_not_authorized")
    assert order_of(shop, payment).state.value == "cancelled"
    assert len(mails(shop, "order_cancelled")) == 1
    assert (tasks(shop), breaches(shop)) == ([], [])


def test_asks_the_customer_to_pay_otherwise_when_it_fails_later(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    provider(shop).fail(payment.reference or "", "insufficient_funds")
    payment = look(shop, payment)
    assert order_of(shop, payment).state.value == "delivered"
    assert [task.kind for task in tasks(shop)] == ["debit_failed"]
    assert [told["cents"] for told in mails(shop, "debit_failed")] == [payment.amount_cents]
    assert breaches(shop) == []
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 0
    with pytest.raises(NotByDebit):
        shop.place(shop.basket(1, 1), method="sepa_debit", user_id=nele)
    session.rollback()
    again = asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now)
    assert asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now) == again
    asking_payment.start_payment(
        session, gateways, payment_id=again, token="x", base_url="http://shop.example", now=shop.now
    )
    paying = payment_of(shop, again)
    assert paying.amount_cents == payment.amount_cents
    provider(shop).pay(paying.reference or "")
    assert look(shop, paying).state.value == "captured"
    assert tasks(shop) == []
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 1
    assert breaches(shop) == []


def test_lowers_what_is_owed_by_what_was_to_go_back(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    with transaction(session):
        order = orders.lock(session, order_id=payment.order_id)
        giving_back.owe(session, order=order, amount_cents=300, reason="complaint", now=shop.now)
    assert refunds.send_refunds(session, gateways, now=shop.now) == 0, "what is not there yet does not go back"
    assert breaches(shop) == [], "nothing of it is booked"
    provider(shop).fail(payment.reference or "")
    payment = look(shop, payment)
    (refund,) = session.scalars(select(Refund)).all()
    assert (refund.state, refund.voided_at) == (RefundState.REQUESTED, shop.now)
    assert differences(shop) == [], "an order that is owed is no difference of the books"
    owed = debits.owed(session, order_id=payment.order_id)
    assert owed is not None
    assert owed.left_cents == payment.amount_cents - 300
    again = asking_payment.retry_payment(session, order_id=payment.order_id, method="bancontact", now=shop.now)
    asking_payment.start_payment(
        session, gateways, payment_id=again, token="x", base_url="http://shop.example", now=shop.now
    )
    provider(shop).pay(payment_of(shop, again).reference or "")
    look(shop, payment_of(shop, again))
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 1
    assert refunds.send_refunds(session, gateways, now=shop.now + AFTER) == 0
    assert differences(shop) == [], "what was not charged is what was not to be charged"
    assert breaches(shop) == []


@pytest.mark.parametrize("page_is_open", [False, True], ids=["before the page was opened", "while the page is open"])
def test_what_goes_back_after_it_failed_lowers_what_is_owed_or_goes_back_of_what_is_paid(
    shop: Market, nele: int, session: Session, gateways: Gateways, page_is_open: bool
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    provider(shop).fail(payment.reference or "")
    look(shop, payment)

    def open_page() -> Payment:
        again = asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now)
        asking_payment.start_payment(
            session, gateways, payment_id=again, token="x", base_url="http://shop.example", now=shop.now
        )
        return payment_of(shop, again)

    paying = open_page() if page_is_open else None
    with transaction(session):
        order = orders.lock(session, order_id=payment.order_id)
        assert giving_back.left_of(session, order_id=order.id) == payment.amount_cents
        giving_back.owe(session, order=order, amount_cents=300, reason="empties", now=shop.now)
    assert refunds.send_refunds(session, gateways, now=shop.now) == 0, "nobody paid it"
    paying = paying or open_page()
    assert paying.amount_cents == payment.amount_cents - (0 if page_is_open else 300)
    provider(shop).pay(paying.reference or "")
    assert look(shop, paying).state.value == "captured"
    assert refunds.send_refunds(session, gateways, now=shop.now) == int(page_is_open)
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 1
    assert differences(shop) == []
    assert breaches(shop) == []


def test_a_page_that_asks_more_than_is_owed_now_is_not_opened_again(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    provider(shop).fail(payment.reference or "")
    look(shop, payment)
    first = asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now)
    with transaction(session):
        order = orders.lock(session, order_id=payment.order_id)
        giving_back.owe(session, order=order, amount_cents=300, reason="empties", now=shop.now)
    second = asking_payment.retry_payment(session, order_id=payment.order_id, method="card", now=shop.now)
    assert payment_of(shop, second).amount_cents == payment_of(shop, first).amount_cents - 300


def test_gives_back_what_was_called_off_once_it_has_come(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    order = order_of(shop, payment)
    token = orders.tracking_token(order.key)
    assert cancellation.cancel_by_customer(session, gateways, token=token, by=SYSTEM, now=shop.now)
    assert refunds.send_refunds(session, gateways, now=shop.now) == 0
    assert breaches(shop) == []
    provider(shop).pay(payment.reference or "")
    look(shop, payment)
    assert refunds.send_refunds(session, gateways, now=shop.now) == 1
    assert order_of(shop, payment).state.value == "cancelled"
    assert breaches(shop) == []
    assert ledger.balance(session, account=Account.BANK, order_id=order.id) == 0


def test_lets_the_platform_bear_what_never_came_so_that_everybody_gets_theirs(
    shop: Market, nele: int, session: Session, gateways: Gateways
) -> None:
    payment = promised(shop, nele)
    deliver(shop, payment)
    provider(shop).fail(payment.reference or "")
    look(shop, payment)
    (task,) = tasks(shop)
    hub_id = task.hub_id
    with pytest.raises(NotFound):
        direct_debits.bear(session, task_public_id=task.public_id, hub_id=hub_id + 99, by=SYSTEM, now=shop.now)
    cents = direct_debits.bear(session, task_public_id=task.public_id, hub_id=hub_id, by=SYSTEM, now=shop.now)
    assert cents == payment.amount_cents
    with pytest.raises(AlreadyDone):
        direct_debits.bear(session, task_public_id=task.public_id, hub_id=hub_id, by=SYSTEM, now=shop.now)
    assert settlement.settle_orders(session, now=shop.now + AFTER) == 1
    settlement.send_payouts(session, gateways, now=shop.now + AFTER)
    session.rollback()
    paid = session.scalars(select(Payout).where(Payout.order_id == payment.order_id)).all()
    assert paid
    assert all(payout.state.value == "paid" and payout.charge is None for payout in paid)
    (money,) = [row for row in totals.per_order(session) if row.number == order_of(shop, payment).number]
    assert (money.charged, money.held) == (0, 0)
    assert money.fees == -sum(payout.amount_cents for payout in paid)
    assert breaches(shop) == []
    with pytest.raises(giving_back.NobodyPaid), transaction(session):
        order = orders.lock(session, order_id=payment.order_id)
        giving_back.owe(session, order=order, amount_cents=100, reason="complaint", now=shop.now)
