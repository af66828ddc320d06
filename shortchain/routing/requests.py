"""Makes the question for the planner out of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import OrderCycle, WindowKind
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.zones import Hours
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import AFTERNOON_FROM
from shortchain.kernel.window import BRUSSELS, local_day
from shortchain.ordering.models import Order, OrderLine
from shortchain.routing import candidates
from shortchain.routing.plans import Fixed, Line, RouteRequest


class Farm(NamedTuple):
    """Where the goods of a line are."""

    name: str
    point: Point


def first_work_day(closes_at: datetime) -> date:
    """Say on which day work for a cycle can start: the day after it closes, when all is known."""
    return local_day(closes_at) + timedelta(days=1)


def packs_same_day(starts_at: datetime) -> bool:
    """Say whether a delivery that starts then can be packed on its own day: from one o'clock on."""
    return starts_at.astimezone(BRUSSELS).time() >= AFTERNOON_FROM


def hours_of(starts_at: datetime, ends_at: datetime) -> Hours:
    """Give the clock times of a window that begins and ends on one day."""
    return starts_at.astimezone(BRUSSELS).time(), ends_at.astimezone(BRUSSELS).time()


def for_order(
    session: Session,
    *,
    order: Order,
    lines: Sequence[OrderLine],
    now: datetime,
    without: frozenset[int] = frozenset(),
    fixed: Mapping[str, Fixed] | None = None,
    closes_at: datetime | None = None,
    farms: Mapping[int, Farm] | None = None,
) -> RouteRequest:
    """Ask for a chain for an order that exists; its lines are named by their ids.

    Who knows when the cycle closes, or the farms by their ids, saves looking them up.
    """
    if closes_at is None:
        closes_at = session.execute(select(OrderCycle.closes_at).where(OrderCycle.id == order.cycle_id)).scalar_one()
    delivery_day = local_day(order.starts_at)
    first = min(max(first_work_day(closes_at), local_day(now)), delivery_day)
    zones, fetches = candidates.zones_and_fetches(session)
    return RouteRequest(
        lines=_lines(lines, farms or _farms(session, lines)),
        destination=Point(order.lat, order.lon),
        is_pickup=order.kind is WindowKind.PICKUP,
        delivery_day=delivery_day,
        first_day=first,
        without=without,
        packs_same_day=packs_same_day(order.starts_at),
        at_gate=order.at_gate,
        fixed=dict(fixed or {}),
        zones=zones,
        hours=hours_of(order.starts_at, order.ends_at),
        fetches=fetches,
    )


def inside(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Give the allergens that are or may be in goods, in the order of their codes."""
    return tuple(sorted(code for code, answer in answers.items() if answer in ("contains", "may_contain")))


def claimed(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Give the allergens that goods are sold as free from, in the order of their codes."""
    return tuple(sorted(code for code, answer in answers.items() if answer == "free_from"))


def _farms(session: Session, lines: Sequence[OrderLine]) -> dict[int, Farm]:
    rows = session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.lat, Enterprise.lon).where(
            Enterprise.id.in_({line.farm_id for line in lines})
        )
    )
    return {row.id: Farm(row.name, Point(row.lat, row.lon)) for row in rows}


def _lines(lines: Sequence[OrderLine], farms: Mapping[int, Farm]) -> tuple[Line, ...]:
    return tuple(
        Line(
            ref=line.id,
            farm_id=line.farm_id,
            farm_name=farms[line.farm_id].name,
            farm_point=farms[line.farm_id].point,
            weight_g=line.weight_g,
            storage_class=line.storage_class,
            is_organic=line.is_organic,
            process_service=line.process_service,
            allergens=inside(line.allergens),
            free_from=claimed(line.allergens),
        )
        for line in lines
    )
