"""A farm or a hub says which vouchers may pay a product."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import voucher_choices
from shortchain.journal import Actor
from shortchain.transaction import transaction


def say(
    session: Session,
    *,
    public_id: str,
    enterprise_id: int,
    by_hub: bool,
    said: dict[str, str],
    why: str,
    by: Actor,
    now: datetime,
) -> None:
    """Say it for a product of one's own farm, or of one's own cycles.

    :raises NotFound, BadChoice, HubDecided: nothing was changed
    """
    with transaction(session):
        if by_hub:
            product = voucher_choices.of_hub(session, public_id=public_id, hub_id=enterprise_id)
        else:
            product = voucher_choices.of_farm(session, public_id=public_id, farm_id=enterprise_id)
        voucher_choices.say(
            session, product=product, said=said, why=why, by_hub=by_hub, enterprise_id=enterprise_id, by=by, now=now
        )
