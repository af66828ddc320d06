"""Makes documents final: a number out of its series, the archived UBL and its hash, in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.documents import sending, ubl
from shortchain.documents.models import Document, DocumentSeries
from shortchain.documents.values import CREDITS, DocumentKind, Draft, Paper
from shortchain.kernel.window import local_day

LETTERS = {
    DocumentKind.TICKET: "T",
    DocumentKind.TICKET_CREDIT: "U",
    DocumentKind.INVOICE: "F",
    DocumentKind.CREDIT_NOTE: "C",
    DocumentKind.PURCHASE_NOTE: "A",
    DocumentKind.PURCHASE_CREDIT: "B",
}
"""The series of each kind; a seller counts each of them apart, from one in every year."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A draft with whom and what it is about. Empty seller: the platform."""

    draft: Draft
    cause: str
    order_id: int | None
    seller_id: int | None
    buyer_id: int | None = None

    @property
    def lock_order(self) -> tuple[bool, int, str]:
        """The order in which series are taken, so that two transactions never wait for each other."""
        return self.draft.kind in CREDITS.values(), self.seller_id or 0, LETTERS[self.draft.kind]


def issue_all(session: Session, *, issues: list[Issue], now: datetime) -> list[Document]:
    """Make drafts final, what corrects after what it may correct."""
    return [issue(session, wanted=wanted, now=now) for wanted in sorted(issues, key=lambda one: one.lock_order)]


def issue(session: Session, *, wanted: Issue, now: datetime) -> Document:
    """Make one draft final today, in Flanders: number, UBL, hash.

    A credit names the document that it takes back: that of the same seller in the same order.

    :raises IntegrityError: when this document of this cause was made already
    """
    draft, today = wanted.draft, local_day(now)
    letter, owner = LETTERS[draft.kind], wanted.seller_id or 0
    series_id, sequence = _next_number(session, owner=owner, letter=letter, year=today.year)
    original = None
    if draft.kind in CREDITS.values():
        original = original_of(session, order_id=wanted.order_id, seller_id=wanted.seller_id)
    paper = Paper(
        number=f"{letter}{owner}-{today.year}-{sequence:05d}",
        issued_on=today,
        draft=draft,
        corrects=(original.number, original.issued_on) if original else None,
    )
    xml = ubl.write(paper)
    document = Document(
        number=paper.number,
        series_id=series_id,
        sequence=sequence,
        kind=draft.kind,
        cause=wanted.cause,
        key=f"{wanted.cause}:{owner}:{letter}",
        order_id=wanted.order_id,
        seller_id=wanted.seller_id,
        buyer_id=wanted.buyer_id,
        corrects_id=original.id if original else None,
        issued_on=today,
        net_cents=draft.net_cents,
        vat_cents=draft.vat_cents,
        payable_cents=draft.payable_cents,
        currency=draft.currency,
        content=paper.to_json(),
        xml=xml,
        sha256=hashlib.sha256(xml).hexdigest(),
        created_at=now,
    )
    session.add(document)
    session.flush()
    sending.owe(session, document=document, draft=draft, now=now)
    return document


def original_of(session: Session, *, order_id: int | None, seller_id: int | None) -> Document | None:
    """Find the document with which a seller sold in an order."""
    if order_id is None:
        return None
    seller = Document.seller_id.is_(None) if seller_id is None else Document.seller_id == seller_id
    return session.scalar(
        select(Document)
        .where(Document.order_id == order_id, seller, Document.kind.in_(list(CREDITS)))
        .order_by(Document.id)
        .limit(1)
    )


def _next_number(session: Session, *, owner: int, letter: str, year: int) -> tuple[int, int]:
    """Take the next number of a series; returns the series and the number.

    The counter is a row that stays locked until the commit, and a roll-back takes the number back: so
    the numbers that exist have no gap, however many processes take them.
    """
    raised = (
        update(DocumentSeries)
        .where(DocumentSeries.owner == owner, DocumentSeries.letter == letter, DocumentSeries.year == year)
        .values(last=DocumentSeries.last + 1)
        .returning(DocumentSeries.id, DocumentSeries.last)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(raised).one_or_none()
    if found is None:
        try:
            with session.begin_nested():
                session.add(DocumentSeries(owner=owner, letter=letter, year=year, last=0))
                session.flush()
        except IntegrityError:
            pass  # another process began the series in this moment
        found = session.execute(raised).one()
    return found[0], found[1]
