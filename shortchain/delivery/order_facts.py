"""What the planner must know of many orders at once: their lines, who works on them, who said no, and where those are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.chain import key_of
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.jobs import was_refused
from shortchain.fulfilment.models import LIVE_JOBS, Job
from shortchain.kernel.geo import Point
from shortchain.ordering.models import OrderLine
from shortchain.routing import requests


def lines_of(session: Session, numbers: Sequence[int]) -> dict[int, list[OrderLine]]:
    """List the lines of each order, in the order of their ids."""
    found = defaultdict[int, list[OrderLine]](list)
    for line in session.scalars(select(OrderLine).where(OrderLine.order_id.in_(numbers)).order_by(OrderLine.id)):
        found[line.order_id].append(line)
    return found


def jobs_of(session: Session, numbers: Sequence[int]) -> dict[int, dict[str, Job]]:
    """List the live jobs of each order by the key of their stage."""
    found = defaultdict[int, dict[str, Job]](dict)
    for job in session.scalars(select(Job).where(Job.order_id.in_(numbers), Job.state.in_(LIVE_JOBS)).order_by(Job.id)):
        found[job.order_id][key_of(job)] = job
    return found


def said_no(session: Session, numbers: Sequence[int]) -> dict[int, frozenset[int]]:
    """Name the enterprises that said no to each order, or met it with silence."""
    found = defaultdict[int, frozenset[int]](frozenset)
    for order_id, enterprise_id in session.execute(
        select(Job.order_id, Job.enterprise_id).where(Job.order_id.in_(numbers), was_refused())
    ):
        found[order_id] |= {enterprise_id}
    return found


def farms_of(session: Session, numbers: Collection[int]) -> dict[int, requests.Farm]:
    """Tell of farms by their ids what the planner wants to know."""
    return {number: requests.Farm(*where) for number, where in points_of(session, numbers).items()}


def points_of(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, Point]]:
    """Tell name and place of enterprises by their ids."""
    rows = session.execute(
        select(Enterprise.id, Enterprise.name, Enterprise.lat, Enterprise.lon).where(Enterprise.id.in_(numbers))
    )
    return {row.id: (row.name, Point(row.lat, row.lon)) for row in rows}
