"""Transfers that are not what an order costs: what is short is asked for, what is too much goes back, and both are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.gateways.stripe_payments import PAGE_OUTLIVES_HOLD_SECONDS
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications import sending
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order, OrderState
from shortchain.ordering.orders import tracking_token
from shortchain.payments import bank_statements, matching
from shortchain.payments.models import Payment
from shortchain.workflows import asking_payment, bank_credits, cancellation
from tests.support.bank import Paid, camt, coda
from tests.support.client import Browser
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_bank_statement import upload, waiting
from tests.web.test_complaining import enter

Write = Callable[[Sequence[Paid]], bytes]


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def bring(desk: Browser, content: bytes) -> Page:
    """Bring a statement and do what is proposed; gives the page after it."""
    done = desk.submit(Page(upload(desk, content)).form("/boek"))
    assert done.status_code == 303
    return desk.page(done.location)


def state(session: Session, order_id: int) -> OrderState:
    session.rollback()
    return session.get_one(Order, order_id, populate_existing=True).state


def mails(session: Session, template: str) -> list[dict[str, Any]]:
    session.rollback()
    return [one.context for one in session.scalars(select(Notice).where(Notice.template == template))]


def backs(session: Session) -> list[tuple[int, str, str]]:
    session.rollback()
    found = session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == "transfer_back").order_by("id"))
    return [(one.data["cents"], one.data["payer"], one.data["iban"]) for one in found]


@pytest.mark.parametrize("write", [camt, coda])
def test_asks_for_what_is_short_and_books_with_the_rest(
    client: Browser, session: Session, gateways: Gateways, shop: Market, write: Write
) -> None:
    order, payment = waiting(shop, 2)
    order_id, hub_id, total, message = order.id, order.hub_id, payment.amount_cents, str(payment.structured_message)
    session.rollback()
    desk = enter(client, session, hub_id)
    first = [Paid(total - 150, message)]
    assert "er ontbreekt nog € 1,50" in bring(desk, write(first))
    assert "was al geboekt" in upload(desk, write(first)).text
    (told,) = mails(session, "transfer_short")
    sending.send_due(session, gateways, now=shop.now)
    (mail,) = [one for one in gateways.mailer.sent if "ontbreekt" in one.subject]  # type: ignore[attr-defined]
    assert all(words in mail.text for words in ("1,50", message, "BE49")) and "1,50" in (mail.html or "")
    assert (told["got_cents"], told["missing_cents"], told["message"]) == (total - 150, 150, message)
    assert state(session, order_id) is OrderState.AWAITING_PAYMENT
    both = write([first[0], Paid(149, message)])
    assert "te betalen: € 1,50" in Page(upload(desk, both))
    bring(desk, write([Paid(5, "huur"), Paid(150, message)]))
    assert state(session, order_id) is OrderState.CONFIRMED
    assert session.scalars(select(Payment.amount_cents)).one() == total
    assert backs(session) == []
    assert checks.check_all(session, now=shop.now) == []


@pytest.mark.parametrize("write", [camt, coda])
def test_sends_back_what_is_too_much_and_tells_it(
    client: Browser, session: Session, gateways: Gateways, shop: Market, write: Write
) -> None:
    order, payment = waiting(shop, 1)
    order_id, hub_id, total, message = order.id, order.hub_id, payment.amount_cents, str(payment.structured_message)
    session.rollback()
    desk = enter(client, session, hub_id)
    assert desk.get("/hub/geld/bank/terug.xml").status_code == 302
    page = bring(desk, write([Paid(total + 320, message)]))
    assert "€ 3,20 te veel staat bij je taken om terug te schrijven." in page
    assert "Bankbestand om terug te schrijven" in page
    assert state(session, order_id) is OrderState.CONFIRMED
    assert [told["cents"] for told in mails(session, "transfer_surplus")] == [320]
    sending.send_due(session, gateways, now=shop.now)
    assert any("3,20" in one.text for one in gateways.mailer.sent if "komt terug" in one.subject)  # type: ignore[attr-defined]
    assert backs(session) == [(320, "Nele Peeters", "BE68539007547034")]
    file = etree.fromstring(desk.get("/hub/geld/bank/terug.xml").data)
    texts = [node.text for node in file.iter() if node.text]
    assert {"3.20", "BE68539007547034", "Nele Peeters"} <= set(texts)
    assert "was al geboekt" in upload(desk, write([Paid(total + 320, message)])).text
    session.rollback()
    assert checks.check_all(session, now=shop.now) == []


def test_lets_one_credit_of_a_statement_pay_an_order(session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    hub_id, total, message = order.hub_id, payment.amount_cents, str(payment.structured_message)
    other, second = waiting(shop, 2)
    more = str(second.structured_message), second.amount_cents + 10
    session.rollback()
    paid = [
        (total + 5, message),
        (total, message),
        (total, message),
        (total - 5, message),
        (more[1], more[0]),
        (more[1], more[0]),
    ]
    credits = bank_statements.read(camt([Paid(cents, text) for cents, text in paid]))
    found = matching.match(session, hub_id=hub_id, credits=credits)
    assert [one.state for one in found[:4]] == ["twice", "exact", "twice", "twice"], "the exact one pays"
    assert [one.state for one in found[4:]] == ["more", "twice"] and found[4].order_id == other.id


def credit_of(payment: Payment, cents: int) -> bank_statements.Credit:
    return bank_statements.read(camt([Paid(cents, str(payment.structured_message))]))[0]


def test_sends_a_part_back_when_the_order_falls_or_is_paid_otherwise(
    session: Session, gateways: Gateways, shop: Market
) -> None:
    orders = [waiting(shop, 1), waiting(shop, 2)]
    for order, payment in orders:
        credit, ids = credit_of(payment, 300), (order.id, order.hub_id)
        for _ in range(2):
            session.rollback()
            missing = bank_credits.note_short(
                session, order_id=ids[0], hub_id=ids[1], credit=credit, by=SYSTEM, now=shop.now
            )
        assert missing == session.get_one(Payment, payment.id).amount_cents - 300
    ids = [order.id for order, _payment in orders]
    session.rollback()
    asking_payment.retry_payment(session, order_id=ids[0], method="bancontact", now=shop.now)
    assert len(backs(session)) == 1
    asking_payment.expire_orders(session, gateways, now=shop.now + timedelta(days=3))
    assert backs(session) == [(300, "Nele Peeters", "BE68539007547034")] * 2
    asking_payment.expire_orders(session, gateways, now=shop.now + timedelta(days=4))
    assert len(backs(session)) == 2


def test_who_ticks_to_send_back_means_that(client: Browser, session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    hub_id, file = order.hub_id, camt([Paid(200, str(payment.structured_message))])
    session.rollback()
    desk = enter(client, session, hub_id)
    form = Page(upload(desk, file)).form("/boek")
    assert form.values["rest-0"] == ["1"]  # ticked beforehand
    assert desk.submit(form, **{"back-0": "1"}).status_code == 303
    assert [cents for cents, _payer, _iban in backs(session)] == [200]
    assert mails(session, "transfer_short") == []
    desk.submit(Page(upload(desk, file)).form("/boek"))  # the next day, with what is ticked beforehand
    assert "terug te schrijven. Ze telt niet meer mee" in desk.page("/hub/geld/bank")
    assert mails(session, "transfer_short") == []


def test_counts_a_credit_or_sends_it_back_and_never_both(session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    kept, sent = credit_of(payment, 300), credit_of(payment, 200)
    hub, about = order.hub_id, {"order_id": order.id, "hub_id": order.hub_id, "by": SYSTEM, "now": shop.now}
    session.rollback()
    bank_credits.note_short(session, credit=kept, **about)
    with pytest.raises(bank_credits.CountsAlready):
        bank_credits.write_back(session, hub_id=hub, credit=kept, cents=300, order_id=None, now=shop.now)
    session.rollback()
    assert backs(session) == []
    assert bank_credits.write_back(session, hub_id=hub, credit=sent, cents=200, order_id=None, now=shop.now)
    for task in session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == "transfer_back")):
        task.done_at = shop.now  # sent meanwhile, and the same statement is read again
    session.commit()
    with pytest.raises(bank_credits.GoesBack):
        bank_credits.note_short(session, credit=sent, **about)


@pytest.mark.parametrize("by_hub", [False, True])
def test_sends_a_part_back_when_the_order_is_called_off(
    session: Session, gateways: Gateways, shop: Market, by_hub: bool
) -> None:
    order, payment = waiting(shop, 1)
    credit, ids, token = (
        credit_of(payment, 300),
        {"order_id": order.id, "hub_id": order.hub_id},
        tracking_token(order.key),
    )
    session.rollback()
    bank_credits.note_short(session, **ids, credit=credit, by=SYSTEM, now=shop.now)
    if by_hub:
        back = cancellation.cancel_by_hub(session, gateways, **ids, why="hub", by=SYSTEM, now=shop.now)
    else:
        back = cancellation.cancel_by_customer(session, gateways, token=token, by=SYSTEM, now=shop.now)
    assert (back, backs(session)) == (300, [(300, "Nele Peeters", "BE68539007547034")])
    assert [told["refund_cents"] for told in mails(session, "order_cancelled")] == [300]
    assert checks.check_all(session, now=shop.now) == []


def test_opens_a_page_that_the_provider_allows_for_an_order_that_is_held_for_days(
    session: Session, shop: Market
) -> None:
    order, _transfer = waiting(shop, 1)
    order_id, hold = order.id, order.hold_until
    session.rollback()
    assert hold - shop.now > timedelta(hours=24), "or this proves nothing"
    tries = [shop.now, shop.now + timedelta(hours=1), shop.now + timedelta(hours=25)]
    opened = [asking_payment.retry_payment(session, order_id=order_id, method="card", now=now) for now in tries]
    assert opened[0] == opened[1] != opened[2], "a page that is open is used again, one that ended is not"
    for payment_id, now in zip((opened[0], opened[2]), (tries[0], tries[2]), strict=True):
        until = session.get_one(Payment, payment_id).expires_at
        assert until <= now + timedelta(hours=24) - timedelta(seconds=PAGE_OUTLIVES_HOLD_SECONDS)
        assert until <= hold


def test_refuses_what_is_not_short_or_not_more(session: Session, gateways: Gateways, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    total, ids = payment.amount_cents, {"order_id": order.id, "hub_id": order.hub_id}
    exact, less = credit_of(payment, total), credit_of(payment, total - 1)
    session.rollback()
    with pytest.raises(bank_credits.NotShort):
        bank_credits.note_short(session, **ids, credit=exact, by=SYSTEM, now=shop.now)
    session.rollback()
    with pytest.raises(bank_credits.NotMore):
        bank_credits.book_surplus(session, gateways, **ids, credit=less, by=SYSTEM, now=shop.now)
    session.rollback()
    assert (mails(session, "transfer_short"), backs(session)) == ([], [])
