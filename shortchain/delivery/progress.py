"""How far an order is, read off its jobs, legs and stops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.delivery.expecting import OnTheWay, expected
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopOutcome, Tour, TourState
from shortchain.delivery.tour_plans import BREAK
from shortchain.enterprises.models import Enterprise
from shortchain.fulfilment.models import LIVE_JOBS, Job, JobState, Stage
from shortchain.kernel.errors import NotFound
from shortchain.kernel.window import local_day
from shortchain.ordering.models import Order, OrderState

DONE, NOW, NEXT, PROBLEM = "done", "now", "next", "problem"
ON_THE_ROAD = (TourState.PUBLISHED, TourState.UNDER_WAY, TourState.DONE)


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One pair of hands, or one moment.

    `code` is ordered, brought, processed, packed, on_the_way, at_gate (the farm sets it ready) or delivered; `state` done, now, next or
    problem; `metres` the way that the goods come from the step before; `at` when it was done.
    """

    code: str
    role: str
    state: str
    name: str = ""
    municipality: str = ""
    slug: str = ""
    is_grower: bool = False
    service: str = ""
    metres: int | None = None
    at: datetime | None = None
    fetched_by: str = ""
    """Who fetched it at whoever this step names."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The steps of an order in time. `eta` and `stops_before` are known once the tour is published."""

    steps: tuple[ProgressStep, ...]
    eta: datetime | None
    stops_before: int | None
    is_late: bool

    @property
    def now(self) -> ProgressStep | None:
        """The step that people are busy with, or that went wrong."""
        return next((step for step in self.steps if step.state in (NOW, PROBLEM)), None)


def progress_of(session: Session, *, order_id: int, now: datetime) -> Progress:
    """Say how far an order is: farms bring, processors process, the packer packs, the deliverer brings.

    The time is what the driver makes of it: who runs late is expected later.

    :raises NotFound: when there is no such order
    """
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound()
    jobs = session.scalars(select(Job).where(Job.order_id == order_id, Job.state.in_(LIVE_JOBS)).order_by(Job.id)).all()
    legs = session.scalars(
        select(Leg).where(Leg.order_id == order_id, Leg.state != LegState.WITHDRAWN).order_by(Leg.position, Leg.id)
    ).all()
    ids = {job.enterprise_id for job in jobs} | {leg.carrier_id for leg in legs}
    who = _enterprises(session, ids | {leg.from_enterprise_id for leg in legs})
    steps = [ProgressStep("ordered", "customer", _ordered(order), at=order.confirmed_at or order.placed_at)]
    steps += [_brought(leg, who) for leg in legs if leg.job_id is None and leg.to_enterprise_id is not None]
    steps += [_worked(job, who) for job in jobs if job.stage is Stage.PROCESS]
    steps += [_worked(job, who) for job in jobs if job.stage is Stage.PACK]
    last = [leg for leg in legs if leg.to_enterprise_id is None]
    steps += [_at_gate(leg, who) if order.at_gate else _driven(leg, who) for leg in last]
    role = "pickup" if order.pickup_point_id else "customer"
    done = order.state in (OrderState.DELIVERED, OrderState.SETTLED)
    steps.append(ProgressStep("delivered", role, DONE if done else NEXT, at=order.delivered_at))
    eta, before = _expected(session, last, now)
    is_late = eta is not None and eta > order.ends_at and not done
    return Progress(tuple(_one_now(steps)), eta, before, is_late)


def _ordered(order: Order) -> str:
    return NOW if order.state is OrderState.AWAITING_PAYMENT else DONE


def _enterprises(session: Session, ids: set[int]) -> dict[int, Enterprise]:
    return {row.id: row for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}


def _step(
    code: str,
    role: str,
    state: str,
    who: Enterprise,
    *,
    metres: int,
    service: str = "",
    at: datetime | None = None,
) -> ProgressStep:
    return ProgressStep(
        code,
        role,
        state,
        name=who.name,
        municipality=who.municipality,
        slug=who.slug,
        is_grower=who.is_grower,
        service=service,
        metres=metres,
        at=at,
    )


LEG_STATES = {LegState.DELIVERED: DONE, LegState.COLLECTED: NOW, LegState.FAILED: PROBLEM}


