"""Which goods travel on which leg."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobLine, Stage
from shortchain.ordering.models import OrderLine


def lines_on(session: Session, legs: Sequence[Leg]) -> dict[int, list[OrderLine]]:
    """Read the order lines that travel on each leg, by leg id; four queries at most.

    On the last leg of an order that is all of it, on the leg of a processor what its job is about, on the leg of a farm
    what it grew. When a farm's goods go to a processor and to a packer for one order, a line travels to the
    processor that has it in its job, and the rest to the packer.
    """
    order_ids = {leg.order_id for leg in legs}
    if not order_ids:
        return {}
    lines: dict[int, list[OrderLine]] = {}
    query = select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.id)
    for line in session.scalars(query):
        lines.setdefault(line.order_id, []).append(line)
    farm_legs = any(leg.job_id is None and leg.to_enterprise_id is not None for leg in legs)
    ways = _ways(session, order_ids) if farm_legs else {}
    by_job, processed = _processed(session, order_ids) if any(leg.to_enterprise_id for leg in legs) else ({}, {})
    found = {}
    for leg in legs:
        own: list[OrderLine] = lines.get(leg.order_id, [])
        if leg.job_id is not None and leg.to_enterprise_id is not None:
            own = [line for line in own if line.id in by_job.get(leg.job_id, ())]
        elif leg.job_id is None:
            goes = ways.get((leg.order_id, leg.from_enterprise_id), set())
            own = [
                line
                for line in own
                if line.farm_id == leg.from_enterprise_id and (len(goes) < 2 or _travels_on(leg, line, processed, goes))
            ]
        found[leg.id] = own
    return found


def _ways(session: Session, order_ids: Collection[int]) -> dict[tuple[int, int], set[int | None]]:
    """Read per order and farm where its goods go."""
    found: dict[tuple[int, int], set[int | None]] = {}
    rows = select(Leg.order_id, Leg.from_enterprise_id, Leg.to_enterprise_id).where(
        Leg.order_id.in_(order_ids), Leg.job_id.is_(None), Leg.state != LegState.WITHDRAWN
    )
    for order_id, origin, to in session.execute(rows):
        found.setdefault((order_id, origin), set()).add(to)
    return found


def _processed(session: Session, order_ids: Collection[int]) -> tuple[dict[int, set[int]], dict[int, int]]:
    """Read the lines of each process job, and who processes each line."""
    by_job: dict[int, set[int]] = {}
    processed: dict[int, int] = {}
    rows = (
        select(JobLine.order_line_id, JobLine.job_id, Job.enterprise_id)
        .join(Job, Job.id == JobLine.job_id)
        .where(Job.order_id.in_(order_ids), Job.stage == Stage.PROCESS, Job.state.in_(LIVE_JOBS))
    )
    for line_id, job_id, enterprise_id in session.execute(rows):
        by_job.setdefault(job_id, set()).add(line_id)
        processed[line_id] = enterprise_id
    return by_job, processed


def _travels_on(leg: Leg, line: OrderLine, processed: Mapping[int, int], ways: Collection[int | None]) -> bool:
    goes_to = processed.get(line.id)
    if goes_to in ways:
        return leg.to_enterprise_id == goes_to
    return leg.to_enterprise_id not in processed.values()
