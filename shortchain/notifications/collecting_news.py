"""What happens to an agreement about fetching → the other party, by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from shortchain.delivery.models import Collection
from shortchain.enterprises.models import Enterprise
from shortchain.notifications import notices

TEMPLATE = "collecting"
ASKED, AGREED, DECLINED, ENDED, SKIPPED = "asked", "agreed", "declined", "ended", "skipped"


def tell(
    session: Session, *, collection: Collection, what: str, by_id: int, now: datetime, days: Sequence[date] = ()
) -> None:
    """Owe the other party word of it, once for each thing (and days): whoever did it knows already."""
    is_giver = by_id == collection.giver_id
    doer = session.get_one(Enterprise, by_id)
    other = session.get_one(Enterprise, collection.collector_id if is_giver else collection.giver_id)
    when = "-".join(day.isoformat() for day in days)
    notices.owe(
        session,
        key=f"collecting-{what}-{collection.public_id}-{by_id}-{when}",
        template=TEMPLATE,
        to_email=other.email,
        language=other.language,
        now=now,
        context={
            "what": what,
            "name": other.name,
            "who": {"name": doer.name, "email": doer.email, "phone": doer.phone},
            "is_giver": not is_giver,
            "note": collection.note if what == ASKED else "",
            "days": [day.isoformat() for day in days],
        },
    )
