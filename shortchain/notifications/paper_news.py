"""Tells an enterprise that a document in its name did not arrive, with where to read why and to send it again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.documents.sending import Refusal
from shortchain.enterprises import founding
from shortchain.notifications import notices


def document_refused(session: Session, *, refusal: Refusal, now: datetime) -> None:
    """Owe the sender word of a refusal, once a turn; who has no mail address reads it on its page."""
    enterprise = founding.get(session, enterprise_id=refusal.enterprise_id)
    if not enterprise.email:
        return
    notices.owe(
        session,
        key=f"document-refused:{refusal.number}:{refusal.turn}",
        template="document_refused",
        to_email=enterprise.email,
        language=enterprise.language,
        context={"enterprise": enterprise.name, "number": refusal.number, "reason": refusal.reason},
        now=now,
    )
