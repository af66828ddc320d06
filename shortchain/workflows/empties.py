"""Empties come back: a customer's for the deposit, and between enterprises for the count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.containers import moves
from shortchain.delivery import stops
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.notifications import changes
from shortchain.ordering import empties, orders
from shortchain.ordering.models import Order
from shortchain.payments import deposit_refunds, giving_back
from shortchain.payments.giving_back import Back
from shortchain.payments.models import Refund
from shortchain.transaction import transaction


class HowMany(Invalid):
    """Nothing came back, or no number was given."""

    message = N_("Vul in hoeveel er leeg terugkwamen, minstens 1.")


def take_back_at_stop(
    session: Session,
    *,
    stop_public_id: str,
    enterprise_id: int,
    number: str,
    counts: Mapping[str, int],
    key: str,
    by: Actor,
    now: datetime,
) -> Back:
    """Take empties of the customer of an order at a stop; returns what the customer gets for them.

    `counts` are numbers by the public id of the container. They may be of any order of this customer, the oldest
    counts first. The same `key` counts once.

    :raises NotFound: for a stop of another enterprise, or an order that is not at it
    :raises HowMany: for nothing
    :raises MoreThanOut: for more than this customer has; nothing is booked
    """
    with transaction(session):
        stop = stops.load_own(session, public_id=stop_public_id, enterprise_id=enterprise_id)
        order = next(
            (leg.order for leg in stops.live_legs(stop) if stops.is_last(leg) and leg.order.number == number), None
        )
        if order is None:
            raise NotFound()
        return _take_back(session, order, enterprise_id, counts, key, by, now)


def take_back(
    session: Session,
    *,
    number: str,
    enterprise_id: int,
    counts: Mapping[str, int],
    key: str,
    by: Actor,
    now: datetime,
) -> Back:
    """Take empties that a customer brings to a farm or hub; returns what the customer gets for them.

    The hub of the order takes all, another enterprise only its own: nobody else answers for the deposit.

    :raises NotFound: for an order that has nothing out of this enterprise
    :raises HowMany: for nothing
    :raises MoreThanOut: for more than this customer has; nothing is booked
    """
    with transaction(session):
        order = empties.find_for(session, number=number, enterprise_id=enterprise_id)
        owner_id = None if order.hub_id == enterprise_id else enterprise_id
        known = {one.public_id for one in empties.out_of(session, order=order, owner_id=owner_id)}
        if not {container for container, count in counts.items() if count} <= known:
            raise empties.MoreThanOut()
        return _take_back(session, order, enterprise_id, counts, key, by, now)


def _take_back(
    session: Session, order: Order, taker_id: int, counts: Mapping[str, int], key: str, by: Actor, now: datetime
) -> Back:
    wanted = {container: count for container, count in sorted(counts.items()) if count}
    if not wanted or min(wanted.values()) < 0:
        raise HowMany(fields=("count",))
    ids = empties.orders_with(session, order=order, containers=wanted)
    locked = {one: orders.lock(session, order_id=one) for one in ids}  # a second press waits here
    if moves.is_booked(session, key=f"{key}-0"):
        return Back()
    asked: list[Refund] = []
    booked = 0
    for container, count in wanted.items():
        left = count
        for row in empties.rows_out(session, order_ids=ids, container=container):
            part = min(left, row.out)
            if part:
                empties.book_returned(session, row=row, taker_id=taker_id, count=part, key=f"{key}-{booked}", now=now)
                asked += deposit_refunds.give_for_return(
                    session, order=locked[row.order_id], row=row, count=part, now=now
                )
                left, booked = left - part, booked + 1
        if left:
            raise empties.MoreThanOut()
    back = giving_back.whereto(session, asked)
    journal.record(
        session,
        "order.empties_back",
        by=by,
        now=now,
        order_id=order.id,
        enterprise_id=taker_id,
        counts=wanted,
        back_cents=back.cents,
    )
    changes.empties_back(session, order=order, counts=wanted, key=key, back=back, now=now)
    return back


def hand(
    session: Session,
    *,
    container: str,
    enterprise_id: int,
    party: str,
    gives: bool,
    count: int,
    key: str,
    by: Actor,
    now: datetime,
) -> None:
    """Book containers that an enterprise gives to another, or gets from it; the same `key` counts once.

    :raises NotFound: for a party or container that there is not
    :raises BadMove: for none, for more than the giver has, or to oneself
    """
    with transaction(session):
        other = session.scalar(select(Enterprise.id).where(Enterprise.public_id == party, Enterprise.is_active))
        if other is None:
            raise NotFound(N_("Kies een onderneming."), fields=("party",))
        giver, taker = (enterprise_id, other) if gives else (other, enterprise_id)
        moves.hand(session, public_id=container, giver_id=giver, taker_id=taker, count=count, key=key, by=by, now=now)
