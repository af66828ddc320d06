"""An owner says from which day the enterprise stands otherwise towards VAT; documents follow the day of supply."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents.models import Document
from shortchain.documents.values import Paper
from shortchain.enterprises import vat_schemes
from shortchain.enterprises.models import Enterprise, MemberRole, VatScheme
from shortchain.enterprises.vat_models import VatChange
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.transaction import transaction
from shortchain.workflows import vat_changes
from shortchain.workflows.vat_changes import DocumentsSince
from tests.support import paperwork
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.factories.accounts import signed_in
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def owner(client: Browser, session: Session, enterprise_id: int) -> Browser:
    person = accounts.user(session, name="Bart")
    enterprises.member(session, person, session.get_one(Enterprise, enterprise_id), role=MemberRole.OWNER)
    return signed_in(client, session, person)


def change(shop: Market, day: date, scheme: VatScheme) -> None:
    vat_changes.change(
        shop.session, enterprise_id=shop.farms[0].id, scheme=scheme, from_day=day, now=shop.now, by=SYSTEM
    )


def reasons(shop: Market) -> list[str]:
    """Give the reasons why there is no VAT on what the first farm sold, the oldest document first."""
    shop.session.rollback()
    query = select(Document).where(Document.seller_id == shop.farms[0].id).order_by(Document.id)
    return [Paper.from_json(one.content).draft.vat[0].reason for one in shop.session.scalars(query)]


def test_documents_follow_the_day_of_supply(shop: Market) -> None:
    change(shop, local_day(shop.now) + timedelta(days=1), VatScheme.SMALL_EXEMPT)
    paperwork.finish(shop, shop.order(2, 1))  # supplied today, put on paper two days later
    later = shop.now
    shop.now = later + timedelta(days=1)
    paperwork.finish(shop, shop.order(1, 1))
    first, second = reasons(shop)
    assert first == ""
    assert "kleine ondernemingen" in second


def test_a_day_since_which_documents_exist_is_refused(shop: Market) -> None:
    paperwork.finish(shop, shop.order(2, 1))
    made = shop.session.scalars(select(Document.issued_on)).first()
    assert made is not None
    shop.session.rollback()
    with pytest.raises(DocumentsSince):
        change(shop, made, VatScheme.AGRI_FLAT)
    change(shop, made + timedelta(days=1), VatScheme.AGRI_FLAT)


def test_history_is_not_written_backwards(shop: Market) -> None:
    today = local_day(shop.now)
    change(shop, today, VatScheme.SMALL_EXEMPT)
    with pytest.raises(vat_schemes.NotInOrder):
        change(shop, today - timedelta(days=1), VatScheme.EXEMPT_44)
    with pytest.raises(vat_schemes.SameScheme):
        change(shop, today + timedelta(days=9), VatScheme.SMALL_EXEMPT)
    change(shop, today, VatScheme.AGRI_FLAT)  # a second one of the same day takes its place
    assert [one.scheme for one in vat_schemes.history(shop.session, enterprise_id=shop.farms[0].id)] == ["agri_flat"]


def test_an_owner_enters_a_change_and_takes_it_away(client: Browser, session: Session, shop: Market) -> None:
    farmer = owner(client, session, shop.farms[0].id)
    page = farmer.page("/onderneming/btw")
    assert "gewoon stelsel" in page
    form = page.form(has="scheme")
    same = farmer.submit(form, scheme="normal", from_day="2030-01-01")
    assert same.status_code == 422 and "geldt dan al" in same.text
    wrong = farmer.submit(form, scheme="small_exempt", from_day="morgen")
    assert wrong.status_code == 422
    done = farmer.submit(form, scheme="small_exempt", from_day="2030-01-01")
    assert done.status_code == 303
    page = farmer.page("/onderneming/btw")
    assert "01/01/2030" in page and "wordt nagekeken" in page
    farmer.submit(page.form("/weg"))
    session.rollback()
    assert session.scalars(select(VatChange)).all() == []


def test_what_holds_can_not_be_taken_away(shop: Market, session: Session) -> None:
    change(shop, local_day(shop.now), VatScheme.SMALL_EXEMPT)
    number = session.scalars(select(VatChange.id)).one()
    session.rollback()
    with pytest.raises(vat_schemes.AlreadyHolds):
        vat_changes.withdraw(session, enterprise_id=shop.farms[0].id, change_id=number, now=shop.now, by=SYSTEM)


def test_a_coordinator_looks_at_it(client: Browser, session: Session, shop: Market) -> None:
    change(shop, local_day(shop.now), VatScheme.SMALL_EXEMPT)
    person = accounts.user(session, name="Michael")
    enterprises.member(session, person, enterprises.hub(session))
    michael = signed_in(client, session, person)
    page = michael.page("/onderneming/na-te-kijken")
    assert "kleine onderneming" in page
    for _ in range(2):
        assert michael.submit(page.form("/na-te-kijken/btw/1")).status_code == 303
    session.rollback()
    assert session.scalars(select(VatChange.checked_at)).one() is not None
    assert "kleine onderneming" not in michael.page("/onderneming/na-te-kijken")
    assert michael.post("/onderneming/na-te-kijken/btw/999999").status_code == 404


def test_another_enterprise_can_not_take_it_away(client: Browser, session: Session, shop: Market) -> None:
    with transaction(session):
        made = vat_schemes.note(
            session,
            enterprise_id=shop.farms[0].id,
            scheme=VatScheme.AGRI_FLAT,
            from_day=date(2030, 1, 1),
            now=shop.now,
            by=SYSTEM,
        )
        number = made.id
    other = owner(client, session, shop.farms[1].id)
    assert other.post(f"/onderneming/btw/{number}/weg").status_code == 404
    session.rollback()
    assert session.get(VatChange, number) is not None
