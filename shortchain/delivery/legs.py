"""Opens and moves legs: the ways of the goods from farm to door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.database import add_rows
from shortchain.delivery.models import Leg, LegState
from shortchain.fulfilment.models import Job, Stage
from shortchain.journal import Actor
from shortchain.kernel.errors import NotFound
from shortchain.ordering.models import Order, OrderLine
from shortchain.routing.plans import PlannedLeg, RoutePlan

OPEN_LEGS = (LegState.PLANNED, LegState.SCHEDULED)


def open_legs(
    session: Session,
    *,
    order: Order,
    plan: RoutePlan,
    jobs: Sequence[Job | None],
    decision_version: int,
) -> None:
    """Write the planned legs down. `jobs` are the opened jobs in the order of `plan.jobs`.

    A fixed leg exists already. A leg of a fixed job (its doer stays, its destination changes) hangs on
    that job, which the caller puts in its place in `jobs`.
    """
    names = {job.enterprise_id: job.name for job in plan.jobs}  # goods go to who works on them, or to the door
    add_rows(
        session,
        Leg,
        [
            _leg(order, planned, position, jobs, names, decision_version)
            for position, planned in enumerate(plan.legs)
            if not planned.is_fixed
        ],
    )


def _leg(
    order: Order,
    planned: PlannedLeg,
    position: int,
    jobs: Sequence[Job | None],
    names: dict[int, str],
    decision_version: int,
) -> dict[str, object]:
    job = jobs[planned.job] if planned.job is not None else None
    last = planned.to_enterprise_id is None
    return {
        "order_id": order.id,
        "job_id": job.id if job else None,
        "carrier_id": planned.carrier_id,
        "position": position,
        "from_enterprise_id": planned.from_enterprise_id,
        "to_enterprise_id": planned.to_enterprise_id,
        "pickup_point_id": order.pickup_point_id if last else None,
        "to_label": _destination(order) if last else names[planned.to_enterprise_id or 0],
        "from_lat": planned.from_point.lat,
        "from_lon": planned.from_point.lon,
        "to_lat": planned.to_point.lat,
        "to_lon": planned.to_point.lon,
        "day": planned.day,
        "starts_at": order.starts_at if last else None,
        "ends_at": order.ends_at if last else None,
        "metres": planned.metres,
        "weight_g": planned.weight_g,
        "cost_cents": planned.cost_cents,
        "vat_rate_bp": planned.vat_rate_bp,
        "state": LegState.PLANNED,
        "decision_version": decision_version,
    }


def _destination(order: Order) -> str:
    return f"{order.street}, {order.postcode} {order.municipality}".removeprefix(", ")


def open_of_order(session: Session, *, order_id: int) -> Sequence[Leg]:
    """List the legs of an order that count, in the order of movement."""
    return session.scalars(
        select(Leg).where(Leg.order_id == order_id, Leg.state != LegState.WITHDRAWN).order_by(Leg.position, Leg.id)
    ).all()


def withdraw(session: Session, *, legs: Sequence[Leg]) -> None:
    """Take legs back that nobody has moved."""
    for leg in legs:
        if leg.state in OPEN_LEGS:
            leg.move("withdraw")
    session.flush()


def hand_over(session: Session, *, farm_id: int, leg_public_ids: Sequence[str], by: Actor, now: datetime) -> int:
    """Note that a farm brought its goods: collected and delivered in one. Returns how many legs.

    What was handed over already stays so.

    :raises NotFound: for a leg of another farm
    """
    legs = session.scalars(
        select(Leg)
        .where(Leg.public_id.in_(leg_public_ids), Leg.job_id.is_(None), Leg.to_enterprise_id.is_not(None))
        .order_by(Leg.id)
        .with_for_update()
    ).all()
    if len(legs) != len(set(leg_public_ids)) or any(leg.carrier_id != farm_id for leg in legs):
        raise NotFound()
    done = 0
    for leg in legs:
        if leg.state in OPEN_LEGS:
            leg.move("collect")
            leg.move("deliver")
            done += 1
            journal.record(
                session,
                "leg.delivered",
                by=by,
                now=now,
                order_id=leg.order_id,
                enterprise_id=farm_id,
                leg=leg.id,
            )
    session.flush()
    return done


def arrive_with_job(session: Session, *, job: Job, by: Actor, now: datetime) -> None:
    """Note that what a started job needs has come: nobody can work on goods that are not there.

    For processing only the farms of its lines count: the same enterprise may pack the order too, and
    then other farms bring to it as well.
    """
    query = select(Leg).where(
        Leg.order_id == job.order_id,
        Leg.to_enterprise_id == job.enterprise_id,
        Leg.state.in_(OPEN_LEGS),
    )
    if job.stage is Stage.PROCESS:
        farms = select(OrderLine.farm_id).where(OrderLine.id.in_([line.order_line_id for line in job.lines]))
        query = query.where(Leg.from_enterprise_id.in_(farms))
    legs = session.scalars(query.order_by(Leg.id).with_for_update()).all()
    for leg in legs:
        leg.move("collect")
        leg.move("deliver")
        journal.record(
            session,
            "leg.delivered",
            by=by,
            now=now,
            order_id=leg.order_id,
            enterprise_id=leg.carrier_id,
            leg=leg.id,
        )
    session.flush()
