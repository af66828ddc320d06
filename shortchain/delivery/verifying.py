"""Checks of `flask check --all` on the order of the steps, and on who fetches for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shortchain.capacity.models import Reservation, ReservationState
from shortchain.delivery import collecting, legs_to_fetch
from shortchain.delivery.legs import OPEN_LEGS
from shortchain.delivery.models import Collection, CollectionSkip, CollectionState, Leg, LegState
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobState, Stage
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderState

Check = Callable[[Session, datetime], list[str]]


def chain_is_true(session: Session, now: datetime) -> list[str]:
    """No step is done before the one before it."""
    early = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .join(Job, and_(Job.order_id == Order.id, Job.stage == Stage.PACK, Job.state.in_(LIVE_JOBS)))
        .where(Leg.state == LegState.DELIVERED, Job.state != JobState.READY)
    )
    undelivered = session.scalars(
        select(Order.number)
        .join(Leg, and_(Leg.order_id == Order.id, Leg.to_enterprise_id.is_(None)))
        .where(
            Order.state.in_([OrderState.DELIVERED, OrderState.SETTLED]),
            Leg.state.in_([LegState.PLANNED, LegState.SCHEDULED, LegState.COLLECTED]),
        )
    )
    return [f"order {number} was delivered before it was packed" for number in early] + [
        f"order {number} is called delivered while its goods are on the way" for number in undelivered
    ]


def fetching_is_agreed(session: Session, now: datetime) -> list[str]:
    """Who is to fetch at another has an agreement with it that holds on that day, and room for it in the ledger.

    What is in a released tour is fetched even when the agreement ended since (docs/routing.md, fetching for others).
    """
    rows = session.execute(
        select(Order.number, Leg, Collection, CollectionSkip.id)
        .select_from(Leg)
        .join(Order, Order.id == Leg.order_id)
        .outerjoin(
            Collection,
            and_(
                Collection.giver_id == Leg.from_enterprise_id,
                Collection.collector_id == Leg.carrier_id,
                Collection.state == CollectionState.AGREED,
            ),
        )
        .outerjoin(CollectionSkip, and_(CollectionSkip.collection_id == Collection.id, CollectionSkip.day == Leg.day))
        .where(
            Leg.carrier_id != Leg.from_enterprise_id,
            legs_to_fetch.brings(),
            Leg.state.in_(OPEN_LEGS),
            Leg.day >= local_day(now),
            ~legs_to_fetch.in_tours(legs_to_fetch.RELEASED),
        )
        .order_by(Leg.id)
    ).all()
    fetched: list[tuple[str, Leg, Collection | None, int | None]] = [(*row,) for row in rows]
    keys = {collecting.key_of(agreed, leg.day) for _number, leg, agreed, _skip in fetched if agreed is not None}
    held = set(
        session.scalars(
            select(Reservation.key).where(Reservation.key.in_(keys), Reservation.state != ReservationState.RELEASED)
        )
    )
    found = []
    for number, leg, agreed, skip in fetched:
        who = f"order {number}: somebody is to fetch on {leg.day}"
        if agreed is None:
            found.append(f"{who} with whom nobody agreed")
        elif skip is not None:
            found.append(f"{who}, which was left out")
        elif collecting.key_of(agreed, leg.day) not in held:
            found.append(f"{who} without room for it")
        elif not legs_to_fetch.pays(leg, agreed):
            found.append(f"{who} for less than was agreed")
    return found


CHECKS: tuple[tuple[str, Check], ...] = (
    ("P6 the chain is true", chain_is_true),
    ("P6 who fetches has agreed", fetching_is_agreed),
)
