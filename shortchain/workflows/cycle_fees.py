"""A coordinator says what the hub and the farms of an order cycle ask on top of the goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.enterprises.price_lists import PriceList
from shortchain.journal import Actor
from shortchain.ordering import cycle_fees
from shortchain.transaction import transaction


def add(
    session: Session,
    *,
    cycle_public_id: str,
    hub_id: int,
    enterprise: str,
    basis: str,
    rate: int,
    by: Actor,
    now: datetime,
    payer: str = "customer",
) -> None:
    """Ask something of every order that is placed in a cycle from now on; `payer` is customer or seller.

    :raises NotFound, CycleOver, BadFee: nothing was changed
    """
    with transaction(session):
        cycle = cycle_fees.lock_cycle(session, public_id=cycle_public_id, hub_id=hub_id, now=now)
        cycle_fees.add(
            session,
            cycle=cycle,
            enterprise=enterprise,
            basis=basis,
            rate=rate,
            payer=payer,
            by=by,
            now=now,
        )


def set_minimums(
    session: Session,
    *,
    cycle_public_id: str,
    hub_id: int,
    wanted: Mapping[PriceList, int],
    by: Actor,
    now: datetime,
) -> None:
    """Ask so much of an order of a cycle at least from now on, in cents by list.

    :raises NotFound, CycleOver, BadMinimum: nothing was changed
    """
    with transaction(session):
        cycle = cycle_fees.lock_cycle(session, public_id=cycle_public_id, hub_id=hub_id, now=now)
        cycle_fees.set_minimums(session, cycle=cycle, wanted=wanted, by=by, now=now)


def remove(session: Session, *, public_id: str, hub_id: int, by: Actor, now: datetime) -> str:
    """Ask it no more; returns the cycle it was of. Orders that were placed keep it.

    :raises NotFound, CycleOver: nothing was changed
    """
    with transaction(session):
        name = cycle_fees.cycle_of(session, public_id=public_id, hub_id=hub_id)
        cycle = cycle_fees.lock_cycle(session, public_id=name, hub_id=hub_id, now=now)
        cycle_fees.remove(session, cycle=cycle, public_id=public_id, by=by, now=now)
        return name
