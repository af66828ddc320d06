"""Documents between businesses go over Peppol: sent once, tried again, and refused with a reason."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.accounts.models import User
from shortchain.documents.models import BusinessBuyer, Document, DocumentSending, SendingState
from shortchain.documents.values import DocumentKind
from shortchain.enterprises.models import Enterprise, MemberRole, VatScheme
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import GatewayDown, GatewayRefused, Gateways, SendingStatus
from shortchain.kernel.states import IllegalTransition
from shortchain.notifications.models import Notice
from shortchain.ordering.models import Order
from shortchain.transaction import transaction
from shortchain.workflows import documents
from tests.support import paperwork
from tests.support.access_point import RunningPoint, running_point
from tests.support.client import Browser
from tests.support.factories import accounts, enterprises
from tests.support.market import Market, market


@dataclass
class Point:
    """An access point that does as the test says, and keeps what it was asked."""

    down: bool = False
    refusal: str = ""
    answer: SendingStatus = field(default_factory=lambda: SendingStatus("sent"))
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, *, key: str, document: bytes, sender: str, receiver: str) -> str:
        self.sent.append((key, sender, receiver))
        if self.down:
            raise GatewayDown("no answer")
        if self.refusal:
            raise GatewayRefused(self.refusal)
        return f"ref-{key}"

    def status(self, *, reference: str) -> SendingStatus:
        if self.down:
            raise GatewayDown("no answer")
        return self.answer


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways))


def finished(shop: Market, *, business: bool = True) -> Order:
    order = shop.order(2, 0)
    if business:
        shop.session.rollback()
        with transaction(shop.session):
            shop.session.add(
                BusinessBuyer(
                    order_id=order.id,
                    kbo="0909337584",
                    name="Resto Het Plein",
                    street="Markt 1",
                    postcode="9000",
                    municipality="Gent",
                    email="resto@post.example",
                    named_at=shop.now,
                )
            )
    paperwork.finish(shop, order)
    return order


def send(shop: Market, point: Point | None, *, minutes: int = 0) -> int:
    later = shop.now + timedelta(hours=49, minutes=minutes)
    done = documents.send_due(shop.session, dataclasses.replace(shop.gateways, access_point=point), now=later)
    shop.session.rollback()
    shop.session.expire_all()
    return done


def states(shop: Market) -> set[SendingState]:
    return set(shop.session.scalars(select(DocumentSending.state)))


def test_sends_each_once_and_asks_until_it_arrived(shop: Market, session: Session) -> None:
    finished(shop)
    point = Point()
    assert states(shop) == {SendingState.MADE}
    assert send(shop, point) == 3  # the farm, the packer, the bike
    assert send(shop, point) == 0
    assert states(shop) == {SendingState.SENT}
    assert send(shop, point, minutes=6) == 0  # on its way still
    point.answer = SendingStatus("delivered")
    assert send(shop, point, minutes=20) == 3
    assert states(shop) == {SendingState.DELIVERED}
    assert len(point.sent) == len({key for key, _from, _to in point.sent}) == 3
    assert {to for _key, _from, to in point.sent} == {"0208:0909337584"}


def test_tries_again_with_the_same_key(shop: Market, session: Session) -> None:
    finished(shop)
    point = Point(down=True)
    assert send(shop, point) == 0
    assert {row.reason for row in session.scalars(select(DocumentSending))} == {"no answer"}
    point.down = False
    assert send(shop, point) == 0  # not at once
    assert send(shop, point, minutes=10) == 3
    keys = [key for key, _from, _to in point.sent]
    assert len(keys) == 6 and sorted(keys[:3]) == sorted(keys[3:])
    assert states(shop) == {SendingState.SENT}


def test_keeps_the_reason_of_a_refusal_and_sends_again_when_asked(shop: Market, session: Session) -> None:
    finished(shop)
    point = Point(refusal="receiver unknown")
    assert send(shop, point) == 3
    assert states(shop) == {SendingState.REFUSED}
    assert send(shop, point, minutes=600) == 0
    told = session.scalars(select(Notice).where(Notice.template == "document_refused")).all()
    assert len(told) == 3 and {one.context["reason"] for one in told} == {"receiver unknown"}
    farm, other = shop.farms[0].id, shop.farms[1].id
    document = session.scalars(select(Document).where(Document.seller_id == farm)).one()
    number = document.public_id
    session.rollback()
    later = shop.now + timedelta(hours=60)
    with pytest.raises(NotFound):
        documents.send_again(session, public_id=number, enterprise_id=other, by=SYSTEM, now=later)
    documents.send_again(session, public_id=number, enterprise_id=farm, by=SYSTEM, now=later)
    with pytest.raises(IllegalTransition):
        documents.send_again(session, public_id=number, enterprise_id=farm, by=SYSTEM, now=later)
    point.refusal = ""
    assert send(shop, point, minutes=11 * 60) == 1
    assert point.sent[-1][0] == f"{number}-2"
    assert session.get_one(DocumentSending, document.id).state is SendingState.SENT


def test_refuses_later_too(shop: Market, session: Session) -> None:
    finished(shop)
    point = Point()
    send(shop, point)
    point.answer = SendingStatus("refused", "mailbox closed")
    assert send(shop, point, minutes=6) == 3
    assert {row.reason for row in session.scalars(select(DocumentSending))} == {"mailbox closed"}


def test_a_refused_invoice_of_the_platform_is_the_hubs_to_mend(
    client: Browser, shop: Market, session: Session, gateways: Gateways
) -> None:
    """The platform is no enterprise with a page of its own, so its monthly invoices would be refused in silence."""
    finished(shop, business=False)
    with transaction(session):
        session.get_one(Enterprise, shop.cycle.hub_id).email = "hub@post.example"
    documents.make_due(session, gateways, now=shop.now + timedelta(days=30))
    point = Point(refusal="receiver unknown")
    assert send(shop, point, minutes=60 * 24 * 31) == 1
    fee = session.scalars(select(Document).where(Document.cause.like("fee:%"))).one()
    told = session.scalars(select(Notice).where(Notice.template == "document_refused")).one()
    assert (told.to_email, told.context["number"], told.context["path"]) == ("hub@post.example", fee.number, "/hub")
    browser = accounts.signed_in(client, session, planner(session, shop.cycle.hub_id))
    page = browser.page("/hub")
    assert fee.number in page and "De ontvanger is niet te vinden op Peppol" in page
    stranger = enterprises.hub(session, name="Andere hub")
    other = accounts.signed_in(client.application.test_client(), session, planner(session, stranger.id))
    again = page.form("/opnieuw-sturen")
    assert other.post(again.action, data={}).status_code == 404
    assert browser.submit(again).status_code == 303
    assert fee.number not in browser.page("/hub")
    assert "was al gedaan" in browser.post(again.action, data={}, follow_redirects=True).text
    session.rollback()
    point.refusal = ""
    assert send(shop, point, minutes=60 * 24 * 32) == 1
    assert point.sent[-1][0] == f"{fee.public_id}-2"


def planner(session: Session, hub_id: int) -> User:
    """Have somebody who coordinates a hub."""
    person = accounts.user(session)
    enterprises.member(session, person, session.get_one(Enterprise, hub_id), MemberRole.PLANNER)
    return person


def test_sends_no_ticket(shop: Market, session: Session) -> None:
    finished(shop, business=False)
    assert session.scalars(select(DocumentSending)).all() == []


def test_sends_nothing_without_an_access_point(shop: Market) -> None:
    finished(shop)
    assert send(shop, None) == 0
    assert states(shop) == {SendingState.MADE}


def test_sends_a_purchase_note_to_the_farmer(shop: Market, session: Session) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).vat_scheme = VatScheme.AGRI_FLAT
    order = finished(shop)
    note = session.scalars(
        select(Document).where(Document.order_id == order.id, Document.kind == DocumentKind.PURCHASE_NOTE)
    ).one()
    row = session.get_one(DocumentSending, note.id)
    farm = session.get_one(Enterprise, shop.farms[0].id)
    assert (row.sender, row.receiver) == ("0208:0909337584", f"0208:{farm.kbo}")


@pytest.fixture(scope="module")
def running() -> Iterator[RunningPoint]:
    with running_point() as point:
        yield point


@pytest.fixture
def http(running: RunningPoint) -> RunningPoint:
    """An access point as a server of its own, without anything planned."""
    running.fault("nothing")
    running.close()
    running.delivers_in(0)
    return running


def calls(point: RunningPoint, before: dict[str, int]) -> list[int]:
    """Say how often each document that was taken since was handed over."""
    return sorted(count for number, count in point.taken().items() if number not in before)


def test_the_stand_in_takes_everything_that_we_make(shop: Market, session: Session, http: RunningPoint) -> None:
    with transaction(session):
        session.get_one(Enterprise, shop.farms[0].id).vat_scheme = VatScheme.AGRI_FLAT
    finished(shop)
    documents.make_due(session, shop.gateways, now=shop.now + timedelta(days=30))  # the fees too
    session.rollback()
    for minutes in (0, 10):
        send(shop, http.gateway(), minutes=60 * 24 * 31 + minutes)
    rows = session.scalars(select(DocumentSending)).all()
    assert len(rows) == 4
    assert {(row.state, row.reason) for row in rows} == {(SendingState.DELIVERED, "")}


def test_each_document_leaves_once_whatever_happens_to_the_answers(
    shop: Market, session: Session, http: RunningPoint
) -> None:
    """503, 429, nothing that can be read, and the answer lost after the work was done."""
    finished(shop)
    before = http.taken()
    for minutes, (name, why) in enumerate(
        (
            ("down", "status 503"),
            ("busy", "status 429"),
            ("garbage", "JSONDecodeError"),
            ("lost", "ProtocolError"),
        )
    ):
        http.fault(name, times=3)
        assert send(shop, http.gateway(), minutes=minutes * 24 * 60) == 0
        assert {(row.state, row.reason) for row in session.scalars(select(DocumentSending))} == {
            (SendingState.MADE, why)
        }
        session.rollback()
    assert calls(http, before) == [
        2,
        2,
        2,
    ]  # taken at the fourth call, whose answer could not be read, and at the fifth
    assert send(shop, http.gateway(), minutes=5 * 24 * 60) == 3
    assert states(shop) == {SendingState.SENT}
    assert calls(http, before) == [3, 3, 3]


def test_waits_longer_after_each_attempt(shop: Market, session: Session, http: RunningPoint) -> None:
    finished(shop)
    http.fault("down", times=1000)
    tried = []
    for minutes in range(0, 400, 2):
        send(shop, http.gateway(), minutes=minutes)
        tried.append(session.scalars(select(DocumentSending.attempts).order_by(DocumentSending.document_id)).first())
        session.rollback()
    pauses = [tried.count(count) for count in range(1, (tried[-1] or 0))]
    assert len(pauses) >= 3 and pauses == sorted(pauses) and pauses[-1] > pauses[0]


def test_does_not_wait_for_who_stays_silent(shop: Market, session: Session, http: RunningPoint) -> None:
    finished(shop)
    http.fault("silent", times=3, seconds=0.4)
    started = time.monotonic()
    assert send(shop, http.gateway(timeout_s=0.05)) == 0
    assert time.monotonic() - started < 3
    assert states(shop) == {SendingState.MADE}
    assert {row.reason for row in session.scalars(select(DocumentSending))} == {"ReadTimeoutError"}


def test_hears_later_that_a_mailbox_was_closed(shop: Market, session: Session, http: RunningPoint) -> None:
    finished(shop)
    http.delivers_in(3600)
    send(shop, http.gateway())
    assert send(shop, http.gateway(), minutes=6) == 0  # on its way
    assert states(shop) == {SendingState.SENT}
    http.fault("down", "GET", times=3)
    assert send(shop, http.gateway(), minutes=60) == 0
    assert states(shop) == {SendingState.SENT}
    http.delivers_in(0)
    http.close("0208:0909337584")
    assert send(shop, http.gateway(), minutes=600) == 3
    assert {(row.state, row.reason) for row in session.scalars(select(DocumentSending))} == {
        (SendingState.REFUSED, "receiver: the mailbox is closed")
    }


def test_a_rule_that_is_broken_is_the_reason(session: Session, http: RunningPoint) -> None:
    with pytest.raises(GatewayRefused, match=r"not an invoice|PEPPOL|document"):
        http.gateway().send(key="broken", document=b"<Invoice/>", sender="0208:1", receiver="0208:2")
    with pytest.raises(GatewayRefused, match="nobody sent"):
        http.gateway().status(reference="../else")
