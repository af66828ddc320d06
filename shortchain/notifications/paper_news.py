"""Tells who minds a document that it did not arrive, with where to read why and to send it again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.documents.refusals import Refusal
from shortchain.enterprises import founding
from shortchain.enterprises.models import Enterprise
from shortchain.notifications import notices


def document_refused(session: Session, *, refusal: Refusal, now: datetime) -> None:
    """Owe word of a refusal, once a turn, to the enterprise that sent it, or to the hubs that mind the platform's own.

    Who has no mail address reads it on its page.
    """
    key = f"document-refused:{refusal.number}:{refusal.turn}"
    if refusal.enterprise_id:
        _owe(session, refusal, to_id=refusal.enterprise_id, key=key, path="/onderneming/documenten", now=now)
    for hub_id in refusal.hub_ids:
        _owe(session, refusal, to_id=hub_id, key=f"{key}:{hub_id}", path="/hub", now=now)


def locked_out(session: Session, *, since: datetime, now: datetime) -> None:
    """Owe every hub an alarm: the access point does not know our key, so no invoice leaves before somebody acts."""
    hubs = session.scalars(select(Enterprise).where(Enterprise.is_hub, Enterprise.is_active)).all()
    for hub in hubs:
        if hub.email:
            notices.owe(
                session,
                key=f"locked-out-{since:%Y%m%d%H%M%S}-{hub.public_id}",
                template="access_point_locked",
                to_email=hub.email,
                language=hub.language,
                context={"name": hub.name},
                now=now,
            )


def _owe(session: Session, refusal: Refusal, *, to_id: int, key: str, path: str, now: datetime) -> None:
    minder = founding.get(session, enterprise_id=to_id)
    if not minder.email:
        return
    notices.owe(
        session,
        key=key,
        template="document_refused",
        to_email=minder.email,
        language=minder.language,
        context={"enterprise": refusal.sender, "number": refusal.number, "reason": refusal.reason, "path": path},
        now=now,
    )
