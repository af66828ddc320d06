"""Jobs and legs as rows, for tests that are not about routing."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery import chain
from shortchain.delivery.models import Leg, LegState
from shortchain.enterprises.models import Capability, Courier, Driver, Enterprise
from shortchain.fulfilment.models import Job, JobLine, JobState, Stage
from shortchain.journal import SYSTEM
from shortchain.kernel.geo import distance_m
from shortchain.ordering.models import Order, OrderLine
from shortchain.routing import candidates, requests
from shortchain.routing.planner import plan_route
from shortchain.routing.plans import Policy
from shortchain.transaction import transaction
from tests.support.clock import MONDAY_MORNING
from tests.support.factories.saving import save

THURSDAY = date(2026, 11, 26)
WEDNESDAY = date(2026, 11, 25)

_keys = itertools.count(1)


def driver(session: Session, enterprise: Enterprise, **values: Any) -> Driver:
    """Somebody with licence B who lifts everything."""
    values.setdefault("name", "Samira")
    values.setdefault("licence", "B")
    return save(session, Driver(enterprise_id=enterprise.id, **values))


def courier(session: Session, enterprise: Enterprise, **values: Any) -> Courier:
    """A cargo trike that carries 300 kg, usually driven by nobody in particular."""
    values.setdefault("name", "Fiets 1")
    values.setdefault("vehicle", "BIKE_3W")
    values.setdefault("payload_g", 300_000)
    return save(session, Courier(enterprise_id=enterprise.id, **values))


def job(
    session: Session,
    order: Order,
    enterprise: Enterprise,
    *,
    stage: Stage = Stage.PACK,
    state: JobState = JobState.ACCEPTED,
    day: date = WEDNESDAY,
    **values: Any,
) -> Job:
    """A job of € 2,00 on all lines of the order, by the enterprise's first capability."""
    capability = session.scalars(
        select(Capability).where(Capability.enterprise_id == enterprise.id).order_by(Capability.id)
    ).first()
    assert capability is not None, "the enterprise can do nothing"
    lines = session.scalars(select(OrderLine.id).where(OrderLine.order_id == order.id)).all()
    values.setdefault("answer_by", MONDAY_MORNING if state is JobState.OFFERED else None)
    return save(
        session,
        Job(
            order_id=order.id,
            enterprise_id=enterprise.id,
            capability_id=capability.id,
            stage=stage,
            service=capability.service,
            state=state,
            day=day,
            use=1,
            cost_cents=200,
            decision_version=1,
            reservation_key=f"test:{next(_keys)}",
            lines=[JobLine(order_line_id=line) for line in lines],
            **values,
        ),
    )


def leg(
    session: Session,
    order: Order,
    carrier: Enterprise,
    *,
    origin: Enterprise,
    to: Enterprise | None = None,
    job: Job | None = None,
    state: LegState = LegState.PLANNED,
    day: date = THURSDAY,
    **values: Any,
) -> Leg:
    """A way of 5 kg: to another enterprise, or without `to` the last one, to the customer."""
    values.setdefault("weight_g", 5_000)
    values.setdefault("cost_cents", 0)
    values.setdefault("to_lat", to.lat if to else order.lat)
    values.setdefault("to_lon", to.lon if to else order.lon)
    return save(
        session,
        Leg(
            order_id=order.id,
            job_id=job.id if job else None,
            carrier_id=carrier.id,
            position=0 if to else 9,
            from_enterprise_id=origin.id,
            to_enterprise_id=to.id if to else None,
            pickup_point_id=None if to else order.pickup_point_id,
            to_label=to.name if to else f"{order.street}, {order.postcode} {order.municipality}",
            from_lat=origin.lat,
            from_lon=origin.lon,
            day=day,
            starts_at=None if to else order.starts_at,
            ends_at=None if to else order.ends_at,
            metres=3_000,
            state=state,
            decision_version=1,
            **values,
        ),
    )


def packed_order(
    session: Session,
    order: Order,
    *,
    packer: Enterprise,
    deliverer: Enterprise,
    packed: bool = True,
    deliver: JobState = JobState.ACCEPTED,
    **leg_values: Any,
) -> Leg:
    """Give an order a packer and an accepted deliverer, and the leg between them."""
    job(
        session,
        order,
        packer,
        stage=Stage.PACK,
        state=JobState.READY if packed else JobState.ACCEPTED,
    )
    driven = job(session, order, deliverer, stage=Stage.DELIVER, state=deliver, day=THURSDAY)
    return leg(session, order, deliverer, origin=packer, job=driven, **leg_values)


def laid_order(session: Session, order: Order, *, now: datetime = MONDAY_MORNING) -> list[Job]:
    """Let the real planner find a chain among the providers that there are, and lay it."""
    with transaction(session):
        order = session.get_one(Order, order.id)
        lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.id)).all()
        request = requests.for_order(session, order=order, lines=lines, now=now)
        days = candidates.work_days(request.delivery_day, request.first_day)
        able = candidates.read_candidates(session, days=days)
        plan = plan_route(request, able, distance=distance_m, policy=Policy())
        jobs = chain.write(session, order=order, lines=lines, plan=plan, by=SYSTEM, now=now)
        chain.hold(session, order=order, jobs=jobs, until=now + timedelta(minutes=30), now=now)
        return jobs
