"""Opens, closes and prepares order cycles when their time has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import cycles
from shortchain.journal import SYSTEM, Actor
from shortchain.notifications import telling
from shortchain.transaction import transaction


@dataclass(frozen=True, slots=True)
class Turned:
    """What one turn did."""

    opened: int
    closed: int
    finished: int
    prepared: int

    @property
    def total(self) -> int:
        return self.opened + self.closed + self.finished + self.prepared


def turn(session: Session, *, now: datetime) -> Turned:
    """Do all that is due with order cycles, one transaction each; safe to run at any time and twice."""
    prepared = _prepare(session, now)
    done = {"open": 0, "close": 0, "finish": 0}
    due = cycles.due(session, now=now)
    session.rollback()
    for cycle_id, action in due:
        with transaction(session):
            done[action] += _do(session, cycle_id, action, SYSTEM, now)
    prepared += _prepare(session, now)  # what has just begun needs one after it
    return Turned(done["open"], done["close"], done["finish"], prepared)


def _prepare(session: Session, now: datetime) -> int:
    waiting = cycles.hubs_without_next(session, now=now)
    session.rollback()
    prepared = 0
    for hub_id in waiting:
        with transaction(session):
            prepared += cycles.draft_next(session, hub_id=hub_id, by=SYSTEM, now=now) is not None
    return prepared


def _do(session: Session, cycle_id: int, action: str, by: Actor, now: datetime) -> bool:
    cycle = cycles.load(session, cycle_id=cycle_id)
    deed = {"open": cycles.open_cycle, "close": cycles.close_cycle, "finish": cycles.finish_cycle}[action]
    moved = deed(session, cycle=cycle, by=by, now=now)
    if moved and action == "close":
        telling.harvest_asked(session, cycle=cycle, now=now)
    return moved


def close_order_cycle(session: Session, *, cycle_id: int, by: Actor, now: datetime) -> bool:
    """Close a cycle now, before its time; a closed one stays as it is."""
    with transaction(session):
        return _do(session, cycle_id, "close", by, now)
