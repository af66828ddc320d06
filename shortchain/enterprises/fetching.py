"""Who fetches at whom for a tariff of its own, as routing must know it."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shortchain.enterprises.collection_models import Collection, CollectionState
from shortchain.enterprises.fetch_tariffs import SERVICE, Fetch
from shortchain.enterprises.models import Capability, Enterprise


def agreed(session: Session) -> dict[int, Fetch]:
    """Give, by who hands over, the carrier that fetches there for a tariff of its own and offers to do so still.

    Who agreed on nothing but fetching is paid as who brings, and is not among them.
    """
    rows = session.execute(
        select(Collection, Enterprise.name, Capability.storage_classes, Capability.refused_allergens)
        .join(Enterprise, Enterprise.id == Collection.collector_id)
        .join(Capability, and_(Capability.enterprise_id == Collection.collector_id, Capability.service == SERVICE))
        .where(
            Collection.state == CollectionState.AGREED,
            Capability.is_active,
            Enterprise.is_active,
            Enterprise.verified_at.is_not(None),
        )
    )
    return {
        row.giver_id: Fetch(row.collector_id, name, row.tariff, frozenset(classes), frozenset(refused))
        for row, name, classes, refused in rows
        if row.tariff is not None
    }
