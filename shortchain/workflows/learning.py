"""What routing learns from what was driven."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain.delivery import stop_lengths
from shortchain.journal import Actor
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.routing import stop_costs
from shortchain.transaction import transaction

WEEKS = 8
"""Tours of so many weeks count: long enough for a few cycles, short enough to follow the seasons."""


def learn_stop_costs(session: Session, gateways: Gateways, *, now: datetime) -> int:
    """Reckon anew what a stop costs each carrier in its tours; returns for how many it changed."""
    today = local_day(now)
    driven = stop_lengths.driven(session, first=today - timedelta(weeks=WEEKS), last=today, distance=gateways.distance)
    session.rollback()
    with transaction(session):
        return stop_costs.store(session, driven=driven, now=now)


def switch_stop_costs(session: Session, *, is_on: bool, hub_id: int, by: Actor, now: datetime) -> bool:
    """Let what a stop costs in a tour count in the choice or not, for all hubs; says whether that is a change."""
    with transaction(session):
        return stop_costs.switch(session, is_on=is_on, hub_id=hub_id, by=by, now=now)
