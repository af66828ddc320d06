"""A coordinator brings a statement of the bank: orders are found by their message and booked, once."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments.models import Payment, PaymentState
from tests.support.bank import Paid, camt, coda
from tests.support.client import Browser
from tests.support.factories import enterprises
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def waiting(shop: Market, amount: int) -> tuple[Order, Payment]:
    placed = shop.place(shop.basket(amount, 0), method="transfer")
    shop.session.rollback()
    return shop.session.get_one(Order, placed.order_id), shop.session.get_one(Payment, placed.payment_id)


def upload(desk: Browser, content: bytes, name: str = "afschrift.xml"):  # type: ignore[no-untyped-def]
    form = desk.page("/hub/geld/bank").form("/hub/geld/bank")
    return desk.submit(form, file=(io.BytesIO(content), name))


def test_books_what_is_exact_and_shows_the_rest(client: Browser, session: Session, shop: Market) -> None:
    (first, one), (second, two), (third, _three) = (waiting(shop, amount) for amount in (1, 2, 3))
    movements = [
        Paid(one.amount_cents, f"voor de groenten {one.structured_message} bedankt"),
        Paid(two.amount_cents - 1, str(two.structured_message)),
        Paid(one.amount_cents, str(one.structured_message)),
        Paid(500, f"{first.number} {third.number}"),
        Paid(700, "huur november"),
    ]
    hub_id, numbers = first.hub_id, [first.number, second.number]
    public_id = first.public_id
    session.rollback()
    desk = enter(client, session, hub_id)
    assert desk.page("/hub/geld").link("Overschrijvingen") == "/hub/geld/bank"
    for content in (camt(movements), coda(movements)):
        shown = upload(desk, content)
        assert shown.status_code == 200
        for words in (
            "klopt",
            "te weinig",
            "te betalen",
            "tweede keer betaald",
            "meer dan één bestelling",
            "geen bestelling",
        ):
            assert words in shown.text
        assert all(number in shown.text for number in numbers)
    session.rollback()
    assert set(session.scalars(select(Payment.state))) == {PaymentState.CREATED}  # looking books nothing
    session.rollback()
    done = desk.submit(Page(upload(desk, camt(movements))).form("/boek"))
    assert done.status_code == 303
    assert "1 bestelling is betaald" in desk.page(done.location)
    session.rollback()
    states = list(session.scalars(select(Order.state).order_by(Order.id)))
    assert states == [OrderState.CONFIRMED, OrderState.AWAITING_PAYMENT, OrderState.AWAITING_PAYMENT]
    session.rollback()
    assert "was al geboekt" in upload(desk, camt(movements)).text
    later = upload(desk, camt([Paid(700, "huur december"), movements[0]]))  # the same text, another credit
    assert "kijk na of dit een tweede betaling is" in later.text
    assert "was al geboekt" not in later.text
    desk.post("/hub/geld/bank/boek", data={"order": public_id, f"credit-{public_id}": "REF9"})
    session.rollback()
    assert session.get_one(Payment, one.id, populate_existing=True).bank_reference == "REF0"
    assert len(list(session.scalars(select(Payment).where(Payment.state == PaymentState.CAPTURED)))) == 1


def test_says_what_is_wrong_with_a_file(client: Browser, session: Session, shop: Market) -> None:
    desk = enter(client, session, shop.cycle.hub_id)
    for content, words in (
        (b"geen afschrift", "kunnen we niet lezen"),
        (coda([Paid(1, "x")])[:-130], "kunnen we niet"),
    ):
        refused = upload(desk, content)
        assert refused.status_code == 422
        assert words in refused.text
    other = upload(desk, camt([Paid(5, "x")], account="BE68539007547034"))
    assert other.status_code == 422
    assert "andere rekening" in other.text
    assert "geen ontvangsten" in upload(desk, camt([Paid(5, "kosten", is_debit=True)])).text


def test_another_hub_finds_nothing(client: Browser, session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    content, public_id = camt([Paid(payment.amount_cents, str(payment.structured_message))]), order.public_id
    session.rollback()
    other = enterprises.hub(session, name="Andere hub")
    desk = enter(client, session, other.id)
    assert order.number not in upload(desk, content).text
    desk.post("/hub/geld/bank/boek", data={"order": public_id})
    session.rollback()
    assert session.get_one(Payment, payment.id, populate_existing=True).state is PaymentState.CREATED
