"""A coordinator deals with money that the payment provider could not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.enterprises.models import Enterprise, MemberRole
from shortchain.fulfilment.models import CoordinatorTask, Job
from shortchain.journal import SYSTEM
from shortchain.kernel.money import Money
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.payments.models import Refund, RefundState
from shortchain.payouts.models import BankFile, Payout
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, cancellation, documents, refunds
from tests.integration.workflows.test_settlement import delivered, settled
from tests.support import paperwork
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


@pytest.fixture
def desk(client: Any, session: Session, shop: Market) -> Any:
    """A browser in which the coordinator of the market's hub is signed in."""
    coordinator = accounts.user(session)
    hub = session.get_one(Enterprise, shop.cycle.hub_id)
    enterprises.member(session, coordinator, hub, MemberRole.PLANNER)
    return accounts.signed_in(client, session, coordinator)


def test_pays_back_by_hand_what_the_provider_refuses(
    desk: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    order = shop.order(1, 1)
    cancellation.cancel_by_hub(
        session, gateways, order_id=order.id, hub_id=order.hub_id, why="ziek", by=SYSTEM, now=shop.now
    )
    gateways.payments.refusals["refund"] = "charge_disputed"
    refunds.send_refunds(session, gateways, now=shop.now)
    page = desk.get("/hub")
    assert "Zelf terugbetalen" in page.text
    assert "druk dan op de knop" in page.text
    task = session.scalars(select(CoordinatorTask.public_id).where(CoordinatorTask.kind == "refund_by_hand")).one()
    session.rollback()
    path = f"/hub/taken/{task}/terugbetaald"
    assert desk.post(path, data={}).status_code == 303
    assert "is terugbetaald" in desk.get("/hub").text
    assert "Dit was al gedaan" in desk.post(path, data={}, follow_redirects=True).text
    session.rollback()
    refund = session.scalars(select(Refund).execution_options(populate_existing=True)).one()
    assert (refund.state, bool(refund.repaid_at)) == (RefundState.DONE, True)
    assert checks.check_all(session, now=shop.now) == []


def test_sees_whether_the_books_agree_and_asks_to_compare(
    desk: Any, shop: Market, session: Session, gateways: Gateways
) -> None:
    order = shop.order(1, 1)
    assert "Nog niet vergeleken" in desk.get("/hub/geld").text
    assert desk.post("/hub/geld/vergelijken", data={}).status_code == 303
    assert "We vergelijken nu" in desk.get("/hub/geld").text
    bookkeeping.compare_asked(session, gateways, now=shop.now)
    assert "Alles klopt" in desk.get("/hub/geld").text
    gateways.payments.moved.clear()
    bookkeeping.compare_books(session, gateways, now=shop.now + timedelta(hours=1))
    page = desk.get("/hub/geld").text
    assert "niet bij de betaaldienst" in page
    assert order.number in page


def test_shows_no_difference_of_another_hub(desk: Any, shop: Market, session: Session, gateways: Gateways) -> None:
    order = shop.order(1, 1)
    other = enterprises.hub(session, name="Andere hub")
    with transaction(session):
        session.get_one(Order, order.id).hub_id = other.id
    gateways.payments.moved[0] = replace(gateways.payments.moved[0], amount=Money(1))
    bookkeeping.compare_books(session, gateways, now=shop.now + timedelta(hours=1))
    page = desk.get("/hub/geld").text
    assert order.number not in page
    assert "som klopt niet" in page


def test_shows_what_was_not_believed(client: Any, desk: Any) -> None:
    client.post("/webhooks/stripe", data="{}", headers={"Stripe-Signature": "bad"}, token=False)
    assert "not signed" in desk.get("/hub/geld").text


def test_holds_a_payout_and_sees_what_the_round_sends(desk: Any, shop: Market, session: Session) -> None:
    order = delivered(shop, 1, 1)
    settled(shop, order)
    payout = session.scalars(select(Payout.public_id).order_by(Payout.id)).first()
    session.rollback()
    page = desk.get("/hub/geld/uitbetalen").text
    assert order.number in page
    assert "De som klopt niet" not in page
    path = f"/hub/geld/uitbetalen/{payout}"
    refused = desk.post(f"{path}/vasthouden", data={"reason": " "})
    assert refused.status_code == 422
    assert "Schrijf waarom" in refused.text
    assert desk.post(f"{path}/vasthouden", data={"reason": "eerst bellen"}).status_code == 303
    assert "eerst bellen" in desk.get("/hub/geld/uitbetalen").text
    assert desk.post(f"{path}/vrijgeven", data={}).status_code == 303
    assert "eerst bellen" not in desk.get("/hub/geld/uitbetalen").text


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbfdatum;"), ("xlsx", b"PK")])
def test_gives_files_to_the_accountant(desk: Any, shop: Market, kind: str, start: bytes) -> None:
    shop.order(1, 1)
    answer = desk.get(f"/hub/geld/boekingen.{kind}?maand=2026-11")
    assert answer.data.startswith(start)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="boekingen-2026-11.{kind}"'
    assert desk.get("/hub/geld/boekingen.exe").status_code == 404


def test_each_line_of_a_month_leads_to_its_page_for_who_may_see_it(
    app: Flask, shop: Market, session: Session, gateways: Gateways
) -> None:
    """Every link of the statement opens for its owner; the hub's leads to its order, and nobody's to another's."""
    paperwork.numbered(shop)
    order = delivered(shop, 2, 1)
    settled(shop, order)
    documents.make_due(session, gateways, now=shop.now + timedelta(days=40))  # the month's fee too
    session.rollback()
    links: dict[int, set[str]] = {}
    for party in (shop.farms[0].id, shop.packers[0].id, shop.bikes[0].id):
        owner = accounts.user(session)
        enterprises.member(session, owner, session.get_one(Enterprise, party), MemberRole.OWNER)
        browser = accounts.signed_in(app.test_client(), session, owner)
        page = browser.get("/onderneming/afrekening?maand=2026-11").text
        links[party] = set(re.findall(r'href="(/[^"]+)"', page.split("<tbody>")[1].split("</tbody>")[0]))
        assert {browser.get(path).status_code for path in links[party]} == {200}
    farm, packer, bike = links.values()
    papers = "/onderneming/documenten/"
    assert sum(path.startswith(papers) for path in farm) == 2, "its ticket, and the invoice of the month's fee"
    assert {path.rpartition("/")[0] for path in farm if papers not in path} == {"/boer/aanbod"}
    assert {path.rpartition("/")[0] for path in packer} == {"/werk/opdracht", "/onderneming/documenten"}
    assert not farm & packer and not packer & bike
    assert not any(path.startswith("/hub") for path in farm | packer | bike)


def test_shows_an_owner_the_month(client: Any, shop: Market, session: Session) -> None:
    order = delivered(shop, 2, 1)
    settled(shop, order)
    owner = accounts.user(session)
    enterprises.member(session, owner, session.get_one(Enterprise, shop.farms[0].id), MemberRole.OWNER)
    browser = accounts.signed_in(client, session, owner)
    page = browser.get("/onderneming/afrekening?maand=2026-11").text.replace("\u00a0", " ")
    assert "Afrekening november 2026" in page
    assert "Prei, 2 stuks" in page
    assert order.number in page
    assert ";goods;Verkocht;Prei;2;stuks;4,80;" in browser.get("/onderneming/afrekening.csv").data.decode("utf-8-sig")
    assert browser.get("/onderneming/afrekening.xlsx").data[:2] == b"PK"
    assert "niets geboekt" in browser.get("/onderneming/afrekening?maand=2026-10").text


@pytest.mark.parametrize(
    ("cookie", "work", "month"),
    [
        ("nl", "pakketten samenstellen, do 26 nov", "november 2026"),
        ("fr", ", jeu 26 nov", "novembre 2026"),
        ("en", ", Thu 26 Nov", "November 2026"),
    ],
)
def test_tells_a_provider_its_work_in_words(
    client: Any, shop: Market, session: Session, cookie: str, work: str, month: str
) -> None:
    order = delivered(shop, 2, 1)
    settled(shop, order)
    packer = session.scalars(select(Job.enterprise_id).where(Job.order_id == order.id, Job.stage == "pack")).one()
    owner = accounts.user(session)
    enterprises.member(session, owner, session.get_one(Enterprise, packer), MemberRole.OWNER)
    browser = accounts.signed_in(client, session, owner)
    browser.set_cookie("taal", cookie)
    page = browser.get("/onderneming/afrekening?maand=2026-11").text.replace("\u00a0", " ")
    assert work in page
    assert month in page
    assert "BOX_ASSEMBLE" not in page


def test_pays_by_a_file_for_the_bank(desk: Any, client: Any, shop: Market, session: Session) -> None:
    with transaction(session):
        farm = session.get_one(Enterprise, shop.farms[0].id)
        farm.payouts_enabled, farm.stripe_account = False, None
    settled(shop, delivered(shop, 1, 0))
    owner = accounts.user(session)
    enterprises.member(session, owner, session.get_one(Enterprise, shop.farms[0].id), MemberRole.OWNER)
    browser = accounts.signed_in(desk.application.test_client(), session, owner)
    refused = browser.post("/onderneming/uitbetaling/rekening", data={"iban": "BE00"})
    assert (refused.status_code, "klopt niet" in refused.text, 'value="BE00"' in refused.text) == (422, True, True)
    assert browser.post("/onderneming/uitbetaling/rekening", data={"iban": "BE68539007547034"}).status_code == 303
    assert "Er is niets" not in desk.post("/hub/geld/betaalbestand", data={}, follow_redirects=True).text
    file = session.scalars(select(BankFile.public_id)).one()
    session.rollback()
    content = desk.get(f"/hub/geld/betaalbestand/{file}")
    assert b"pain.001.001.09" in content.data
    assert b"BE68539007547034" in content.data
    assert desk.post(f"/hub/geld/betaalbestand/{file}/klaar", data={}).status_code == 303
    assert "uitgevoerd" in desk.get("/hub/geld/uitbetalen").text
    assert desk.post(f"/hub/geld/betaalbestand/{file}/anders", data={}).status_code == 404


def test_sees_who_can_not_be_paid_and_why(desk: Any, shop: Market, session: Session) -> None:
    settled(shop, delivered(shop, 1, 1))
    with transaction(session):
        farm = session.get_one(Enterprise, shop.farms[0].id)
        farm.payouts_enabled, farm.stripe_account = False, None
        name = farm.name
    page = desk.get("/hub/geld/rekeningen").text
    assert name in page
    assert "nog niet begonnen" in page
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).payouts_enabled = True
        session.get_one(Enterprise, shop.farms[0].id).stripe_account = "acct_1"
    assert "Iedereen die geld krijgt, kan uitbetaald worden" in desk.get("/hub/geld/rekeningen").text
