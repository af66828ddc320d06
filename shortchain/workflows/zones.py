"""A coordinator draws the zones that not every vehicle may enter. Routing sees each change at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.enterprises import drawn_zones
from shortchain.enterprises.drawn_zones import ZoneFacts
from shortchain.journal import Actor
from shortchain.transaction import transaction


def draw(session: Session, *, hub_id: int, facts: ZoneFacts, now: datetime, by: Actor) -> str:
    """Add a zone that counts from now on; returns its public id.

    :raises BadZone, BadArea: nothing was changed
    """
    with transaction(session):
        return drawn_zones.draw(session, hub_id=hub_id, facts=facts, now=now, by=by).public_id


def change(
    session: Session, *, hub_id: int, public_id: str, version: int, facts: ZoneFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a zone.

    :raises NotFound, StaleEdit, BadZone, BadArea: nothing was changed
    """
    with transaction(session):
        drawn_zones.change(session, hub_id=hub_id, public_id=public_id, version=version, facts=facts, now=now, by=by)


def set_active(session: Session, *, hub_id: int, public_id: str, is_active: bool, now: datetime, by: Actor) -> str:
    """Count a zone no longer, or again; returns its name.

    :raises NotFound: when it is not this hub's
    :raises BadZone: when too many zones count already
    """
    with transaction(session):
        return drawn_zones.set_active(
            session, hub_id=hub_id, public_id=public_id, is_active=is_active, now=now, by=by
        ).name
