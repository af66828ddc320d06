"""The way of documents over Peppol: what is due to be sent or asked after, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.documents.models import Document, DocumentSending, SendingState
from shortchain.documents.values import DocumentKind, Draft
from shortchain.journal import SYSTEM, Actor
from shortchain.kernel.errors import NotFound
from shortchain.kernel.ports import SendingStatus
from shortchain.payments.operations import back_off

ELECTRONIC = (
    DocumentKind.INVOICE,
    DocumentKind.CREDIT_NOTE,
    DocumentKind.PURCHASE_NOTE,
    DocumentKind.PURCHASE_CREDIT,
)
"""Documents between businesses, which the law wants sent (since 1 January 2026)."""
SELF_BILLED = (DocumentKind.PURCHASE_NOTE, DocumentKind.PURCHASE_CREDIT)
"""Documents that the buyer makes and sends."""
ASK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ToSend:
    """What an access point needs. `reference` is known once it took the document."""

    key: str
    xml: bytes
    sender: str
    receiver: str
    reference: str | None


def owe(session: Session, *, document: Document, draft: Draft, now: datetime) -> None:
    """Owe the sending of a document between businesses; a purchase note goes from the buyer to the farmer."""
    if draft.kind not in ELECTRONIC:
        return
    sender, receiver = f"0208:{draft.seller.kbo}", f"0208:{draft.buyer.kbo}"
    if draft.kind in SELF_BILLED:
        sender, receiver = receiver, sender
    session.add(
        DocumentSending(document_id=document.id, sender=sender, receiver=receiver, state=SendingState.MADE, due_at=now)
    )
    session.flush()


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """List documents to send, and sent ones to ask after."""
    return session.scalars(
        select(DocumentSending.document_id)
        .where(DocumentSending.state.in_([SendingState.MADE, SendingState.SENT]), DocumentSending.due_at <= now)
        .order_by(DocumentSending.due_at, DocumentSending.document_id)
        .limit(limit)
    ).all()


def begin(session: Session, *, document_id: int, now: datetime) -> ToSend | None:
    """Note an attempt before the call, so that a repeat waits longer; None when it is somebody else's or done."""
    row = session.get_one(DocumentSending, document_id, with_for_update=True, populate_existing=True)
    if row.state not in (SendingState.MADE, SendingState.SENT) or row.due_at > now:
        return None
    row.attempts += 1
    row.due_at = now + back_off(row.attempts)
    document = session.get_one(Document, document_id)
    key = f"{document.public_id}-{row.turn}"
    reference = row.reference if row.state is SendingState.SENT else None
    return ToSend(key, document.xml, row.sender, row.receiver, reference)


def note_sent(session: Session, *, document_id: int, reference: str, now: datetime) -> None:
    """Note that the access point took a document; it is asked after from now on."""
    row = session.get_one(DocumentSending, document_id, with_for_update=True)
    if row.state is SendingState.MADE:
        row.move("send")
        row.reference, row.sent_at, row.reason = reference[:120], now, ""
        row.attempts, row.due_at = 0, now + ASK_AFTER


def note_down(session: Session, *, document_id: int, reason: str) -> None:
    """Note that the access point did not answer; the row stays due."""
    session.get_one(DocumentSending, document_id, with_for_update=True).reason = reason[:500]


def note_status(session: Session, *, document_id: int, status: SendingStatus, now: datetime) -> bool:
    """Note what became of a document; nothing changes while it is on its way. Says whether it was refused now."""
    row = session.get_one(DocumentSending, document_id, with_for_update=True)
    if status.state == "delivered" and row.state is SendingState.SENT:
        row.move("deliver")
        row.done_at, row.reason = now, ""
    elif status.state == "refused" and row.state in (SendingState.MADE, SendingState.SENT):
        row.move("refuse")
        row.done_at, row.reason = now, status.reason[:500]
        document = session.get_one(Document, document_id)
        journal.record(
            session,
            "document.refused",
            by=SYSTEM,
            now=now,
            order_id=document.order_id,
            enterprise_id=document.seller_id,
            number=document.number,
            reason=row.reason,
        )
        return True
    return False


def again(session: Session, *, public_id: str, enterprise_id: int | None, now: datetime, by: Actor) -> None:
    """Send a refused document of an enterprise again, under a new key.

    Without an enterprise it may be anybody's: the caller has looked whether who asks minds it.

    :raises NotFound: when there is no such document of this enterprise
    :raises IllegalTransition: when it was not refused
    """
    own = or_(Document.seller_id == enterprise_id, Document.buyer_id == enterprise_id) if enterprise_id else true()
    row = session.scalar(
        select(DocumentSending)
        .join(Document, Document.id == DocumentSending.document_id)
        .where(Document.public_id == public_id, own)
        .with_for_update(of=DocumentSending)
    )
    if row is None:
        raise NotFound()
    row.move("again")
    row.turn += 1
    row.reference, row.attempts, row.due_at, row.reason, row.done_at = None, 0, now, "", None
    session.flush()
    journal.record(session, "document.sent_again", by=by, now=now, enterprise_id=enterprise_id, document=public_id)
