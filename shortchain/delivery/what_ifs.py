"""What would happen if: more orders, a provider less, a provider more. Nothing of it is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median_low
from typing import Any, Self

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from shortchain import progress
from shortchain.catalogue.models import OrderCycle
from shortchain.data import services
from shortchain.delivery import batches
from shortchain.delivery.batches import Cycle
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.kernel.errors import N_, Invalid
from shortchain.kernel.geo import Point
from shortchain.progress import Progress
from shortchain.routing.batch.asking import Question, Standing
from shortchain.routing.batch.solving import BatchPlan, Budget
from shortchain.routing.columns import Columns
from shortchain.routing.plans import STAGES, Candidate

ASKED = "what_if"
MOST_ORDERS = 2_000
BUDGET = Budget(ascent=200, columns=6, moves=3, ejections=100, neighbourhoods=200)
RADIUS_M = 25_000
"""How far the imagined provider goes."""


class NothingAsked(Invalid):
    """Everything would stay as it is."""

    message = N_("Kies minstens één verandering: meer bestellingen, iemand minder of iemand erbij.")


class UnknownProvider(Invalid):
    """There is no such enterprise, service or place."""

    message = N_("Dit kennen we niet. Kies uit de lijst, en geef een postcode of gemeente.")


class TooMany(Invalid):
    """More orders than can be worked out in reasonable time."""

    message = N_("Vraag hoogstens %(most)s bestellingen meer.")

    def __init__(self) -> None:
        super().__init__(most=MOST_ORDERS)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would be otherwise. Empty values change nothing.

    `closed` is the public id of an enterprise; a new provider does `service` at the place `at`, named `label`.
    """

    more: int = 0
    closed: str = ""
    service: str = ""
    at: Point | None = None
    label: str = ""

    @classmethod
    def of(cls, asked: dict[str, Any]) -> Self:
        """Read what a run asks."""
        at = Point(*asked["at"]) if asked["at"] else None
        return cls(asked["more"], asked["closed"], asked["service"], at, asked["label"])


def ask(session: Session, *, cycle: OrderCycle, what: WhatIf, now: datetime) -> Progress:
    """Ask the worker; the same question is asked once while it is open.

    :raises NothingAsked: when nothing would be otherwise
    :raises TooMany: above `MOST_ORDERS`
    :raises UnknownProvider: for an enterprise, a service or a place that is not there
    """
    if not (what.more or what.closed or what.service):
        raise NothingAsked()
    if not 0 <= what.more <= MOST_ORDERS:
        raise TooMany()
    if what.closed:
        _enterprise_id(session, what.closed)
    if what.service and (what.at is None or not session.scalar(_alike(what.service))):
        raise UnknownProvider(fields=("where",))
    asked = {
        "cycle": cycle.id,
        "more": what.more,
        "closed": what.closed,
        "service": what.service,
        "at": [what.at.lat, what.at.lon] if what.at else None,
        "label": what.label,
    }
    return progress.ask(session, kind=ASKED, enterprise_id=cycle.hub_id, asked=asked, total=100, now=now)


def read(session: Session, *, cycle_id: int, what: WhatIf, now: datetime) -> tuple[Cycle, Cycle]:
    """Read a cycle as it is and as it would be. Who is thought away has no promises in the second, and in the first
    they are as movable as what was only asked: so both know the same orders with the same work to give."""
    closed = _enterprise_id(session, what.closed) if what.closed else None
    base = batches.read_cycle(session, cycle_id=cycle_id, now=now, loose=closed)
    cycle = batches.read_cycle(session, cycle_id=cycle_id, now=now, closed=closed, also_settled=bool(what.more))
    if cycle.columns is None:
        return base, cycle
    columns = cycle.columns
    if what.service and what.at is not None:
        columns = _with_new(columns, what.service, what.at)
    return base, replace(cycle, orders=cycle.orders + _more(cycle, what.more), columns=columns)


def summary(cycle: Cycle, question: Question, plan: BatchPlan) -> dict[str, Any]:
    """Sum up a plan that is only thought of; `full` counts days without any room left. What it costs: `compare`."""
    used = question.problem.used(plan.chains)
    days = Counter("full" if left < 1 else "free" for left in question.problem.capacity - used)
    unserved = plan.unserved + sum(1 for number in question.left_out if number)
    return {
        "orders": len(cycle.orders) - cycle.loosened,
        "staying": cycle.staying + cycle.loosened,
        "unserved": unserved,
        "gap_bp": round(10_000 * max(0.0, plan.gap)),
        "full": days["full"],
        "truncated": plan.truncated,
    }


def costs_of(question: Question, plan: BatchPlan) -> dict[int, float]:
    """Give what each order that is there, and has a chain in the plan, costs in cents."""
    pairs = zip(question.orders, question.problem.orders, plan.chains, strict=True)
    return {one.order_id: asked.cost(way) for one, asked, way in pairs if way is not None and one.order_id > 0}


def compare(now: Mapping[int, float], then: Mapping[int, float]) -> tuple[int, int, int]:
    """Compare like with like: how many orders have a chain both now and then, and what one of those costs, now and then.

    An order that finds nobody then is counted apart; left in an average, the dear ones that fall out make it cheaper.
    """
    both = sorted(set(now) & set(then))
    if not both:
        return 0, 0, 0
    each_now, each_then = (sum(costs[number] for number in both) / len(both) for costs in (now, then))
    return len(both), round(each_now), round(each_then)


def _more(cycle: Cycle, count: int) -> tuple[Standing, ...]:
    """Think up more orders, each like one that is there (also one that stays): same goods, same place, same day."""
    alike = [*(one.request for one in cycle.orders), *cycle.settled]
    if not alike:
        return ()
    return tuple(
        Standing(-1 - number, replace(alike[number % len(alike)], fixed={}, without=frozenset()))
        for number in range(count)
    )


def _with_new(columns: Columns, service: str, point: Point) -> Columns:
    """Add somebody who asks, and can, what the one in the middle of those who do the same asks and can."""
    alike = [one for one in columns if one.service == service]
    if not alike:
        return columns  # the only one who did it was closed since
    by_price = sorted(alike, key=lambda one: (one.price_form, one.price_cents, one.capability_id))
    new = replace(
        by_price[len(by_price) // 2],
        capability_id=0,
        enterprise_id=0,
        name="",
        point=point,
        radius_m=RADIUS_M,
        storage_classes=frozenset().union(*(one.storage_classes for one in alike)),
        organic=tuple(sorted({span for one in alike for span in one.organic})),
        free={day: median_low(rooms) for day in columns.days if (rooms := _rooms(alike, day))},
        bids={},
        half_bids={},
        entry={},
        halves={},
        refuses=frozenset(),
        handles_apart=any(one.handles_apart for one in alike),
        area=None,
    )
    return Columns([*columns, new], columns.days)


def _rooms(alike: list[Candidate], day: Any) -> list[int]:
    return [one.free[day] for one in alike if day in one.free]


def _enterprise_id(session: Session, public_id: str) -> int:
    found = session.scalar(select(Enterprise.id).where(Enterprise.public_id == public_id))
    if found is None:
        raise UnknownProvider(fields=("closed",))
    return found


def _alike(service: str) -> Select[int]:
    """Ask for somebody who does a service: what a new one would cost and can follows from them."""
    if service not in {code for code, one in services().items() if one.stage in STAGES}:
        return select(Capability.id).where(false())
    return select(Capability.id).where(Capability.service == service, Capability.is_active).limit(1)
