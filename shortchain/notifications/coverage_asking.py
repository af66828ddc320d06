"""Asking an enterprise to do what nobody does yet around a hub, and remembering that it was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.enterprises.models import Enterprise
from shortchain.notifications import notices
from shortchain.notifications.models import Notice
from shortchain.routing.coverage import classes_key
from shortchain.routing.gaps import Cover

TEMPLATE = "coverage_asked"
PLACES_NAMED = 5


def ask(session: Session, *, hub: Enterprise, enterprise: Enterprise, cover: Cover, now: datetime) -> Notice:
    """Owe the enterprise a mail about a need: at most once in a calendar fortnight for the same need."""
    year, week, _day = now.isocalendar()
    services = [data.services()[code].name.as_dict() for code in sorted(cover.need.services)]
    named = {failure.postcode for failure in cover.failed}
    spots = [spot for spot in cover.need.spots if spot in cover.missing or spot.postcode in named]
    return notices.owe(
        session,
        key=f"{_key(hub.public_id, cover)}-{enterprise.public_id}-{year}-{week // 2}",
        template=TEMPLATE,
        to_email=enterprise.email,
        language=enterprise.language,
        now=now,
        context={
            "enterprise": enterprise.name,
            "hub": {"name": hub.name, "email": hub.email, "phone": hub.phone},
            "services": services,
            "classes": [data.storage_classes()[code].name.as_dict() for code in sorted(cover.need.classes)],
            "places": [f"{spot.postcode} {spot.name}" for spot in spots[:PLACES_NAMED]],
            "more": max(0, len(spots) - PLACES_NAMED),
            "failed": cover.quotes + cover.orders,
        },
    )


def asked(session: Session, *, hub: str, cover: Cover) -> Mapping[str, datetime]:
    """Say when each enterprise was last asked about a need of a hub, both by public id."""
    start = f"{_key(hub, cover)}-"
    rows = session.execute(
        select(Notice.key, Notice.created_at)
        .where(Notice.template == TEMPLATE, Notice.key.startswith(start, autoescape=True))
        .order_by(Notice.created_at)
    )
    return {row.key[len(start) :].rsplit("-", 2)[0]: row.created_at for row in rows}


def _key(hub: str, cover: Cover) -> str:
    """Name a need of a hub; the classes may be many, so they are kept as a hash."""
    need = f"{cover.need.key}:{classes_key(cover.need)}"
    return f"coverage-{hub}-{hashlib.sha256(need.encode()).hexdigest()[:12]}"
