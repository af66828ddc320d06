"""A farm hands over what people collect at its own gate. Each function is one deed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shortchain.delivery import gate
from shortchain.journal import Actor
from shortchain.notifications import changes
from shortchain.ordering import orders
from shortchain.payments import weighed
from shortchain.transaction import transaction

MovedOn = gate.MovedOn
NotYet = gate.NotYet


def set_ready(
    session: Session, *, order_public_id: str, farm_id: int, weights: Mapping[int, int], by: Actor, now: datetime
) -> bool:
    """Set an order ready at the gate; what is paid by weight gets its true price, and the customer the difference.

    `weights` are grams by the place of the line in the order, from 1. Returns whether that is new.

    :raises NotFound, MovedOn: when it is not this farm's to hand over
    :raises NotWeighed, NoWeight, TooHeavy: nothing was noted
    """
    with transaction(session):
        order, leg = gate.load_own(session, order_public_id=order_public_id, farm_id=farm_id)
        if not gate.set_ready(session, order=order, leg=leg, by=by, now=now):
            return False
        lines = [line.id for line in orders.lines_of(session, order_id=order.id)]
        typed = {lines[place - 1]: grams for place, grams in weights.items() if 1 <= place <= len(lines)}
        weighed.note(session, order_id=order.id, weights=typed, by=by, now=now)
        back, heavy = weighed.give_back(session, order_id=order.id, among=lines, now=now)
        if heavy:
            changes.order_weighed(session, order=order, key=order.public_id, lines=heavy, back=back, now=now)
        return True


def hand_over(session: Session, *, order_public_id: str, farm_id: int, by: Actor, now: datetime) -> bool:
    """Note that the customer took an order along; returns whether that is new.

    :raises NotFound, MovedOn: when it is not this farm's to hand over
    """
    with transaction(session):
        order, leg = gate.load_own(session, order_public_id=order_public_id, farm_id=farm_id)
        return gate.hand_over(session, order=order, leg=leg, by=by, now=now)


def leave_behind(session: Session, *, order_public_id: str, farm_id: int, by: Actor, now: datetime) -> bool:
    """Note that nobody came for an order that stands ready; the coordinator is told. Returns whether that is new.

    :raises NotFound, MovedOn: when it is not this farm's to hand over
    :raises NotYet: before the end of the moment
    """
    with transaction(session):
        order, leg = gate.load_own(session, order_public_id=order_public_id, farm_id=farm_id)
        return gate.leave_behind(session, order=order, leg=leg, by=by, now=now)


def undo(session: Session, *, order_public_id: str, farm_id: int, by: Actor, now: datetime) -> None:
    """Take back that an order went, or that nobody came.

    :raises NotFound, MovedOn: when it is not this farm's, or is divided
    """
    with transaction(session):
        order, leg = gate.load_own(session, order_public_id=order_public_id, farm_id=farm_id)
        gate.undo(session, order=order, leg=leg, by=by, now=now)
