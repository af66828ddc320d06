"""A customer asks for invoices and gets the documents; an enterprise finds what was made in its name."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain.documents import sending
from shortchain.documents.models import BusinessBuyer, Document, DocumentSending, SendingState
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.kernel.ports import Gateways, SendingStatus
from shortchain.ordering.orders import tracking_token
from shortchain.transaction import transaction
from shortchain.workflows import documents
from tests.support import invoices, paperwork
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market

COMPANY = {
    "kbo": "BE 0909.337.584",
    "company": "Resto Het Plein",
    "street": "Markt 1",
    "postcode": "9000",
    "municipality": "Gent",
}


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def links(client: Any, path: str, ending: str) -> list[str]:
    page = client.get(path).get_data(as_text=True)
    return [part.split('"')[0] for part in page.split('href="')[1:] if part.split('"')[0].endswith(f".{ending}")]


def test_a_person_downloads_tickets(client: Any, shop: Market) -> None:
    order = shop.order(2, 3)
    follow = f"/volg/{tracking_token(order.key)}"
    assert links(client, follow, "pdf") == []
    paperwork.finish(shop, order)
    assert len(links(client, follow, "pdf")) == len(links(client, follow, "xml")) == 4
    paper = client.get(links(client, follow, "pdf")[0])
    assert paper.mimetype == "application/pdf" and paper.headers["Cache-Control"] == "no-store"
    xml = client.get(links(client, follow, "xml")[0])
    assert invoices.faults(xml.get_data()) == []
    assert list(PdfReader(io.BytesIO(paper.get_data())).attachments.values()) == [[xml.get_data()]]
    assert "bedrijf" not in "".join(links(client, follow, "bedrijf"))


def test_a_business_gets_invoices(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(2, 3)
    token = tracking_token(order.key)
    answer = client.post(f"/bestelling/{token}/bedrijf", data=COMPANY, token=False)
    assert answer.status_code == 303
    page = client.get(f"/bestelling/{token}/bedrijf").get_data(as_text=True)
    assert "Resto Het Plein" in page and "0909.337.584" in page
    paperwork.finish(shop, order)
    session.rollback()
    found = session.scalars(select(Document).where(Document.order_id == order.id)).all()
    assert {one.kind.value for one in found} == {"invoice"}
    assert all("BE0909337584" in one.xml.decode() for one in found)
    late = client.post(f"/bestelling/{token}/bedrijf", data=COMPANY, token=False)
    assert late.status_code == 422 and "al gemaakt" in late.get_data(as_text=True)


@pytest.mark.parametrize(
    ("reason", "language", "sentence"),
    [
        ("receiver unknown", "nl", "De ontvanger is niet te vinden op Peppol"),
        ("receiver unknown", "fr", "Le destinataire est introuvable sur Peppol"),
        ("PEPPOL-EN16931-R008: empty; BR-CO-17: sums", "en", "breaks a rule of Peppol: PEPPOL-EN16931-R008, BR-CO-17."),
        ("envelope: other parties", "nl", "hoort niet bij dit document"),
        ("quota", "nl", "Het netwerk nam het document niet aan. (quota)"),
    ],
)
def test_reads_why_a_document_was_refused_and_sends_it_again(
    client: Any, app: Flask, shop: Market, session: Session, reason: str, language: str, sentence: str
) -> None:
    order = shop.order(2, 0)
    paperwork.name_business(shop, order)
    paperwork.finish(shop, order)
    with transaction(session):
        person = accounts.user(session)
        enterprises.member(session, person, session.get_one(Enterprise, shop.farms[0].id))
        mine = select(Document.id).where(Document.seller_id == shop.farms[0].id)
        session.execute(
            update(DocumentSending)
            .where(DocumentSending.document_id.in_(mine))
            .values(state=SendingState.REFUSED, reason=reason)
        )
    owner = accounts.signed_in(client, session, person)
    owner.post(f"/taal/{language}", data={"next": "/"}, token=False)
    page = owner.get("/onderneming/documenten").text
    assert sentence in page and reason in page
    again = page.split("/onderneming/documenten/")
    path = next(part.split('"')[0] for part in again if part.split('"')[0].endswith("/opnieuw"))
    assert owner.post(f"/onderneming/documenten/{path}", data={}).status_code == 303
    assert sentence not in owner.get("/onderneming/documenten").text
    render = app.extensions["shortchain.gateways"].render_mail
    context = {"enterprise": "Hof", "number": "F1-2026-00001", "reason": reason}
    _subject, text, html = render("document_refused", language=language, context=context)
    assert sentence in text and sentence in html


@pytest.mark.parametrize(
    ("change", "field"),
    [({"kbo": "0909337555"}, "f-kbo"), ({"company": " "}, "f-company"), ({"postcode": "90000"}, "f-postcode")],
)
def test_keeps_what_was_typed_when_something_is_wrong(
    client: Any, shop: Market, session: Session, change: dict[str, str], field: str
) -> None:
    order = shop.order(1, 0)
    path = f"/bestelling/{tracking_token(order.key)}/bedrijf"
    answer = client.post(path, data=COMPANY | change, token=False)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page and "Markt 1" in page
    session.rollback()
    assert session.scalars(select(BusinessBuyer)).all() == []


def test_a_document_opens_with_its_own_order_only(client: Any, shop: Market, session: Session) -> None:
    first, second = shop.order(1, 0), shop.order(1, 0)
    paperwork.finish(shop, first)
    number = session.scalars(select(Document.public_id).where(Document.order_id == first.id)).first()
    session.rollback()
    assert client.get(f"/bestelling/{tracking_token(first.key)}/document/{number}.pdf").status_code == 200
    assert client.get(f"/bestelling/{tracking_token(second.key)}/document/{number}.pdf").status_code == 404
    assert client.get(f"/bestelling/{tracking_token(first.key)}/document/{number}.exe").status_code == 404


def test_a_farm_finds_its_documents(client: Any, shop: Market, session: Session) -> None:
    farmer = accounts.user(session, name="Boer")
    enterprises.member(session, farmer, shop.farms[0], MemberRole.OWNER)
    accounts.signed_in(client, session, farmer)
    assert "Nog niets verkocht." in client.get("/onderneming/documenten").get_data(as_text=True)
    paperwork.finish(shop, shop.order(2, 3))
    documents.make_due(session, shop.gateways, now=shop.now + timedelta(days=30))
    session.rollback()
    page = client.get("/onderneming/documenten").get_data(as_text=True)
    assert f"T{shop.farms[0].id}-2026-00001" in page and "F0-2026-00001" in page
    assert f"T{shop.farms[1].id}-2026-00001" not in page
    papers = links(client, "/onderneming/documenten", "pdf")
    assert len(papers) == 2
    assert {client.get(path).mimetype for path in papers} == {"application/pdf"}


def test_a_farm_sends_a_refused_invoice_again(client: Any, shop: Market, session: Session) -> None:
    order = shop.order(2, 0)
    client.post(f"/bestelling/{tracking_token(order.key)}/bedrijf", data=COMPANY, token=False)
    paperwork.finish(shop, order)
    farmer = accounts.user(session, name="Boer")
    enterprises.member(session, farmer, shop.farms[0], MemberRole.OWNER)
    accounts.signed_in(client, session, farmer)
    number = session.scalars(select(Document.id).where(Document.seller_id == shop.farms[0].id)).one()
    session.rollback()
    with transaction(session):
        refused = SendingStatus("refused", "ontvanger onbekend")
        sending.note_status(session, document_id=number, status=refused, now=shop.now)
    page = client.page("/onderneming/documenten")
    assert "Geweigerd" in page.html and "ontvanger onbekend" in page.html
    path = next(part.split('"')[0] for part in page.html.split('action="') if part.split('"')[0].endswith("/opnieuw"))
    assert client.post(path).status_code == 303
    assert "Geweigerd" not in client.get("/onderneming/documenten").get_data(as_text=True)
    assert client.post(path).status_code == 409
