"""An owner says which containers come back and for what deposit; the shop follows at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import products
from shortchain.containers import types
from shortchain.journal import Actor
from shortchain.transaction import transaction


def add(session: Session, *, owner_id: int, kind: str, name: str, deposit_cents: int, by: Actor, now: datetime) -> None:
    """Add a kind of container.

    :raises BadContainer: nothing was added
    """
    with transaction(session):
        types.add(session, owner_id=owner_id, kind=kind, name=name, deposit_cents=deposit_cents, by=by, now=now)


def change(
    session: Session,
    *,
    public_id: str,
    owner_id: int,
    name: str,
    deposit_cents: int,
    in_use: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Change a kind of container for orders to come; what was sold keeps its deposit.

    :raises NotFound: when it is another's
    :raises BadContainer: nothing was changed
    """
    with transaction(session):
        container = types.load_own(session, public_id=public_id, owner_id=owner_id)
        types.change(
            session, container=container, name=name, deposit_cents=deposit_cents, in_use=in_use, by=by, now=now
        )
        products.mark_changed(session, container_id=container.id)


def pack_orders_in(session: Session, *, hub_id: int, public_id: str, by: Actor, now: datetime) -> None:
    """Pack a hub's orders in this container from now on; empty for something that nobody returns.

    :raises NotFound: when it is another's
    :raises BadContainer: nothing was changed
    """
    with transaction(session):
        types.pack_orders_in(session, hub_id=hub_id, public_id=public_id, by=by, now=now)
