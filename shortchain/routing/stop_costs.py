"""What a stop costs a carrier once it is in a tour: a share of the trip that it would be alone.

A single order counted as a trip there and back makes the last mile too dear: in a tour of twenty stops each costs a
fraction of it, and how small depends on the carrier. The share steers the choice, online and in the batch; it is
never billed. Coordinators may switch it off, for all hubs: then every stop counts as a trip of its own again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.enterprises import directory
from shortchain.enterprises.models import Enterprise
from shortchain.journal import Actor
from shortchain.kernel.money import divide_rounded
from shortchain.routing.costs import trip_millicents
from shortchain.routing.models import RoutingSwitch, StopCost
from shortchain.routing.plans import Policy

LEAST_TOURS, LEAST_STOPS = 5, 20
"""With fewer, chance says more than the carrier: the whole trip counts."""
LEAST_PCT = 10
NAME = "stop_costs"
"""Of the switch (`RoutingSwitch`)."""


@dataclass(frozen=True, slots=True)
class Driven:
    """The tours of a carrier: how many stops, the metres driven for them, and those of as many trips apart."""

    tours: int
    stops: int
    metres: int
    alone_metres: int

    @property
    def share_pct(self) -> int | None:
        """How much of a trip of its own a stop costs, 10 to 100 per cent; None where there is too little to tell."""
        if self.tours < LEAST_TOURS or self.stops < LEAST_STOPS or self.alone_metres <= 0:
            return None
        return max(LEAST_PCT, min(100, divide_rounded(100 * self.metres, self.alone_metres)))


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a coordinator sees of a carrier: metres a stop in its tours and alone, and the share between them."""

    name: str
    tours: int
    stops: int
    metres_per_stop: int
    alone_per_stop: int
    share_pct: int

    def steering_millicents(self, policy: Policy) -> tuple[int, int]:
        """Give how much a stop weighs in the choice with the share, and as a trip of its own."""
        alone = self.alone_per_stop
        return trip_millicents(alone, self.share_pct, policy), trip_millicents(alone, 100, policy)


def shares(session: Session) -> dict[int, int]:
    """Give the share of each carrier of whom it is known, in per cent, by enterprise; of nobody while it is switched off."""
    return _known(session) if counts(session) else {}


def counts(session: Session) -> bool:
    """Say whether what was learnt counts in the choice."""
    return session.scalar(select(RoutingSwitch.is_on).where(RoutingSwitch.name == NAME)) is not False


def switch(session: Session, *, is_on: bool, hub_id: int, by: Actor, now: datetime) -> bool:
    """Let what was learnt count or not, for all hubs; says whether that is a change."""
    row = session.get(RoutingSwitch, NAME, with_for_update=True)
    if (row is None or row.is_on) is is_on:
        return False
    if row is None:
        session.add(RoutingSwitch(name=NAME, is_on=is_on, changed_at=now))
    else:
        row.is_on, row.changed_at = is_on, now
    session.flush()
    directory.touch(session)
    journal.record(
        session, "stop_costs.counted" if is_on else "stop_costs.ignored", by=by, now=now, enterprise_id=hub_id
    )
    return True


def _known(session: Session) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(select(StopCost.enterprise_id, StopCost.share_pct))}


def learnt(session: Session) -> list[Learnt]:
    """List what was learnt, by the name of the carrier."""
    rows = session.execute(
        select(StopCost, Enterprise.name)
        .join(Enterprise, Enterprise.id == StopCost.enterprise_id)
        .order_by(Enterprise.name, StopCost.enterprise_id)
    )
    return [
        Learnt(
            name,
            row.tours,
            row.stops,
            divide_rounded(row.metres, row.stops),
            divide_rounded(row.alone_metres, row.stops),
            row.share_pct,
        )
        for row, name in rows
    ]


def store(session: Session, *, driven: Mapping[int, Driven], now: datetime) -> int:
    """Keep what was learnt of every carrier, in place of what was; say for how many the share changed.

    Routing reads the directory anew only when a share changed.
    """
    known = {number: one for number, one in driven.items() if one.share_pct is not None}
    before = _known(session)
    session.execute(delete(StopCost))
    for number, one in sorted(known.items()):
        session.add(
            StopCost(
                enterprise_id=number,
                tours=one.tours,
                stops=one.stops,
                metres=one.metres,
                alone_metres=one.alone_metres,
                share_pct=one.share_pct or 100,
                reckoned_at=now,
            )
        )
    session.flush()
    after = _known(session)
    changed = sum(before.get(number) != after.get(number) for number in before.keys() | after.keys())
    if changed and counts(session):
        directory.touch(session)
    return changed
