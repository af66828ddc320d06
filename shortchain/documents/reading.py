"""Reads of documents: of an order, of an enterprise, since a day."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased, defer

from shortchain.documents.models import Document, DocumentSending
from shortchain.documents.values import Paper
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list. Amounts are cents; `corrects` is the number of the document that it takes back."""

    public_id: str
    number: str
    kind: str
    issued_on: date
    seller_id: int | None
    seller: str
    buyer: str
    order_number: str
    net_cents: int
    vat_cents: int
    payable_cents: int
    currency: str
    corrects: str
    sha256: str
    sending: str  # empty when it does not go over Peppol
    reason: str  # why it was refused, or why it waits


@dataclass(frozen=True, slots=True)
class Archived:
    """A document with the bytes that are kept."""

    row: DocumentRow
    paper: Paper
    xml: bytes
    made_at: datetime

    @property
    def is_intact(self) -> bool:
        """Say whether the bytes are still those that were hashed when the document was made."""
        return hashlib.sha256(self.xml).hexdigest() == self.row.sha256


def of_order(session: Session, *, order_id: int) -> list[DocumentRow]:
    """List what the customer of an order got, oldest first."""
    query = _rows().where(Document.order_id == order_id).order_by(Document.id)
    return [_row(*found) for found in session.execute(query)]


def of_enterprise(session: Session, *, enterprise_id: int, most: int = 200) -> list[DocumentRow]:
    """List what an enterprise sold or was invoiced, newest first."""
    own = or_(Document.seller_id == enterprise_id, Document.buyer_id == enterprise_id)
    query = _rows().where(own).order_by(Document.issued_on.desc(), Document.id.desc()).limit(most)
    return [_row(*found) for found in session.execute(query)]


def by_cause(session: Session, *, enterprise_id: int, causes: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """Find the documents that an enterprise sold or got for some causes: (public id, number) of each, by cause."""
    found: dict[str, list[tuple[str, str]]] = {}
    own = or_(Document.seller_id == enterprise_id, Document.buyer_id == enterprise_id)
    rows = session.execute(
        select(Document.cause, Document.public_id, Document.number)
        .where(own, Document.cause.in_(sorted(set(causes))))
        .order_by(Document.id)
    )
    for cause, public_id, number in rows:
        found.setdefault(cause, []).append((public_id, number))
    return found


def sold_since(session: Session, *, enterprise_id: int, day: date) -> bool:
    """Say whether an enterprise sold on paper on or after a day."""
    query = select(Document.id).where(Document.seller_id == enterprise_id, Document.issued_on >= day).limit(1)
    return session.scalar(query) is not None


def archived(
    session: Session, *, public_id: str, order_id: int | None = None, enterprise_id: int | None = None
) -> Archived:
    """Give a document of this order or this enterprise with its bytes.

    :raises NotFound: when there is none, or it belongs to somebody else
    """
    query = _rows(with_bytes=True).where(Document.public_id == public_id)
    if enterprise_id is not None:
        query = query.where(or_(Document.seller_id == enterprise_id, Document.buyer_id == enterprise_id))
    else:
        query = query.where(Document.order_id == order_id)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound()
    return _archived(*found)


def since(session: Session, *, day: date) -> Iterator[Archived]:
    """Give every document issued on or after a day, in the order of making, a few at a time."""
    query = _rows(with_bytes=True).where(Document.issued_on >= day).order_by(Document.id)
    for found in session.execute(query.execution_options(yield_per=100)):
        yield _archived(*found)


def _rows(*, with_bytes: bool = False) -> Select[Document, str, str, DocumentSending]:
    corrected = aliased(Document)
    query = (
        select(Document, Order.number, corrected.number, DocumentSending)
        .outerjoin(Order, Order.id == Document.order_id)
        .outerjoin(corrected, corrected.id == Document.corrects_id)
        .outerjoin(DocumentSending, DocumentSending.document_id == Document.id)
    )
    return query if with_bytes else query.options(defer(Document.xml))


def _row(
    found: Document, order_number: str | None, corrects: str | None, sending: DocumentSending | None
) -> DocumentRow:
    draft = found.content["draft"]
    return DocumentRow(
        public_id=found.public_id,
        number=found.number,
        kind=found.kind.value,
        issued_on=found.issued_on,
        seller_id=found.seller_id,
        seller=draft["seller"]["name"],
        buyer=draft["buyer"]["name"],
        order_number=order_number or "",
        net_cents=found.net_cents,
        vat_cents=found.vat_cents,
        payable_cents=found.payable_cents,
        currency=found.currency,
        corrects=corrects or "",
        sha256=found.sha256,
        sending=sending.state.value if sending else "",
        reason=sending.reason if sending else "",
    )


def _archived(
    found: Document, order_number: str | None, corrects: str | None, sending: DocumentSending | None
) -> Archived:
    row = _row(found, order_number, corrects, sending)
    return Archived(row, Paper.from_json(found.content), found.xml, found.created_at)
