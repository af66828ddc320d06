"""Which legs somebody else may fetch, and which of them a carrier can not after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Collection, CollectionState, Leg, LegState, Stop, StopLeg, Tour, TourState
from shortchain.enterprises.models import Closure
from shortchain.kernel.window import local_day

RELEASED = (TourState.PUBLISHED, TourState.UNDER_WAY, TourState.DONE)


def brings() -> ColumnElement[bool]:
    """Whether a leg goes to who works on the goods next."""
    return and_(Leg.to_enterprise_id.is_not(None), Leg.to_enterprise_id != Leg.from_enterprise_id)


def in_tours(states: Sequence[TourState]) -> ColumnElement[bool]:
    """Whether a leg is in a tour in one of some states."""
    return (
        exists()
        .where(StopLeg.leg_id == Leg.id, Stop.id == StopLeg.stop_id, Tour.id == Stop.tour_id, Tour.state.in_(states))
        .correlate(Leg)
    )


def pays(leg: Leg, row: Collection) -> bool:
    """Say whether what was asked for a leg is no less than what was agreed for fetching it."""
    agreed = row.tariff
    return agreed is None or leg.cost_cents >= agreed.cents(weight_g=leg.weight_g, metres=leg.metres)


def closed_days(session: Session, *, now: datetime) -> list[tuple[Collection, tuple[date, ...]]]:
    """List the agreements of which the carrier is closed on days for which it has legs that nobody released."""
    rows = session.execute(
        select(Collection, Leg.day)
        .join(Leg, and_(Leg.carrier_id == Collection.collector_id, Leg.from_enterprise_id == Collection.giver_id))
        .join(
            Closure,
            and_(
                Closure.enterprise_id == Collection.collector_id,
                Closure.first_day <= Leg.day,
                Closure.last_day >= Leg.day,
            ),
        )
        .where(
            Collection.state == CollectionState.AGREED,
            Leg.state.in_((LegState.PLANNED, LegState.SCHEDULED)),
            brings(),
            Leg.day >= local_day(now),
            ~in_tours(RELEASED),
        )
        .order_by(Collection.id, Leg.day)
    ).all()
    found: dict[int, tuple[Collection, list[date]]] = {}
    for row, day in rows:
        days = found.setdefault(row.id, (row, []))[1]
        if day not in days:
            days.append(day)
    return [(row, tuple(days)) for row, days in found.values()]
