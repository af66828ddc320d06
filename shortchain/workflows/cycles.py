"""Order cycles open, close and end by the clock; each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.catalogue import cycles, next_cycle
from shortchain.catalogue.models import CycleState
from shortchain.delivery import batches
from shortchain.journal import SYSTEM, Actor
from shortchain.notifications import telling
from shortchain.ordering import cycle_fees
from shortchain.transaction import transaction


def open_due(session: Session, *, now: datetime, by: Actor = SYSTEM) -> int:
    """Open the cycles whose time has come; returns how many."""
    return _move_due(session, CycleState.DRAFT, now, by)


def close_due(session: Session, *, now: datetime, by: Actor = SYSTEM) -> int:
    """Close the cycles whose time is over and tell each farm what to harvest; returns how many."""
    return _move_due(session, CycleState.OPEN, now, by)


def finish_due(session: Session, *, now: datetime, by: Actor = SYSTEM) -> int:
    """End the cycles whose deliveries lie behind; returns how many."""
    return _move_due(session, CycleState.CLOSED, now, by)


def prepare_next(session: Session, *, now: datetime, by: Actor = SYSTEM) -> int:
    """Prepare the next cycle, with its windows, of each hub whose last one has begun; returns how many."""
    waiting = next_cycle.hubs_without_next(session, now=now)
    prepared = 0
    for hub_id in waiting:
        with transaction(session):
            cycle = next_cycle.draft_next(session, hub_id=hub_id, by=by, now=now)
            if cycle is not None:
                cycle_fees.copy_last(session, cycle=cycle)
                prepared += 1
    return prepared


def _move_due(session: Session, state: CycleState, now: datetime, by: Actor) -> int:
    done = 0
    for cycle_id in cycles.due(session, state=state, now=now):
        with transaction(session):
            cycle = cycles.move(session, cycle_id=cycle_id, state=state, by=by, now=now)
            if cycle is not None and state is CycleState.OPEN:
                telling.harvest_asked(session, cycle=cycle, now=now)
                batches.ask(session, cycle=cycle, now=now)  # all is known now: plan the orders together
        done += cycle is not None
    return done
