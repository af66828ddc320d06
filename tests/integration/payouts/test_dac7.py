"""A year of a seller is what the ledger holds, by quarters of the clock in Flanders; each gets a copy in January."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.cli.money import money
from shortchain.enterprises import tax_identities as identities
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.tax_identities import BadNumber, NamesMissing
from shortchain.enterprises.tax_models import SellerKind
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.payments import operations as payments
from shortchain.payouts import dac7, ledger, statements
from shortchain.payouts.models import Account
from shortchain.transaction import transaction
from shortchain.workflows import refunds, tax_identities, yearly
from tests.integration.payouts.test_statements import settled
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market

NOTED = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def test_is_the_ledger_by_quarter(shop: Market, session: Session) -> None:
    order = settled(shop, 3, 2)
    farm = shop.farms[0].id
    found = dac7.of_enterprise(session, enterprise_id=farm, year=2026)
    last = found.quarters[3]
    brought = last.goods_cents - 720  # it brings its goods to the packer for some cents: no service of its own
    assert (last.sales, last.services, last.work_cents, last.fee_cents) == (1, 0, 0, 36)
    assert 0 <= brought < 50
    assert last.consideration_cents == statements.balance(session, enterprise_id=farm)
    assert found.quarters[:3] == (dac7.Quarter(), dac7.Quarter(), dac7.Quarter())
    session.rollback()
    with transaction(session):
        (payment,) = payments.captured_of(session, order_id=order.id)
        payments.request_refund(session, payment=payment, amount_cents=500, reason="bad", now=shop.now)
    refunds.send_refunds(session, shop.gateways, now=shop.now + timedelta(days=60))  # paid back in January
    session.rollback()
    assert dac7.of_enterprise(session, enterprise_id=farm, year=2026).quarters[3].goods_cents == 720 + brought
    after = dac7.of_enterprise(session, enterprise_id=farm, year=2027)
    assert after.quarters[0].goods_cents < 0
    assert (after.sum_of("sales"), after.is_reported) == (0, False)


@pytest.mark.parametrize(
    ("at", "year", "quarter"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), 2026, 0),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), 2026, 1),  # 1 April in Flanders, in summer time
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 2026, 3),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 2027, 0),
    ],
)
def test_a_quarter_ends_at_midnight_in_flanders(
    shop: Market, session: Session, at: datetime, year: int, quarter: int
) -> None:
    farm = shop.farms[0].id
    with transaction(session):
        ledger.post(
            session,
            transaction="settle:test",
            order_id=None,
            entries=[
                ledger.Entry(Account.CUSTOMER, "goods", 100),
                ledger.Entry(Account.ENTERPRISE, "goods", -100, enterprise_id=farm),
            ],
            now=at,
        )
    found = dac7.of_enterprise(session, enterprise_id=farm, year=year)
    assert [one.goods_cents for one in found.quarters] == [100 * (place == quarter) for place in range(4)]


def test_mails_each_reported_seller_once(shop: Market, session: Session, gateways: Gateways) -> None:
    settled(shop, 3, 2)
    morning = datetime(2027, 1, 2, 5, 30, tzinfo=UTC)
    for now, due in (
        (morning - timedelta(days=1), False),
        (morning + timedelta(hours=1), False),
        (morning + timedelta(days=9), False),
        (morning, True),
        (morning + timedelta(days=1), True),
    ):
        assert (yearly.mail_copies(session, gateways, now=now) > 0) is due
    session.rollback()
    mails = session.scalars(select(Notice).where(Notice.template == "yearly_copy")).all()
    reported = [one for one in dac7.sellers(session, year=2026) if one.is_reported and one.enterprise.email]
    assert len(mails) == len(reported) > 1
    packer = next(mail for mail in mails if mail.context["name"] == "De Pakker")
    assert (packer.context["services"], packer.context["sales"]) == (1, 0)


def test_writes_the_report_and_tells_what_lacks(app: Flask, shop: Market, session: Session, tmp_path: Path) -> None:
    settled(shop, 3, 2)
    packer = session.get_one(Enterprise, shop.packers[0].id)
    with transaction(session):
        packer.kbo = None
    out = tmp_path / "dac7.csv"
    done = app.test_cli_runner().invoke(
        money, ["dac7", "--year", "2026", "--out", str(out), "--xml", str(tmp_path / "dac7.xml")]
    )
    assert done.exit_code == 0, done.output
    assert "De Pakker lacks identity, kbo" in done.output
    assert "De Pakker has no number" in done.output  # and the XML says so too
    written = (tmp_path / "dac7.xml").read_bytes().decode()
    assert "DPI401" in written and "<dpi:PersonalServices>" in written
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    row = next(row for row in rows if row["naam"] == "De Pakker")
    assert (row["jaar"], row["kwartaal"], row["diensten"], row["goederen"]) == ("2026", "4", "1", "0,00")


def said(session: Session, enterprise_id: int, kind: SellerKind, **values: Any) -> None:
    session.rollback()
    tax_identities.save(session, enterprise_id=enterprise_id, kind=kind, now=NOTED, by=SYSTEM, **values)


def test_reports_persons_and_companies_and_leaves_governments_out(
    app: Flask, shop: Market, session: Session, tmp_path: Path
) -> None:
    settled(shop, 3, 2)
    packer, bike = shop.packers[0].id, shop.bikes[0].id
    reported = {one.enterprise.id for one in dac7.sellers(session, year=2026) if one.is_reported}
    assert {packer, bike} <= reported
    assert all("identity" in one.lacks for one in dac7.sellers(session, year=2026))
    born = {"first_name": " Bart ", "last_name": "De Smet", "born_on": date(1985, 7, 30)}
    said(session, packer, SellerKind.PERSON, national_number="85.07.30-033.28", **born)
    said(session, bike, SellerKind.GOVERNMENT, **born, national_number="85073003328")
    found = {one.enterprise.id: one for one in dac7.sellers(session, year=2026)}
    assert found[packer].is_reported and "identity" not in found[packer].lacks and "kbo" not in found[packer].lacks
    assert not found[bike].is_reported
    kept = found[bike].identity
    assert kept is not None
    assert (kept.first_name, kept.born_on, kept.national_number) == ("", None, "")  # nothing of a person is kept
    session.rollback()
    done = app.test_cli_runner().invoke(
        money, ["dac7", "--year", "2026", "--out", str(tmp_path / "a.csv"), "--xml", str(tmp_path / "a.xml")]
    )
    assert done.exit_code == 0, done.output
    written = (tmp_path / "a.xml").read_text()
    assert written.count("<dpi:IndividualSeller>") == 1
    assert "<dpi:BirthDate>1985-07-30</dpi:BirthDate>" in written
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    who = {(row["soort"], row["voornaam"], row["geboren"], row["rijksregisternummer"]) for row in rows}
    assert ("person", "Bart", "1985-07-30", "85073003328") in who
    assert all(row["naam"] != found[bike].enterprise.name for row in rows)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"first_name": "Bart", "last_name": "De Smet", "born_on": None}, NamesMissing),
        ({"first_name": " ", "last_name": "De Smet", "born_on": date(1985, 7, 30)}, NamesMissing),
        ({"first_name": "Bart", "last_name": "De Smet", "born_on": date(1985, 7, 31)}, BadNumber),
    ],
)
def test_refuses_half_a_person_and_changes_nothing(
    shop: Market, session: Session, values: dict[str, Any], refusal: type[Exception]
) -> None:
    farm = shop.farms[0].id
    said(session, farm, SellerKind.COMPANY)
    with pytest.raises(refusal):
        said(session, farm, SellerKind.PERSON, national_number="85073003328", **values)
    session.rollback()
    row = identities.of(session, enterprise_id=farm)
    assert row is not None and row.kind is SellerKind.COMPANY


def test_asks_the_owner_who_sells_and_loses_nothing(client: Browser, shop: Market, session: Session) -> None:
    settled(shop, 3, 2)
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, shop.packers[0].id))
    owner = accounts.signed_in(client, session, person)
    assert "wie verkoopt" in owner.page("/onderneming/jaaropgave?jaar=2026")
    form = owner.page("/onderneming/jaaropgave/wie").form("/onderneming/jaaropgave/wie")
    typed = {"kind": "person", "first_name": "Bart", "last_name": "De Smet", "born_on": "1985-07-30"}
    wrong = owner.submit(form, **typed, national_number="85073003329")
    assert wrong.status_code == 422
    assert "Dit rijksregisternummer klopt niet" in wrong.text and 'value="De Smet"' in wrong.text
    assert owner.submit(form, **typed, national_number="85.07.30-033.28").status_code == 303
    assert "85073003328" in owner.get("/onderneming/jaaropgave/wie").text
    assert "85073003328" not in owner.get("/onderneming/jaaropgave?jaar=2026").text


def test_shows_the_seller_their_year(client: Browser, shop: Market, session: Session) -> None:
    settled(shop, 3, 2)
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, shop.packers[0].id))
    owner = accounts.signed_in(client, session, person)
    page = owner.page("/onderneming/jaaropgave?jaar=2026")
    assert "Zoals het nu staat, wordt dit jaar gemeld" in page
    assert "Dit wordt niet gemeld" in owner.page("/onderneming/jaaropgave?jaar=2025")
    for kind in ("csv", "xlsx"):
        assert owner.get(f"/onderneming/jaaropgave.{kind}?jaar=2026").status_code == 200
    assert owner.get("/onderneming/jaaropgave.pdf").status_code == 404
