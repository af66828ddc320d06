"""Gives a document as a file to who may have it: the customer of its order, or its seller or buyer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from shortchain.documents import pdf, reading
from shortchain.documents.reading import Archived
from shortchain.kernel.errors import NotFound
from shortchain.ordering import orders

TYPES = {"pdf": "application/pdf", "xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class File:
    """What is downloaded."""

    name: str
    type: str
    content: bytes


def of_customer(session: Session, *, token: str, public_id: str, ending: str) -> File:
    """Give a document of an order to who has its link.

    :raises NotFound: for an unknown link, document or ending
    """
    order = orders.find_by_token(session, token=token)
    return _file(reading.archived(session, public_id=public_id, order_id=order.id), ending)


def of_enterprise(session: Session, *, enterprise_id: int, public_id: str, ending: str) -> File:
    """Give a document that an enterprise sold or was invoiced by.

    :raises NotFound: for one of somebody else, and an unknown ending
    """
    return _file(reading.archived(session, public_id=public_id, enterprise_id=enterprise_id), ending)


def _file(found: Archived, ending: str) -> File:
    if ending not in TYPES:
        raise NotFound()
    content = found.xml
    if ending == "pdf":
        content = pdf.draw(found.paper, xml=found.xml, made_at=found.made_at)
    return File(f"{found.row.number}.{ending}", TYPES[ending], content)
