"""The order cycle that one can order in now: read, or remembered and checked by a later query.

Every page of the shop needs it and it changes twice a week, so a process remembers what it read last. A page
takes `MARKS` along in the query that it needs anyway; when they are not those of the remembered cycle, something
has changed and the page reads anew. Nothing is ever shown on the word of the memory alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Engine, cast, func, select
from sqlalchemy.orm import Session

from shortchain.catalogue.models import CycleState, OrderCycle
from shortchain.enterprises.models import DirectoryVersion, Enterprise
from shortchain.kernel.geo import Point, distance_m
from shortchain.kernel.window import local_day

_CYCLE, _HUB, _VERSION = OrderCycle.__table__.c, Enterprise.__table__.c, DirectoryVersion.__table__.c
_ID = cast(_CYCLE.id, BigInteger)
MARKS = (
    select(_VERSION.number).where(_VERSION.name == "shop").scalar_subquery().label("shop_mark"),
    select(func.coalesce(func.sum(_ID * _ID * 1_000_003 + _ID * 1_009 + _CYCLE.version), 0))
    .where(_CYCLE.state == CycleState.OPEN)
    .scalar_subquery()
    .label("cycles_mark"),
)
"""Numbers that change with the shop's offers (and names and places), and with the open cycles."""


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """An order cycle in which can be ordered now; `number` is that of the last change of the shop."""

    id: int
    hub_id: int
    name: str
    opens_at: datetime
    closes_at: datetime
    hub: Point
    number: int
    mark: int
    has_fees: bool

    def holds(self, marks: Sequence[int | None]) -> bool:
        """Say whether the marks that a query brought are those under which this cycle was read."""
        return (self.number, self.mark) == (marks[0] or 0, marks[1])


_OPEN = (
    select(
        _CYCLE.id,
        _CYCLE.hub_id,
        _CYCLE.name,
        _CYCLE.opens_at,
        _CYCLE.closes_at,
        _HUB.lat,
        _HUB.lon,
        *MARKS,
        _CYCLE.has_fees,
    )
    .join_from(OrderCycle.__table__, Enterprise.__table__, _HUB.id == _CYCLE.hub_id)
    .where(_CYCLE.state == CycleState.OPEN)
    .order_by(_CYCLE.closes_at, _CYCLE.id)
)
_remembered: WeakKeyDictionary[Engine, tuple[OpenCycle, ...]] = WeakKeyDictionary()


def open_cycle(session: Session, *, near: Point | None, now: datetime) -> OpenCycle | None:
    """Find the cycle to order in: of the nearest hub, else the one that closes first."""
    found = tuple(
        OpenCycle(row[0], row[1], row[2], row[3], row[4], Point(row[5], row[6]), row[7] or 0, row[8], row[9])
        for row in session.execute(_OPEN)
    )
    _remembered[session.get_bind().engine] = found
    return _choose(found, near, now)


def remembered_cycle(session: Session, *, near: Point | None, now: datetime) -> OpenCycle | None:
    """Give the cycle as this process read it last; None when it has none. Whoever asks checks `holds`."""
    return _choose(_remembered.get(session.get_bind().engine, ()), near, now)


def _choose(cycles: Sequence[OpenCycle], near: Point | None, now: datetime) -> OpenCycle | None:
    found = [cycle for cycle in cycles if cycle.opens_at <= now < cycle.closes_at]
    if near is None or len(found) < 2:
        return found[0] if found else None
    return min(found, key=lambda cycle: (distance_m(near, cycle.hub), cycle.closes_at, cycle.id))


def next_opening(session: Session, *, now: datetime) -> datetime | None:
    """Say when the next cycle opens, for a shop that is closed."""
    return session.scalar(
        select(func.min(OrderCycle.opens_at)).where(
            OrderCycle.opens_at > now, OrderCycle.state.in_((CycleState.DRAFT, CycleState.OPEN))
        )
    )


def keeps_until(cycle: OpenCycle) -> date:
    """Give the day until which food bought in a cycle must keep: the first after it closes."""
    return local_day(cycle.closes_at) + timedelta(days=1)
