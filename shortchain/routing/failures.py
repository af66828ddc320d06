"""Counts where nobody could do a step: what a coordinator must know to find somebody for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shortchain.catalogue.models import DeliveryWindow, OrderCycle
from shortchain.kernel.window import local_day
from shortchain.routing.gaps import Failure
from shortchain.routing.models import RoutingFailure
from shortchain.routing.plans import Unroutable
from shortchain.routing.quotes import Option, Options

CHAIN = "chain"
KEPT = timedelta(days=366)
"""A year and a day, so that a season can be laid beside the one before."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One stage that had nobody, for a place (its postcode) and a day of delivery."""

    postcode: str
    day: date
    stage: str
    classes: tuple[str, ...]
    reasons: tuple[str, ...]


def misses(refusal: Unroutable, *, postcode: str, day: date) -> list[Miss]:
    """Split a refusal into its stages; days that do not fit together are of the chain and of no stage."""
    if refusal.stages and all("together" in reasons for reasons in refusal.stages.values()):
        every = frozenset().union(*refusal.classes.values())
        return [Miss(postcode, day, CHAIN, tuple(sorted(every)), ("together",))]
    return [
        Miss(postcode, day, stage, tuple(sorted(refusal.classes.get(stage, ()))), tuple(sorted(reasons)))
        for stage, reasons in refusal.stages.items()
    ]


def of_options(options: Options, *, postcode: str) -> list[Miss]:
    """List what was missing for the places and days of a priced basket for which no moment was left.

    `postcode` is where the person lives; a pick-up point brings its own. A day on which another moment
    at the same place can be had is no miss.
    """
    by_place: dict[tuple[str, date], list[Option]] = {}
    for option in options.options:
        place = option.spot.postcode if option.spot else postcode
        if place:
            by_place.setdefault((place, local_day(option.starts_at)), []).append(option)
    found: dict[Miss, None] = {}
    for (place, day), group in by_place.items():
        if any(option.refusal is None for option in group):
            continue
        for option in group:
            assert option.refusal is not None, "asked a line before"
            found.update(dict.fromkeys(misses(option.refusal, postcode=place, day=day)))
    return list(found)


def window_facts(session: Session, *, window: str) -> tuple[int, date] | None:
    """Give the hub and the day of a window by its public id; None when there is no such window."""
    row = session.execute(
        select(OrderCycle.hub_id, DeliveryWindow.starts_at)
        .join(OrderCycle, OrderCycle.id == DeliveryWindow.cycle_id)
        .where(DeliveryWindow.public_id == window)
    ).one_or_none()
    return (row.hub_id, local_day(row.starts_at)) if row else None


def count(
    session: Session, *, hub_id: int, missed: Iterable[Miss], quotes: int = 0, orders: int = 0, now: datetime
) -> None:
    """Add so many quotes or orders to the row of each miss; makes the rows that are not there yet."""
    for miss in missed:
        key = {
            "hub_id": hub_id,
            "postcode": miss.postcode,
            "day": miss.day,
            "stage": miss.stage,
            "classes": ",".join(miss.classes),
            "reasons": ",".join(miss.reasons),
        }
        if _add(session, key, quotes, orders, now):
            continue
        try:
            with session.begin_nested():
                session.execute(insert(RoutingFailure).values(**key, quotes=quotes, orders=orders, last_at=now))
        except IntegrityError:  # somebody made it between our look and our insert
            _add(session, key, quotes, orders, now)


def _add(session: Session, key: dict[str, object], quotes: int, orders: int, now: datetime) -> bool:
    changed = session.execute(
        update(RoutingFailure)
        .filter_by(**key)
        .values(quotes=RoutingFailure.quotes + quotes, orders=RoutingFailure.orders + orders, last_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def since(session: Session, *, hub_id: int, after: datetime) -> Sequence[Failure]:
    """List what was counted for a hub after a moment, the latest day first."""
    rows = session.scalars(
        select(RoutingFailure)
        .where(RoutingFailure.hub_id == hub_id, RoutingFailure.last_at >= after)
        .order_by(RoutingFailure.day.desc(), RoutingFailure.postcode, RoutingFailure.stage, RoutingFailure.id)
    )
    return [
        Failure(
            row.postcode,
            row.stage,
            row.day,
            frozenset(filter(None, row.classes.split(","))),
            tuple(filter(None, row.reasons.split(","))),
            row.quotes,
            row.orders,
        )
        for row in rows
    ]


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what was last counted over a year ago; returns how many rows."""
    gone = session.execute(
        delete(RoutingFailure).where(RoutingFailure.last_at < now - KEPT).execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
