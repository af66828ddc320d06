"""Reads of agreements about fetching, for both parties."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from shortchain.delivery.collecting import STANDING
from shortchain.delivery.models import Collection, CollectionSkip, CollectionState, Leg, LegState
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.enterprises.models import Enterprise

OPEN = (LegState.PLANNED, LegState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class FetchDay:
    """A coming day of an agreement: for how many orders, how many grams, and what who drives is paid for it (VAT
    included); `is_skipped` is brought by the giver itself."""

    day: date
    orders: int
    weight_g: int
    pay_cents: int
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """A question or an agreement as one party sees it; `other` is the other party, `tariff` what is agreed (None: as who brings)."""

    public_id: str
    is_agreed: bool
    other_id: int
    other: str
    address: str
    phone: str
    ready_from: time | None
    note: str
    tariff: FetchTariff | None
    days: tuple[FetchDay, ...]


def as_giver(session: Session, *, enterprise_id: int, today: date) -> Agreement | None:
    """Give whom an enterprise asked to fetch, or who does; None for nobody."""
    found = _standing(session, Collection.giver_id == enterprise_id, today)
    return next((_seen(row, row.collector, days) for row, days in found), None)


def as_collector(session: Session, *, enterprise_id: int, today: date) -> list[Agreement]:
    """List who asks a carrier to fetch and for whom it does, the questions first."""
    found = [
        _seen(row, row.giver, days) for row, days in _standing(session, Collection.collector_id == enterprise_id, today)
    ]
    return sorted(found, key=lambda one: (one.is_agreed, one.other))


def _standing(session: Session, whose: object, today: date) -> list[tuple[Collection, tuple[FetchDay, ...]]]:
    rows = session.scalars(
        select(Collection)
        .where(whose, Collection.state.in_(STANDING))  # type: ignore[arg-type]
        .options(joinedload(Collection.giver), joinedload(Collection.collector))
        .order_by(Collection.id)
    ).all()
    days = _days(session, rows, today)
    return [(row, days.get(row.id, ())) for row in rows]


def _days(session: Session, rows: Sequence[Collection], today: date) -> dict[int, tuple[FetchDay, ...]]:
    if not rows:
        return {}
    pairs = [(Leg.from_enterprise_id == row.giver_id) & (Leg.carrier_id == row.collector_id) for row in rows]
    counted = session.execute(
        select(
            Leg.from_enterprise_id,
            Leg.day,
            func.count(func.distinct(Leg.order_id)),
            func.sum(Leg.weight_g),
            func.sum(Leg.cost_cents),
        )
        .where(or_(*pairs), Leg.to_enterprise_id.is_not(None), Leg.state.in_(OPEN), Leg.day >= today)
        .group_by(Leg.from_enterprise_id, Leg.day)
        .order_by(Leg.day)
    ).all()
    skipped = _skipped(session, [row.id for row in rows], today)
    by_giver = {row.giver_id: row for row in rows if row.state is CollectionState.AGREED}
    found: dict[int, dict[date, FetchDay]] = {row.id: {} for row in rows}
    for number, day in skipped:
        found[number][day] = FetchDay(day, 0, 0, 0, True)
    for giver, day, orders, grams, cents in counted:
        if giver in by_giver:
            found[by_giver[giver].id][day] = FetchDay(day, orders, int(grams), int(cents), False)
    return {number: tuple(days[day] for day in sorted(days)) for number, days in found.items()}


def _skipped(session: Session, ids: Some[int], today: date) -> list[tuple[int, date]]:
    rows = select(CollectionSkip.collection_id, CollectionSkip.day).where(
        CollectionSkip.collection_id.in_(ids), CollectionSkip.day >= today
    )
    return [(row[0], row[1]) for row in session.execute(rows)]


def _seen(row: Collection, other: Enterprise, days: tuple[FetchDay, ...]) -> Agreement:
    return Agreement(
        row.public_id,
        row.state is CollectionState.AGREED,
        other.id,
        other.name,
        other.address,
        other.phone,
        row.ready_from,
        row.note,
        row.tariff,
        days,
    )
