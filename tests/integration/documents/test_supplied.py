"""Documents name what was supplied: less where it went short or was taken off, something else where that came."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.documents import goods
from shortchain.documents.models import Document
from shortchain.documents.values import DocumentKind, Paper
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import SellUnit
from shortchain.ordering import orders
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.orders import tracking_token
from shortchain.payments import giving_back, line_refunds
from shortchain.transaction import transaction
from shortchain.workflows import changing, documents, refunds
from tests.integration.workflows.test_shortages import order, other, report
from tests.support import invoices, paperwork
from tests.support.complaining import lines_of
from tests.support.market import Market, market

DOC = Path(__file__).parents[3] / "docs" / "documents.md"


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return paperwork.numbered(market(session, gateways, left=20))


def finished(shop: Market, made: Order) -> dict[str, list[tuple[str, int]]]:
    """Deliver, divide and give the lines of goods on paper, by kind of document: words and thousandths."""
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now)
    paperwork.finish(shop, made)
    found: dict[str, list[tuple[str, int]]] = {}
    farms = {farm.id for farm in shop.farms}
    for one in shop.session.scalars(select(Document).where(Document.order_id == made.id).order_by(Document.id)):
        assert invoices.faults(one.xml) == []
        if one.seller_id in farms:
            lines = Paper.from_json(one.content).draft.lines
            found.setdefault(one.kind.value, []).extend(
                (line.text, line.thousandths) for line in lines if line.text != "Vervoer"
            )
    assert [b for b in checks.check_all(shop.session, now=shop.now + timedelta(hours=60)) if "P1" in b.promise] == []
    return found


def test_lines_are_those_of_the_page() -> None:
    """Read the worked examples: what was ordered, what came, what is on paper."""
    page = DOC.read_text()
    table = page[page.index("| Ordered |") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert len(rows) >= 6
    for ordered, total, missing, dropped, instead, back, on_paper in rows:
        line = OrderLine(
            name={"nl": "kool"},
            sell_unit=SellUnit.PIECE,
            amount=int(ordered),
            total_cents=int(total),
            missing=int(missing),
            dropped=int(dropped),
            replacement={"name": {"nl": "spitskool"}, "amount": int(instead)} if instead != "–" else {},
            less_cents=0,
            discount_cents=0,
            vat_rate_bp=600,
        )
        items = goods.items_of(line, cents=int(total) - int(back), language="nl")
        told = [f"{item.thousandths // 1000} {item.text} {item.gross_cents}" for item in items]
        assert told == ([] if on_paper == "nothing" else re.split(r", ", on_paper)), (ordered, missing)
        assert sum(item.gross_cents for item in items) == int(total) - int(back)


def test_a_line_that_went_short_stands_as_it_came(shop: Market) -> None:
    made = order(shop, 2, 3)
    report(shop, 1)
    found = finished(shop, made)
    assert ("Kool", 2000) in found["ticket"]
    assert "ticket_credit" not in found


def test_what_came_instead_stands_beside_it(shop: Market) -> None:
    spare = other(shop)
    made = order(shop, 0, 3, replace=True)
    report(shop, 1, instead=spare.public_id)
    found = finished(shop, made)
    assert found == {"ticket": [("Kool", 2000), ("Spitskool", 1000)]}


def test_what_the_customer_took_off_is_not_on_paper(shop: Market) -> None:
    made = order(shop, 2, 3)
    token, line = tracking_token(made.key), lines_of(shop, made)[1].id
    shop.session.rollback()
    changing.take_off(shop.session, token=token, keep={line: 0}, by=GUEST, now=shop.now)
    found = finished(shop, made)
    assert [text for text, _ in found["ticket"]] == ["Prei"]
    assert "ticket_credit" not in found


def test_what_came_and_was_bad_is_sold_and_credited(shop: Market) -> None:
    made = order(shop, 2, 3)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=made.id)
        line = shop.session.scalars(
            select(OrderLine).where(OrderLine.order_id == made.id).order_by(OrderLine.id)
        ).all()[1]
        line_refunds.give_back(shop.session, order=row, line=line, amount_cents=50, reason="complaint", now=shop.now)
    found = finished(shop, made)
    assert ("Kool", 3000) in found["ticket"]
    assert found[DocumentKind.TICKET_CREDIT.value] == [(f"Terugbetaling: {line.name['nl']}", 1000)]


def test_a_credit_after_dividing_names_its_goods(shop: Market) -> None:
    made = order(shop, 2, 3)
    finished(shop, made)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=made.id)
        bad = {"Prei": 40, "Kool": 60}
        for line in shop.session.scalars(select(OrderLine).where(OrderLine.order_id == made.id)).all():
            line_refunds.give_back(
                shop.session, order=row, line=line, amount_cents=bad[line.name["nl"]], reason="complaint", now=shop.now
            )
    later = shop.now + timedelta(hours=50)
    refunds.send_refunds(shop.session, shop.gateways, now=later)
    documents.make_due(shop.session, shop.gateways, now=later)
    credits = shop.session.scalars(
        select(Document).where(Document.order_id == made.id, Document.kind == DocumentKind.TICKET_CREDIT)
    ).all()
    named = [(line.text, one.payable_cents) for one in credits for line in Paper.from_json(one.content).draft.lines]
    assert sorted(named) == [("Terugbetaling: Kool", 60), ("Terugbetaling: Prei", 40)]


def test_a_credit_for_the_whole_order_names_no_goods(shop: Market) -> None:
    made = order(shop, 2, 3)
    with transaction(shop.session):
        row = orders.lock(shop.session, order_id=made.id)
        giving_back.owe(shop.session, order=row, amount_cents=300, reason="goodwill", now=shop.now)
    found = finished(shop, made)
    assert {text for text, _count in found[DocumentKind.TICKET_CREDIT.value]} == {"Goederen"}
