"""`flask documents export` and `flask ledger export` write what an accountant can take over."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shortchain.documents.models import Document
from shortchain.enterprises.models import Enterprise
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering import orders
from shortchain.payouts.models import LedgerEntry
from shortchain.transaction import transaction
from shortchain.workflows import documents, settlement
from tests.support.market import Market, market


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    """A market with one settled order and its documents; a farm's name looks like a formula."""
    made = market(session, gateways)
    with transaction(session):
        session.get_one(Enterprise, made.farms[0].id).name = '=HYPERLINK("x")'
    order = made.order(2, 3)
    with transaction(session):
        row = orders.lock(session, order_id=order.id)
        orders.move(session, order=row, action="deliver", by=SYSTEM, now=made.now)
    later = made.now + timedelta(hours=49)
    settlement.settle_orders(session, now=later)
    documents.make_due(session, gateways, now=later)
    session.rollback()
    return made


def run(app: Flask, *words: object) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=[str(word) for word in words])
    return done.exit_code, done.output


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_writes_each_document_with_its_paper(app: Flask, shop: Market, session: Session, tmp_path: Path) -> None:
    out = tmp_path / "documents"
    for _ in range(2):  # safe to run twice
        assert run(app, "documents", "export", "--since", "2026-11-01", "--out", out)[0] == 0
    listed = rows_of(out / "index.csv")
    assert len(listed) == session.scalar(select(func.count()).select_from(Document)) == 4
    wanted = {f"{row['number']}.{ending}" for row in listed for ending in ("xml", "pdf")}
    assert {path.name for path in out.iterdir()} == wanted | {"index.csv"}
    for row in listed:
        xml = (out / f"{row['number']}.xml").read_bytes()
        assert hashlib.sha256(xml).hexdigest() == row["sha256"]
        paper = PdfReader(out / f"{row['number']}.pdf")
        assert paper.attachments == {f"{row['number']}.xml": [xml]}
    assert {row["seller"] for row in listed} >= {'\'=HYPERLINK("x")'}


def test_writes_only_what_is_asked(app: Flask, shop: Market, tmp_path: Path) -> None:
    assert run(app, "documents", "export", "--since", "2026-12-01", "--out", tmp_path)[0] == 0
    assert rows_of(tmp_path / "index.csv") == []


def test_stops_at_a_document_that_was_tampered_with(app: Flask, shop: Market, session: Session, tmp_path: Path) -> None:
    with transaction(session):
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER document_no_update"))
        else:
            session.execute(text("ALTER TABLE document DISABLE TRIGGER document_append_only"))
        session.execute(text("UPDATE document SET xml = :xml"), {"xml": b"<Invoice/>"})
    try:
        code, said = run(app, "documents", "export", "--since", "2026-11-01", "--out", tmp_path)
    finally:
        if session.get_bind().dialect.name == "postgresql":
            with transaction(session):
                session.execute(text("ALTER TABLE document ENABLE TRIGGER document_append_only"))
    assert code == 1 and "SHA-256" in said
    assert list(tmp_path.glob("*index*")) == []


def test_writes_every_booking(app: Flask, shop: Market, session: Session, tmp_path: Path) -> None:
    assert run(app, "ledger", "export", "--out", tmp_path / "ledger.csv")[0] == 0
    rows = rows_of(tmp_path / "ledger.csv")
    assert list(rows[0])[:7] == ["order", "seller", "kind", "amount_cents", "currency", "transaction", "time"]
    assert len(rows) == session.scalar(select(func.count()).select_from(LedgerEntry))
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["transaction"]] += int(row["amount_cents"])
    assert set(sums.values()) == {0}
    sold = next(row for row in rows if row["kind"] == "goods")
    assert sold["seller"] == '\'=HYPERLINK("x")' and sold["time"].endswith("+00:00")
