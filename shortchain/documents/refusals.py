"""Whose it is to mend a document that an access point refused: an enterprise of ours, or else the hubs it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents.due_monthly import BY_MONTH
from shortchain.documents.models import Document, DocumentSending
from shortchain.documents.sending import SELF_BILLED
from shortchain.documents.values import Paper
from shortchain.kernel.window import at_local
from shortchain.ordering.models import Order
from shortchain.payouts.models import LedgerEntry
from shortchain.payouts.monthly import next_month


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that was not taken; `turn` counts how often it was sent.

    `enterprise_id` is who sent it when that is one of ours: its seller, or of a purchase note its buyer. What the
    platform sent in its own name, or a customer's enterprise in theirs, is minded by `hub_ids`.
    """

    public_id: str
    number: str
    order_id: int | None
    sender: str
    enterprise_id: int | None
    hub_ids: tuple[int, ...]
    turn: int
    reason: str


def of(session: Session, *, document_id: int) -> Refusal:
    """Describe the refusal of a document, with who must hear of it."""
    document = session.get_one(Document, document_id)
    row = session.get_one(DocumentSending, document_id)
    paper = Paper.from_json(document.content)
    is_self_billed = document.kind in SELF_BILLED
    sender_id = document.buyer_id if is_self_billed else document.seller_id
    return Refusal(
        public_id=document.public_id,
        number=document.number,
        order_id=document.order_id,
        sender=(paper.draft.buyer if is_self_billed else paper.draft.seller).name,
        enterprise_id=sender_id,
        hub_ids=() if sender_id else _hubs(session, document, paper),
        turn=row.turn,
        reason=row.reason,
    )


def _hubs(session: Session, document: Document, paper: Paper) -> tuple[int, ...]:
    """Find the hub of the document's order, or the hubs of the orders that a month of fees is of."""
    query = select(Order.hub_id).distinct().order_by(Order.hub_id)
    if document.order_id is not None:
        return tuple(session.scalars(query.where(Order.id == document.order_id)))
    first = paper.draft.supplied_on.replace(day=1)
    return tuple(
        session.scalars(
            query.join(LedgerEntry, LedgerEntry.order_id == Order.id).where(
                LedgerEntry.enterprise_id == document.buyer_id,
                LedgerEntry.kind.in_(BY_MONTH),
                LedgerEntry.at >= at_local(first, time()),
                LedgerEntry.at < at_local(next_month(first), time()),
            )
        )
    )
