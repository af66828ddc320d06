"""Reads why the chains of an order were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shortchain.fulfilment.models import Job, RouteDecision
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about an order's chain; `explanation` is as `docs/routing.md` describes."""

    version: int
    mode: str
    made_at: datetime
    explanation: Mapping[str, Any]

    @property
    def compared(self) -> dict[str, Mapping[str, Any]]:
        """The stages for which this decision looked at several enterprises.

        Where orders were chosen together, or somebody named who does it, the chain itself was given and each stage
        knew one: to say that one of one could would tell nothing, and hide that others were looked at before.
        """
        alone = self.mode in ("online", "reroute")
        return {key: seen for key, seen in self.explanation["stages"].items() if alone or seen["candidates"] > 1}


def decisions_of(session: Session, *, order: str) -> list[Decision]:
    """List the decisions about an order, oldest first; `order` is its number or public id.

    :raises NotFound: when there is no such order
    """
    order_id = session.scalar(select(Order.id).where(or_(Order.number == order, Order.public_id == order)))
    if order_id is None:
        raise NotFound()
    rows = session.scalars(
        select(RouteDecision).where(RouteDecision.order_id == order_id).order_by(RouteDecision.version)
    )
    return [_decision(row) for row in rows]


def of_job(session: Session, *, job_public_id: str, enterprise_id: int) -> Decision | None:
    """Read the decision that gave a job to an enterprise; None for another's job, or one without a decision."""
    row = session.scalar(
        select(RouteDecision)
        .join(Job, (Job.order_id == RouteDecision.order_id) & (Job.decision_version == RouteDecision.version))
        .where(Job.public_id == job_public_id, Job.enterprise_id == enterprise_id)
    )
    return _decision(row) if row else None


def newest(session: Session, *, order_numbers: Sequence[str]) -> dict[str, Decision]:
    """Read the last decision about each of these orders, by the order's number."""
    rows = session.execute(
        select(Order.number, RouteDecision)
        .join(RouteDecision, RouteDecision.order_id == Order.id)
        .where(Order.number.in_(order_numbers))
        .order_by(RouteDecision.version)
    )
    return {number: _decision(row) for number, row in rows}  # a later version takes the place of an earlier one


def lately(session: Session, *, after: datetime, limit: int) -> list[Decision]:
    """List the decisions since a moment, the newest first, at most `limit`."""
    rows = session.scalars(
        select(RouteDecision).where(RouteDecision.made_at >= after).order_by(RouteDecision.id.desc()).limit(limit)
    )
    return [_decision(row) for row in rows]


def _decision(row: RouteDecision) -> Decision:
    return Decision(row.version, row.mode, row.made_at, row.explanation)
