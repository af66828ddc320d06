"""A customer withdraws from what keeps, within 14 days, once; the order is not divided until it is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import Product
from shortchain.complaints import reading
from shortchain.complaints.models import Complaint
from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.payments.models import Payment, Refund
from shortchain.transaction import transaction
from shortchain.workflows import complaints, finding_orders, refunds, settlement, withdrawing
from shortchain.workflows.withdrawing import ChooseSomething, NoRight
from tests.support.complaining import lines_of
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """A market whose second product keeps, so that one may withdraw from it."""
    made = market(session, gateways)
    with transaction(session):
        session.get_one(Product, made.offers[1].product_id).withdrawal = "14d"
    return made


def delivered(shop: Market) -> Order:
    order = shop.order(2, 3)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    return row


def withdraw(shop: Market, order: Order, *places: int, after: timedelta = timedelta()) -> str:
    ids = [line.id for line in lines_of(shop, order)]
    token = tracking_token(order.key)
    shop.session.rollback()
    return withdrawing.withdraw(
        shop.session, token=token, lines={ids[place] for place in places}, name="", by=GUEST, now=shop.now + after
    )


def test_writes_it_down_and_mails_the_proof(shop: Market, session: Session) -> None:
    order = delivered(shop)
    public_id = withdraw(shop, order, 1)
    session.rollback()
    mail = session.scalars(select(Notice).where(Notice.template == "withdrawal_received")).one()
    assert mail.to_email == order.email
    assert mail.context["name"] == "Nele"
    assert mail.context["at"] == shop.now.isoformat()
    assert [line["amount"] for line in mail.context["lines"]] == [3]
    later = shop.now + timedelta(days=5)
    session.rollback()
    assert settlement.settle_orders(session, now=later) == 0
    line = reading.of_hub(session, public_id=public_id, hub_id=order.hub_id).lines[0]
    session.rollback()
    assert line.most_cents == 555
    complaints.decide(
        session,
        public_id=public_id,
        hub_id=order.hub_id,
        given={line.line_id: line.most_cents},
        answer="Zet het aan de deur.",
        by=SYSTEM,
        now=later,
    )
    assert refunds.send_refunds(session, shop.gateways, now=later) == 1
    assert settlement.settle_orders(session, now=later) == 1
    session.rollback()
    payment = session.scalars(select(Payment).where(Payment.order_id == order.id)).one()
    assert payment.refunded_cents == 555
    assert [one.amount_cents for one in session.scalars(select(Refund))] == [555]
    found = checks.check_all(session, now=later)
    assert [breach for breach in found if breach.promise.startswith(("P1", "P2"))] == []


def test_counts_the_terms_at_which_it_was_sold(shop: Market, session: Session) -> None:
    order = delivered(shop)
    with transaction(session):
        session.get_one(Product, shop.offers[1].product_id).withdrawal = "none_perishable"
    assert withdraw(shop, order, 1)


@pytest.mark.parametrize(("days", "is_allowed"), [(14, True), (15, False)])
def test_is_over_after_fourteen_days(shop: Market, days: int, is_allowed: bool) -> None:
    order = delivered(shop)  # on a Monday
    if is_allowed:
        assert withdraw(shop, order, 1, after=timedelta(days=days))
    else:
        with pytest.raises(NoRight):
            withdraw(shop, order, 1, after=timedelta(days=days))


def test_can_be_done_before_it_came(shop: Market) -> None:
    assert withdraw(shop, shop.order(2, 3), 1)


def test_refuses_what_spoils_what_was_withdrawn_and_nothing(shop: Market, session: Session) -> None:
    order = delivered(shop)
    withdraw(shop, order, 1)
    for places, refusal in (((0,), NoRight), ((0, 1), NoRight), ((1,), NoRight), ((), ChooseSomething)):
        with pytest.raises(refusal):
            withdraw(shop, order, *places)
    with pytest.raises(NotFound):
        withdrawing.withdraw(session, token="unknown", lines={1}, name="", by=GUEST, now=shop.now)
    session.rollback()
    assert session.scalar(select(func.count(Complaint.id))) == 1


@pytest.mark.parametrize(
    ("typed", "email", "mails"),
    [("{}", "NELE@post.example", 1), (" {} ", "nele@post.example", 1), ("{}", "jan@post.example", 0), ("SC-0", "", 0)],
)
def test_mails_the_link_only_to_who_ordered(shop: Market, session: Session, typed: str, email: str, mails: int) -> None:
    order = shop.order(2, 3)
    number = typed.format(order.number.lower())
    session.rollback()
    finding_orders.mail_link(
        session, number=number, email=email or "nele@post.example", address="127.0.0.1", now=shop.now
    )
    session.rollback()
    found = list(session.scalars(select(Notice).where(Notice.template == "order_link")))
    assert [notice.to_email for notice in found] == ["nele@post.example"] * mails
