"""`flask check --all` sees a gap in the numbers and a document that is not what was archived."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.documents.models import DocumentSeries
from shortchain.kernel.ports import Gateways
from shortchain.transaction import transaction
from tests.support import paperwork
from tests.support.clock import Clock
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = paperwork.numbered(market(session, gateways))
    paperwork.finish(made, made.order(2, 3))
    return made


def breaches(session: Session, clock: Clock) -> list[str]:
    session.rollback()
    return [one.promise for one in checks.check_all(session, now=clock.now) if "documents" in one.promise]


def test_finds_nothing_wrong(shop: Market, session: Session, clock: Clock) -> None:
    assert breaches(session, clock) == []


def test_sees_a_gap(shop: Market, session: Session, clock: Clock) -> None:
    with transaction(session):
        session.execute(update(DocumentSeries).values(last=DocumentSeries.last + 1))
    assert breaches(session, clock) == ["P1 documents have no gap"] * 4


@pytest.mark.sqlite_only
def test_sees_other_bytes(shop: Market, session: Session, clock: Clock) -> None:
    with transaction(session):
        session.execute(text("DROP TRIGGER document_no_update"))
        session.execute(text("UPDATE document SET xml = x'00' WHERE id = 1"))
    assert breaches(session, clock) == ["P1 documents are as archived"]


@pytest.mark.sqlite_only
def test_names_the_document_of_which_text_lies_there(shop: Market, session: Session, clock: Clock) -> None:
    with transaction(session):
        session.execute(text("DROP TRIGGER document_no_update"))
        session.execute(text("UPDATE document SET xml = CAST(xml AS TEXT) WHERE id = 1"))
        number = session.execute(text("SELECT number FROM document WHERE id = 1")).scalar_one()
    session.rollback()
    found = [
        one.what for one in checks.check_all(session, now=clock.now) if one.promise == "P1 documents are as archived"
    ]
    assert found == [f"document {number} is not what was archived"]
