"""Documents are made once, when an order is divided, refunded, or a month of fees is over."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from shortchain.documents import pdf
from shortchain.documents.models import Document
from shortchain.documents.values import DocumentKind, Paper
from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments import operations as payments
from shortchain.peppol import rules
from shortchain.transaction import transaction
from shortchain.workflows import documents, refunds, settlement
from tests.support import invoices, paperwork
from tests.support.market import Market, market

AFTER = timedelta(hours=49)
KINDS = DocumentKind


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def settled(shop: Market, *amounts: int, refund: int = 0, business: bool = False) -> Order:
    """Have a divided order, with some of it refunded before it was divided."""
    order = shop.order(*amounts)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=order.id)
        orders.move(shop.session, order=row, action="deliver", by=SYSTEM, now=shop.now)
    if business:
        paperwork.name_business(shop, order)
    if refund:
        give_back(shop, order, refund)
    settlement.settle_orders(shop.session, now=shop.now + AFTER)
    shop.session.rollback()
    return order


def give_back(shop: Market, order: Order, cents: int) -> None:
    with transaction(shop.session):
        (paid,) = payments.captured_of(shop.session, order_id=order.id)
        payments.request_refund(shop.session, payment=paid, amount_cents=cents, reason="complaint", now=shop.now)
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now)
    shop.session.rollback()


def make(shop: Market, *, days: int = 3) -> int:
    made = documents.make_due(shop.session, shop.gateways, now=shop.now + timedelta(days=days))
    shop.session.rollback()
    return made


def made_of(shop: Market, order: Order) -> list[Document]:
    return list(shop.session.scalars(select(Document).where(Document.order_id == order.id).order_by(Document.id)))


def sold_less_back(found: list[Document]) -> int:
    credits = (KINDS.TICKET_CREDIT, KINDS.CREDIT_NOTE, KINDS.PURCHASE_CREDIT)
    return sum(one.payable_cents * (-1 if one.kind in credits else 1) for one in found)


def test_makes_a_ticket_per_seller_once(shop: Market) -> None:
    order = settled(shop, 2, 3)
    assert make(shop) == 4  # two farms, the packer, the bike
    assert make(shop) == 0
    found = made_of(shop, order)
    assert {one.kind for one in found} == {KINDS.TICKET}
    assert len({one.seller_id for one in found}) == 4
    assert sold_less_back(found) == order.total_cents
    assert Paper.from_json(found[0].content).draft.lines[0].text == "Prei"


def test_waits_until_an_order_is_divided(shop: Market) -> None:
    shop.order(1, 1)
    assert make(shop) == 0


def test_makes_nothing_without_a_number_of_the_platform(shop: Market) -> None:
    settled(shop, 1, 1)
    nobody = dataclasses.replace(shop.gateways, platform=None)
    assert documents.make_due(shop.session, nobody, now=shop.now + AFTER) == 0
    assert make(shop) == 4


def test_archives_what_cannot_change(shop: Market, session: Session) -> None:
    order = settled(shop, 1, 1, business=True)
    make(shop)
    for one in made_of(shop, order):
        assert hashlib.sha256(one.xml).hexdigest() == one.sha256
        assert invoices.faults(one.xml) == []
    for change in (update(Document).values(vat_cents=0), delete(Document)):
        with pytest.raises(DatabaseError), session.begin_nested():
            session.execute(change)
        session.rollback()


def test_invoices_a_business_and_self_bills_the_flat_rate_farmer(shop: Market, session: Session) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).vat_scheme = VatScheme.AGRI_FLAT
    order = settled(shop, 2, 3, business=True)
    make(shop)
    kinds = {one.seller_id: one.kind for one in made_of(shop, order)}
    assert kinds.pop(shop.farms[0].id) is KINDS.PURCHASE_NOTE
    assert set(kinds.values()) == {KINDS.INVOICE}
    assert all(invoices.faults(one.xml) == [] for one in made_of(shop, order))


@pytest.mark.parametrize("scheme", [VatScheme.NORMAL, VatScheme.AGRI_FLAT])
def test_names_legal_form_court_and_account_of_a_company(shop: Market, session: Session, scheme: VatScheme) -> None:
    company, person = (farm.id for farm in shop.farms)
    session.rollback()
    with transaction(session):
        farm = session.get_one(Enterprise, company)
        farm.vat_scheme, farm.legal_form, farm.court, farm.iban = (
            scheme,
            "BV",
            "Gent, afdeling Gent",
            "BE68539007547034",
        )
        session.get_one(Enterprise, person).iban = "BE68539007547034"
    order = settled(shop, 2, 3, business=True)
    make(shop)
    found = {one.seller_id: one for one in made_of(shop, order)}
    assert b"<cbc:CompanyLegalForm>BV, RPR Gent, afdeling Gent</cbc:CompanyLegalForm>" in found[company].xml
    assert b"CompanyLegalForm" not in found[person].xml
    for number, says in ((company, True), (person, False)):
        one = found[number]
        assert invoices.faults(one.xml) == []
        assert rules.faults(one.xml) == []
        drawn = pdf.draw(Paper.from_json(one.content), xml=one.xml, made_at=shop.now)
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(drawn)).pages).replace("\u00a0", " ")
        assert ("BV, RPR Gent, afdeling Gent" in text, "IBAN BE68 5390 0754 7034" in text) == (says, says)


@pytest.mark.parametrize("business", [False, True])
@pytest.mark.parametrize("cents", [1, 148, 400])
def test_credits_what_was_refunded_before_and_after(shop: Market, cents: int, business: bool) -> None:
    order = settled(shop, 2, 3, refund=cents, business=business)
    make(shop)
    found = made_of(shop, order)
    assert sold_less_back(found) == order.total_cents - cents
    give_back(shop, order, 261)
    assert make(shop) > 0
    assert make(shop) == 0
    later = made_of(shop, order)
    numbers = {one.id: one for one in later}
    for one in later:
        assert invoices.faults(one.xml) == []
        if one.corrects_id:
            assert numbers[one.corrects_id].seller_id == one.seller_id
            assert numbers[one.corrects_id].number in one.xml.decode()
    assert sold_less_back(later) == order.total_cents - cents - 261


def test_invoices_the_fee_of_a_closed_month_once(shop: Market, session: Session) -> None:
    settled(shop, 2, 3)
    make(shop)
    assert not session.scalars(select(Document).where(Document.cause.startswith("fee:"))).all()
    assert make(shop, days=30) == 2
    assert make(shop, days=30) == 0
    found = session.scalars(select(Document).where(Document.cause.startswith("fee:")).order_by(Document.id)).all()
    assert [one.payable_cents for one in found] == [24, 28]  # 5 % of 4.80 and of 5.55, rounded
    assert [one.buyer_id for one in found] == [farm.id for farm in shop.farms]
    assert all(one.seller_id is None and one.kind is KINDS.INVOICE for one in found)
    assert [one.number for one in found] == ["F0-2026-00001", "F0-2026-00002"]
    assert all(invoices.faults(one.xml) == [] for one in found)
    assert all("<cbc:CompanyLegalForm>CV, RPR Gent</cbc:CompanyLegalForm>" in one.xml.decode() for one in found)
    ours = Paper.from_json(found[0].content).draft.seller
    assert (ours.legal_form, ours.court, ours.iban) == ("CV", "Gent", "BE49999000000171")


def test_starts_again_from_one_in_a_new_year(shop: Market) -> None:
    first = settled(shop, 1, 0)
    make(shop)
    second = settled(shop, 1, 0)
    make(shop, days=40)
    owner = shop.farms[0].id
    numbers = [one.number for order in (first, second) for one in made_of(shop, order) if one.seller_id == owner]
    assert numbers == [f"T{owner}-2026-00001", f"T{owner}-2027-00001"]
