"""Per row of a statement a coordinator chooses: book on an order, make a task to write it back, or neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import CoordinatorTask
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order, OrderState
from shortchain.payments import bank_statements
from shortchain.payments.models import Payment
from tests.support.bank import Paid, camt, coda
from tests.support.client import Browser
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_bank_statement import upload, waiting
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def chosen(desk: Browser, movements: list[Paid], **choices: str) -> str:
    """Bring a statement, choose per row, and give the page after it."""
    form = Page(upload(desk, camt(movements))).form("/boek")
    done = desk.submit(form, **choices)
    assert done.status_code == 303
    return str(desk.page(done.location).html)


def state(session: Session, order_id: int) -> OrderState:
    session.rollback()
    return session.get_one(Order, order_id, populate_existing=True).state


def tasks(session: Session) -> list[tuple[int, str]]:
    session.rollback()
    found = session.scalars(select(CoordinatorTask).where(CoordinatorTask.kind == "transfer_back"))
    return [(int(one.data["cents"]), one.data["name"]) for one in found]


def test_books_what_names_no_order_where_somebody_says(client: Browser, session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 2)
    hub_id, order_id, number, cents = order.hub_id, order.id, order.number, payment.amount_cents
    session.rollback()
    desk = enter(client, session, hub_id)
    paid = [Paid(cents, "groenten")]
    assert "wacht op een overschrijving" in chosen(desk, paid, **{"assign-0": "SC-26-99999"})
    assert "Boek alleen wat klopt" in chosen(desk, [Paid(cents + 1, "groenten")], **{"assign-0": number})
    assert state(session, order_id) is OrderState.AWAITING_PAYMENT
    assert "1 bestelling is betaald" in chosen(desk, paid, **{"assign-0": number.lower()})
    assert state(session, order_id) is OrderState.CONFIRMED
    assert session.scalars(select(Payment.bank_reference)).one() == "REF0"
    session.rollback()
    assert "was al geboekt" not in upload(desk, camt(paid)).text  # it names no order, so the file can not tell
    assert "wacht op een overschrijving" in chosen(desk, paid, **{"assign-0": number})


def test_a_second_payment_becomes_a_task_once(client: Browser, session: Session, shop: Market) -> None:
    order, payment = waiting(shop, 1)
    hub_id, cents, message = order.hub_id, payment.amount_cents, str(payment.structured_message)
    session.rollback()
    desk = enter(client, session, hub_id)
    chosen(desk, [Paid(cents, message)])
    again = [Paid(700, "huur"), Paid(cents, message)]
    assert "Klaargezet" in chosen(desk, again, **{"back-1": "1"})
    assert "Stond al" in chosen(desk, again, **{"back-1": "1"})
    [(amount, told)] = tasks(session)
    assert amount == cents
    assert "Nele Peeters" in told and message in told
    day = desk.page("/hub")
    assert "Schrijf dit over naar wie het stuurde" in day


def test_chooses_nothing_by_itself(client: Browser, session: Session, shop: Market) -> None:
    order, _payment = waiting(shop, 1)
    hub_id, order_id = order.hub_id, order.id
    session.rollback()
    desk = enter(client, session, hub_id)
    chosen(desk, [Paid(700, "huur"), Paid(5, order.number)])
    assert tasks(session) == []
    assert state(session, order_id) is OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize(
    "form",
    [
        {"row": "0", "back-0": "1"},
        {"row": "0", "back-0": "1", "day-0": "x", "cents-0": "5"},
        {"row": "0", "back-0": "1", "day-0": "2026-11-24", "cents-0": "-5"},
        {"row": "x", "back-x": "1", "day-x": "2026-11-24", "cents-x": "5"},
    ],
)
def test_believes_no_row_that_it_did_not_show(
    client: Browser, session: Session, shop: Market, form: dict[str, str]
) -> None:
    desk = enter(client, session, shop.cycle.hub_id)
    assert desk.post("/hub/geld/bank/boek", data=form).status_code == 303
    assert tasks(session) == []


def test_refuses_the_statement_of_another_account() -> None:
    content = camt([Paid(5, "x")], account="BE68539007547034")
    assert len(bank_statements.read(content)) == 1
    with pytest.raises(bank_statements.OtherAccount):
        bank_statements.read(content, own_account="BE49 9990 0000 0171")
    assert len(bank_statements.read(coda([Paid(5, "x")]), own_account="BE49 9990 0000 0171")) == 1


def test_the_command_matches_and_books_once(app: Flask, session: Session, shop: Market, tmp_path: Path) -> None:
    order, payment = waiting(shop, 1)
    order_id, number = order.id, order.number
    file = tmp_path / "afschrift.xml"
    file.write_bytes(camt([Paid(payment.amount_cents, str(payment.structured_message)), Paid(700, "huur")]))
    slug = session.get_one(Enterprise, shop.cycle.hub_id).slug
    session.rollback()
    run = app.test_cli_runner()
    looked = run.invoke(args=["bank", "match", str(file), "--hub", slug])
    assert looked.exit_code == 1  # the rent is nobody's order
    assert number in looked.output and "exact" in looked.output and "2 credits, 1 to look at" in looked.output
    assert state(session, order_id) is OrderState.AWAITING_PAYMENT
    session.rollback()
    assert "booked now" in run.invoke(args=["bank", "match", str(file), "--hub", slug, "--book"]).output
    assert state(session, order_id) is OrderState.CONFIRMED
    session.rollback()
    assert "booked  " in run.invoke(args=["bank", "match", str(file), "--hub", slug, "--book"]).output
    assert run.invoke(args=["bank", "match", str(file), "--hub", "niemand"]).exit_code == 1
    file.write_bytes(b"niets")
    assert "NotAStatement" in run.invoke(args=["bank", "match", str(file), "--hub", slug]).output
