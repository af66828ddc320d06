"""Documents are compared with the ledger, and orders with charges: nothing when all is well, and what was planted."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.documents import agreeing, issuing
from shortchain.documents.issuing import Issue
from shortchain.documents.models import Document
from shortchain.documents.values import DocumentKind, Paper
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.payouts import ledger, reconciling
from shortchain.payouts.comparing import Difference
from shortchain.payouts.ledger import Entry
from shortchain.payouts.models import Account
from shortchain.transaction import transaction
from shortchain.workflows import bookkeeping, documents
from tests.integration.documents.test_making import give_back, settled
from tests.support import paperwork
from tests.support.market import Market, market

SETTLED = timedelta(hours=49)


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = paperwork.numbered(market(session, gateways))
    paperwork.finish(made, made.order(2, 3))
    return made


def found(shop: Market, *, after: timedelta = timedelta(days=5), since: datetime | None = None) -> list[Difference]:
    shop.session.rollback()
    return agreeing.differences(shop.session, now=shop.now + after, since=since)


def promises(shop: Market) -> list[str]:
    shop.session.rollback()
    return [
        one.promise
        for one in checks.check_all(shop.session, now=shop.now + timedelta(days=5))
        if "documents" in one.promise
    ]


def of_order(shop: Market) -> tuple[int, str]:
    order = shop.session.scalars(select(Order)).one()
    return order.id, order.public_id


def given_back(shop: Market) -> tuple[int, str]:
    """Book a refund of a farm's goods, as the workflow does; returns the order and the name of the booking."""
    order_id, _ = of_order(shop)
    give_back(shop, shop.session.get_one(Order, order_id), 100)
    name = shop.session.scalars(
        select(ledger.LedgerEntry.transaction).where(ledger.LedgerEntry.transaction.startswith("refund:"))
    ).first()
    assert name is not None
    return order_id, name


def test_finds_nothing_when_all_is_well(shop: Market) -> None:
    assert found(shop) == []
    given_back(shop)
    documents.make_due(shop.session, shop.gateways, now=shop.now + timedelta(days=4))
    assert found(shop) == []
    assert found(shop, since=shop.now) == []
    assert promises(shop) == []


def test_finds_nothing_wrong_with_a_month_of_which_it_sees_only_the_end(shop: Market) -> None:
    """The month's documents are younger than what the comparison looks back to, its first bookings are not."""
    documents.make_due(shop.session, shop.gateways, now=shop.now + timedelta(days=9))
    assert [one.cause for one in shop.session.scalars(select(Document)) if one.cause.startswith("fee:")]
    for days in range(10, 60):
        after = timedelta(days=days)
        assert found(shop, after=after, since=shop.now + after - reconciling.LOOK_BACK) == [], days


def test_misses_the_documents_of_a_booking_once_later_ones_exist(shop: Market) -> None:
    order_id, name = given_back(shop)
    lacks = found(shop)
    assert {(one.what, one.source.split("/")[0]) for one in lacks} == {("document_missing", name)}
    assert sum(one.ours_cents or 0 for one in lacks) == -100
    documents.make_due(shop.session, shop.gateways, now=shop.now + timedelta(days=4))
    assert found(shop) == []
    with transaction(shop.session):
        entries = [
            Entry(Account.BANK, "refund", -100),
            Entry(Account.ENTERPRISE, "goods", 100, enterprise_id=shop.farms[0].id, vat_rate_bp=600),
        ]
        ledger.post(
            shop.session,
            transaction="refund:planted",
            order_id=order_id,
            entries=entries,
            now=shop.now + timedelta(hours=1),
        )
    [lack] = found(shop)
    assert (lack.what, lack.source, lack.ours_cents) == ("document_missing", f"refund:planted/{shop.farms[0].id}", -100)
    assert promises(shop) == ["P1 documents are what is booked"]


def test_says_nothing_while_no_document_is_made_at_all(session: Session, gateways: Gateways) -> None:
    made = paperwork.numbered(market(session, gateways))
    settled(made, 1, 1)
    assert found(made) == []  # the worker stands still or has no number of the platform: another alarm


def test_finds_a_document_that_nothing_booked(shop: Market) -> None:
    order_id, _ = of_order(shop)
    first = shop.session.scalars(select(Document).order_by(Document.id)).first()
    assert first is not None
    draft = Paper.from_json(first.content).draft
    with transaction(shop.session):
        wanted = Issue(draft, "settle:planted", order_id, first.seller_id)
        issuing.issue(shop.session, wanted=wanted, now=shop.now + SETTLED)
    [one] = found(shop)
    assert (one.what, one.ours_cents, one.theirs_cents) == ("document_amount", 0, draft.payable_cents)


def test_finds_a_document_that_says_another_amount(shop: Market) -> None:
    order_id, public_id = of_order(shop)
    first = shop.session.scalars(select(Document).order_by(Document.id)).first()
    assert first is not None
    draft = Paper.from_json(first.content).draft
    kind = DocumentKind.INVOICE if first.kind is DocumentKind.TICKET else DocumentKind.TICKET
    with transaction(shop.session):
        wanted = Issue(dataclasses.replace(draft, kind=kind), f"settle:{public_id}", order_id, first.seller_id)
        issuing.issue(shop.session, wanted=wanted, now=shop.now + SETTLED)
    [one] = found(shop)
    assert (one.what, one.order_id, one.theirs_cents) == ("document_amount", order_id, 2 * draft.payable_cents)


def test_the_nightly_comparison_keeps_what_it_finds(shop: Market) -> None:
    order_id, _ = of_order(shop)
    with transaction(shop.session):
        shop.session.execute(
            update(Order).values(total_cents=Order.total_cents + 1, services_cents=Order.services_cents + 1)
        )
        ledger.post(
            shop.session,
            transaction="refund:planted",
            order_id=order_id,
            entries=[
                Entry(Account.BANK, "refund", -100),
                Entry(Account.ENTERPRISE, "goods", 100, enterprise_id=shop.farms[0].id, vat_rate_bp=600),
            ],
            now=shop.now + timedelta(hours=1),
        )
    bookkeeping.compare_books(shop.session, shop.gateways, now=shop.now + timedelta(days=5))
    shop.session.rollback()
    last = reconciling.latest(shop.session)
    assert last is not None
    own = {one["what"]: one for one in last.differences if one["kind"] in ("order", "document")}
    assert set(own) == {"order_amount", "document_missing"}
    order = shop.session.get_one(Order, order_id)
    assert own["order_amount"]["ours_cents"] == own["order_amount"]["theirs_cents"] + 1
    assert {(one["hub_id"], one["number"]) for one in own.values()} == {(order.hub_id, order.number)}
