"""A coordinator sees what issuers of vouchers announced, and books it from a statement of the bank or by hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.kernel.ports import Gateways
from shortchain.kernel.voucher_port import IssuerStatement
from shortchain.payments import issuer_payments
from shortchain.payments.issuer_models import IssuerPayment
from shortchain.transaction import transaction
from tests.support.bank import Paid, camt, coda
from tests.support.client import Browser
from tests.support.clock import MONDAY_MORNING
from tests.support.market import Market, market
from tests.support.pages import Page
from tests.web.test_bank_statement import upload
from tests.web.test_complaining import enter


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def announce(session: Session, reference: str, cents: int) -> None:
    """Have an issuer announce a payment for something that we do not know."""
    told = IssuerStatement(reference, "meal_voucher", date(2026, 11, 20), cents, 20, (("vch_1", cents),))
    with transaction(session):
        issuer_payments.take(session, told=told, now=MONDAY_MORNING)


def received(session: Session) -> list[str]:
    session.rollback()
    return list(
        session.scalars(select(IssuerPayment.reference).where(IssuerPayment.received_at.is_not(None)).order_by("id"))
    )


def test_books_an_announced_payment_from_a_statement_and_by_hand(
    client: Browser, session: Session, shop: Market
) -> None:
    desk = enter(client, session, shop.cycle.hub_id)
    assert "Niets aangekondigd" in desk.page("/hub/geld/cheques")
    announce(session, "CHQ-00001-AB", 1020)
    announce(session, "CHQ-00002-AB", 520)
    shown = desk.page("/hub/geld/cheques")
    for words in ("CHQ-00001-AB", "€ 10,20", "€ 0,20", "€ 10,00", "vch_1", "De uitgever telt anders: 1"):
        assert words in shown
    movements = [Paid(1000, "CHQ 00001 AB cheques"), Paid(400, "CHQ-00002-AB")]
    for content in (camt(movements), coda(movements)):
        page = Page(upload(desk, content))
        assert "klopt: van de uitgever van cheques" in page
        assert "ander bedrag dan aangekondigd" in page
        assert "te betalen: € 5,00" in page
    done = desk.submit(Page(upload(desk, camt(movements))).form("/boek"))
    assert "€ 10,00 van de uitgever is geboekt." in desk.page(done.location)
    assert received(session) == ["CHQ-00001-AB"]
    assert "was al geboekt" in upload(desk, camt(movements)).text
    form = desk.page("/hub/geld/cheques").form("/binnen")
    desk.submit(form)
    assert received(session) == ["CHQ-00001-AB", "CHQ-00002-AB"]
    again = desk.submit(form)
    assert again.status_code == 303
    assert "Binnengekomen" in desk.page("/hub/geld/cheques")
    assert desk.post("/hub/geld/cheques/nothing/binnen").status_code == 404


def test_writes_off_what_the_issuer_does_not_put_right(client: Browser, session: Session, shop: Market) -> None:
    desk = enter(client, session, shop.cycle.hub_id)
    announce(session, "CHQ-00001-AB", 1020)
    form = desk.page("/hub/geld/cheques").form("/afboeken")
    assert "Schrijf waarom je het afboekt" in desk.page(desk.submit(form).location)
    done = desk.submit(form, **{"reason-1": "de uitgever zegt dat het klopt"})
    shown = desk.page(done.location)
    assert "afgeboekt: het platform draagt het" in shown
    assert "De uitgever telt anders" not in shown
    again = desk.page(desk.submit(form, **{"reason-1": "nog eens"}).location)
    assert "Dit was al gedaan" in again
