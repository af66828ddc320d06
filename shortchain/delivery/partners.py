"""With whom an enterprise works: the other hands of the orders in which it has goods, work or the lead."""

from __future__ import annotations

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from shortchain.containers.models import ContainerType, PackagingMove
from shortchain.delivery.models import Leg
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, Job
from shortchain.ordering.models import Order, OrderLine

MOST_ORDERS = 200


def of_enterprise(session: Session, *, enterprise_id: int) -> list[tuple[str, str]]:
    """List them as (public id, name) by name: of the last 200 orders, and whoever's containers were moved with it."""
    own = union(
        select(Job.order_id).where(Job.enterprise_id == enterprise_id, Job.state.in_(LIVE_JOBS)),
        select(Leg.order_id).where(Leg.carrier_id == enterprise_id),
        select(OrderLine.order_id).where(OrderLine.farm_id == enterprise_id),
        select(Order.id).where(Order.hub_id == enterprise_id),
    ).subquery()
    last = select(own.c[0].label("id")).order_by(own.c[0].desc()).limit(MOST_ORDERS).subquery()
    last_ids = select(last.c.id)
    moved = (
        select(PackagingMove.id)
        .where(or_(PackagingMove.from_id == enterprise_id, PackagingMove.to_id == enterprise_id))
        .order_by(PackagingMove.id.desc())
        .limit(MOST_ORDERS)
    )
    moves = PackagingMove.id.in_(select(moved.subquery().c.id))
    hands = union(
        select(Job.enterprise_id).where(Job.order_id.in_(last_ids), Job.state.in_(LIVE_JOBS)),
        select(Leg.carrier_id).where(Leg.order_id.in_(last_ids)),
        select(OrderLine.farm_id).where(OrderLine.order_id.in_(last_ids)),
        select(Order.hub_id).where(Order.id.in_(last_ids)),
        select(PackagingMove.from_id).where(moves, PackagingMove.from_id.is_not(None)),
        select(PackagingMove.to_id).where(moves, PackagingMove.to_id.is_not(None)),
        select(ContainerType.owner_id).join(PackagingMove, PackagingMove.container_id == ContainerType.id).where(moves),
    ).subquery()
    rows = session.execute(
        select(Enterprise.public_id, Enterprise.name)
        .where(Enterprise.id.in_(select(hands.c[0])), Enterprise.id != enterprise_id, Enterprise.is_active)
        .order_by(Enterprise.name, Enterprise.id)
    )
    return [(row[0], row[1]) for row in rows]