def _brought(leg: Leg, who: dict[int, Enterprise]) -> ProgressStep:
    """The farm that grew it, also where somebody else fetched it there."""
    step = _step("brought", "farm", LEG_STATES.get(leg.state, NEXT), who[leg.from_enterprise_id], metres=leg.metres)
    is_fetched = leg.carrier_id != leg.from_enterprise_id
    return replace(step, fetched_by=who[leg.carrier_id].name) if is_fetched else step


def _worked(job: Job, who: dict[int, Enterprise]) -> ProgressStep:
    states = {JobState.READY: DONE, JobState.STARTED: NOW}
    code, role = ("packed", "packer") if job.stage is Stage.PACK else ("processed", "processor")
    return _step(
        code,
        role,
        states.get(job.state, NEXT),
        who[job.enterprise_id],
        metres=job.metres,
        service=job.service,
        at=job.ready_at,
    )


def _driven(leg: Leg, who: dict[int, Enterprise]) -> ProgressStep:
    state = LEG_STATES.get(leg.state, NEXT)
    return _step("on_the_way", "deliverer", state, who[leg.carrier_id], metres=leg.metres)


def _at_gate(leg: Leg, who: dict[int, Enterprise]) -> ProgressStep:
    """Tell how far the farm is itself: what stands ready at its gate is done, for whoever comes for it."""
    state = DONE if leg.state is LegState.COLLECTED else LEG_STATES.get(leg.state, NEXT)
    return _step("at_gate", "farm", state, who[leg.carrier_id], metres=0)


def _one_now(steps: Sequence[ProgressStep]) -> list[ProgressStep]:
    """Everything before the furthest step that was reached is done, whether or not it was tapped."""
    reached = max((n for n, step in enumerate(steps) if step.state in (DONE, NOW, PROBLEM)), default=0)
    furthest = steps[reached].code
    return [
        replace(step, state=DONE) if number < reached and step.state == NEXT and step.code != furthest else step
        for number, step in enumerate(steps)
    ]


def _expected(session: Session, legs: Sequence[Leg], now: datetime) -> tuple[datetime | None, int | None]:
    """Say when the last leg is expected, and how many open stops come before it."""
    row = session.execute(
        select(Stop.id, Stop.tour_id, Stop.outcome, Tour.state, Tour.day)
        .join(StopLeg, StopLeg.stop_id == Stop.id)
        .join(Tour, Tour.id == Stop.tour_id)
        .where(
            StopLeg.leg_id.in_([leg.id for leg in legs]),
            Stop.kind == "dropoff",
            Tour.state.in_(ON_THE_ROAD),
        )
        .order_by(Tour.id.desc())
        .limit(1)
    ).first()
    if row is None or row.outcome in (StopOutcome.NOT_HOME, StopOutcome.PROBLEM):
        return None, None
    stops = session.scalars(select(Stop).where(Stop.tour_id == row.tour_id).order_by(Stop.position)).all()
    place = next(number for number, stop in enumerate(stops) if stop.id == row.id)
    at = expected_of(stops, state=row.state, day=row.day, now=now)[place]
    return at, sum(stop.outcome is None and stop.kind != BREAK for stop in stops[:place])


def expected_of(stops: Sequence[Stop], *, state: TourState, day: date, now: datetime | None) -> list[datetime]:
    """Give when the driver is expected at each stop of a tour, in their order; without `now` as it was planned.

    The clock counts on the day of a tour that its driver has; of a draft, and of days gone by, the plan stays.
    """
    if now is None:
        return [stop.eta for stop in stops]
    is_on = state in (TourState.PUBLISHED, TourState.UNDER_WAY) and local_day(now) == day
    tapped = [(number, stop.tapped_at) for number, stop in enumerate(stops) if stop.tapped_at is not None]
    last = tapped[-1][0] if tapped else -1
    ways = []
    for number, stop in enumerate(stops):
        # Nobody taps a break: with something tapped behind it, it is over and holds up nobody.
        is_over = stop.kind == BREAK and number < last
        left_at = tapped[0][1] if is_over else stop.tapped_at
        ways.append(OnTheWay(stop.eta, stop.starts_at, stop.seconds, stop.stay_s, left_at))
    return expected(ways, now=now if is_on else None)
