"""What routing learns from what was driven."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shortchain.delivery import stop_lengths
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
