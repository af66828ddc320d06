"""Reads why the chains of an order were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shortchain.fulfilment.models import RouteDecision
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about an order's chain; `explanation` is as `docs/routing.md` describes."""

    version: int
    mode: str
    made_at: datetime
    explanation: Mapping[str, Any]


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
    return [Decision(row.version, row.mode, row.made_at, row.explanation) for row in rows]
