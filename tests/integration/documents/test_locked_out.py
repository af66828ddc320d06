"""An access point that does not know our key any more: people are told, nothing is lost, and all leaves once it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents import standing
from shortchain.documents.models import DocumentSending, SendingState
from shortchain.enterprises.models import Enterprise
from shortchain.journal import JournalEntry
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.transaction import transaction
from shortchain.workflows import documents
from tests.integration.documents.test_sending import finished, planner
from tests.support import paperwork
from tests.support.access_point import KEY, RunningPoint, running_point
from tests.support.client import Browser
from tests.support.factories import accounts
from tests.support.market import Market, market


@pytest.fixture(scope="module")
def point() -> Iterator[RunningPoint]:
    with running_point() as found:
        yield found


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    found = paperwork.numbered(market(session, gateways))
    with transaction(session):
        session.get_one(Enterprise, found.cycle.hub_id).email = "hub@post.example"
    finished(found)
    return found


def send(shop: Market, point: RunningPoint, *, key: str, hours: int) -> int:
    later = shop.now + timedelta(hours=49 + hours)
    outside = dataclasses.replace(shop.gateways, access_point=point.gateway(key=key))
    done = documents.send_due(shop.session, outside, now=later)
    shop.session.rollback()
    shop.session.expire_all()
    return done


def told(shop: Market) -> tuple[list[str], list[str]]:
    """Give what stands in the journal about it, and to whom mail is owed."""
    journal = shop.session.scalars(
        select(JournalEntry.what).where(JournalEntry.what.startswith("access_point.")).order_by(JournalEntry.id)
    ).all()
    mails = shop.session.scalars(select(Notice.to_email).where(Notice.template == "access_point_locked")).all()
    shop.session.rollback()
    return [one.removeprefix("access_point.") for one in journal], list(mails)


def test_tells_people_once_and_ends_by_itself(
    client: Browser, shop: Market, session: Session, point: RunningPoint
) -> None:
    browser = accounts.signed_in(client, session, planner(session, shop.cycle.hub_id))
    sentence = "aanvaardt onze sleutel niet meer"
    for hours in range(standing.ALARM_AFTER - 1):
        assert send(shop, point, key="a key of before", hours=hours) == 0
    assert told(shop) == ([], []), "once or twice may be a slip"
    assert sentence not in browser.page("/hub/geld")
    session.rollback()
    for hours in range(standing.ALARM_AFTER - 1, 8):
        assert send(shop, point, key="a key of before", hours=hours) == 0
    assert told(shop) == (["locked_out"], ["hub@post.example"])
    page = browser.page("/hub/geld")
    assert sentence in page and "3 documenten wachten" in page and "ACCESS_POINT_API_KEY" in page
    session.rollback()
    assert {row.state for row in session.scalars(select(DocumentSending))} == {SendingState.MADE}
    session.rollback()
    assert send(shop, point, key=KEY, hours=12) == 3
    assert told(shop) == (["locked_out", "recovered"], ["hub@post.example"])
    assert sentence not in browser.page("/hub/geld")


def test_one_refused_key_keeps_the_others_from_waiting_longer(
    shop: Market, session: Session, point: RunningPoint
) -> None:
    assert send(shop, point, key="a key of before", hours=0) == 0
    tried = session.scalars(select(DocumentSending.attempts).order_by(DocumentSending.document_id)).all()
    session.rollback()
    assert sorted(tried) == [0, 0, 1], "who is not let in at the door does not knock for each letter"
    assert send(shop, point, key=KEY, hours=0) == 2


def test_what_is_busy_or_away_is_no_matter_of_the_key(shop: Market, session: Session, point: RunningPoint) -> None:
    for hours, (key, fault) in enumerate((("old", ""), ("old", ""), (KEY, "down"), ("old", ""))):
        if fault:
            point.fault(fault, times=3)
        send(shop, point, key=key, hours=hours)
    assert told(shop)[0] == ["locked_out"], "silence says nothing about the key: neither good nor bad"
    assert send(shop, point, key=KEY, hours=9) == 3
    for hours in (24, 25):
        send(shop, point, key="old", hours=hours)
    assert told(shop)[0] == ["locked_out", "recovered"], "the count begins anew"
