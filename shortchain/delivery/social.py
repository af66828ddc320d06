"""What social enterprises offer to do, and the floor under it in a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.enterprises.models import Enterprise, EnterpriseKind
from shortchain.routing.batch.asking import Limit
from shortchain.routing.batch.floors import Floor
from shortchain.routing.column_stages import CLOSED
from shortchain.routing.columns import Columns

KINDS = (EnterpriseKind.MWB, EnterpriseKind.MWA, EnterpriseKind.LDE, EnterpriseKind.IMW)
"""The kinds of the social economy (`domain.md` 1.1)."""
UNITS_OF_PRICE = {"kg": 1000}
"""How many units of capacity a price is for, where it is not one: weights are counted in grams."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What one capability offers on the days of a batch, and what of it is promised outside the batch.

    `cents` is what a unit costs at most: a bonus never makes work cheaper than free.
    """

    units: int
    promised: int
    cents: float


def offers(session: Session, *, columns: Columns) -> dict[int, Offered]:
    """Read what each capability of a social enterprise offers on the days of the columns, by its id."""
    kinds = dict(
        session.execute(
            select(Enterprise.id, Enterprise.kind).where(
                Enterprise.id.in_({one.enterprise_id for one in columns}), Enterprise.kind.in_(KINDS)
            )
        ).all()
    )
    if not columns.days:
        return {}
    buckets = ledger.taken(session, first=columns.days[0], last=columns.days[-1])
    found = {}
    for place, one in enumerate(columns):
        if one.enterprise_id not in kinds:
            continue
        units = promised = 0
        for day, free in zip(columns.days, columns.free[place].tolist(), strict=True):
            if free == CLOSED:
                continue
            cap = buckets.get((one.capability_id, day), (free, 0))[0]
            units += cap
            promised += max(0, cap - free)
        cents = one.price_cents / UNITS_OF_PRICE.get(one.price_form, 1)
        found[one.capability_id] = Offered(units, promised, cents)
    return found


def floors(offered: Mapping[int, Offered], limits: Sequence[Limit], *, percent: int) -> list[Floor]:
    """Say what each should get at least in a batch: so many per cent of what it offers, less what it has.

    `limits` names the resources of the problem; who has nothing to do with it gets no floor.
    """
    days = defaultdict[int, list[int]](list)
    for number, limit in enumerate(limits):
        if not limit.half:
            days[limit.capability].append(number)
    found = []
    for capability, numbers in sorted(days.items()):
        own = offered.get(capability)
        wanted = own.units * percent / 100 - own.promised if own else 0.0
        if own and wanted > 0 and own.cents > 0:
            found.append(Floor(tuple(numbers), wanted, own.cents))
    return found
