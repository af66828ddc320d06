"""What happens at a stop: collected, delivered, nobody home, a problem; and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopOutcome, Tour, TourState
from shortchain.delivery.tour_plans import PICKUP
from shortchain.fulfilment import jobs
from shortchain.fulfilment.models import CoordinatorTask, Job, JobState, Stage
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, Invalid, NotFound
from shortchain.ordering import empties
from shortchain.ordering.models import OrderState

OUTCOMES = {
    "pickup": (StopOutcome.COLLECTED, StopOutcome.PROBLEM),
    "dropoff": (StopOutcome.DELIVERED, StopOutcome.NOT_HOME, StopOutcome.PROBLEM),
}


class AlreadyRecorded(Conflict):
    """Somebody else, or another phone, recorded the stop first."""

    message = N_("Deze stop is al afgewerkt. Zet hem eerst terug.")


class NotPacked(Conflict):
    """The packer has not reported any of the orders of the stop as ready."""

    message = N_("De inpakker heeft dit nog niet klaar gemeld. Vraag het na, of kies Probleem.")


class NotOnTheRoad(Conflict):
    """The tour is a draft, or was dropped."""

    message = N_("Deze rit is nog niet vrijgegeven.")


def record(
    session: Session,
    *,
    stop: Stop,
    outcome: StopOutcome,
    note: str,
    key: str,
    tapped_at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """Write down what happened at a stop and move the goods accordingly. The same `key` counts once.

    :raises AlreadyRecorded: when another tap was first
    :raises NotPacked: when there is nothing ready to collect
    :raises NotOnTheRoad: when the tour is not published
    """
    if stop.outcome is not None:
        if stop.key == key:
            return
        raise AlreadyRecorded()
    if outcome not in OUTCOMES[stop.kind]:
        raise Invalid(N_("Dit past niet bij deze stop."), fields=("outcome",))
    if stop.tour.state is TourState.PUBLISHED:
        stop.tour.move("start")
    if stop.tour.state is not TourState.UNDER_WAY:
        raise NotOnTheRoad()
    legs = live_legs(stop)
    if stop.kind == PICKUP and outcome is StopOutcome.COLLECTED:
        _collect(session, stop.tour, legs, by, now)
    elif stop.kind == PICKUP:
        _tell(session, stop, legs, outcome, now)
    else:
        _collect(session, stop.tour, [leg for leg in legs if leg.state is LegState.SCHEDULED], by, now)
        _hand_over(session, stop, live_legs(stop), outcome, by, now)
    stop.outcome, stop.note, stop.key = outcome, note[:300], key
    stop.tapped_at, stop.recorded_at, stop.recorded_by_id = min(tapped_at, now), now, by.user_id
    session.flush()
    journal.record(
        session,
        "stop.recorded",
        by=by,
        now=now,
        enterprise_id=stop.tour.enterprise_id,
        stop=stop.id,
        outcome=outcome.value,
    )
    _finish_tour(session, stop.tour, by, now)


def undo(session: Session, *, stop: Stop, by: Actor, now: datetime) -> None:
    """Take back what was recorded at a stop, as long as nothing followed from it.

    :raises IllegalTransition: when the goods have moved on, or the order is settled
    """
    if stop.outcome is None:
        return
    if stop.tour.state is TourState.DONE:
        stop.tour.move("reopen")
    for leg in live_legs(stop):
        if stop.kind == PICKUP and stop.outcome is StopOutcome.COLLECTED:
            _uncollect(leg)
        elif stop.outcome is StopOutcome.DELIVERED:
            _undeliver(session, leg, now)
        elif stop.kind != PICKUP:
            leg.move("undo_fail")
    tasks = session.scalars(
        select(CoordinatorTask).where(
            CoordinatorTask.kind.in_(["failed_stop", "failed_pickup"]),
            CoordinatorTask.done_at.is_(None),
            CoordinatorTask.order_id.in_([leg.order_id for leg in live_legs(stop)]),
        )
    )
    for task in tasks:
        if task.data.get("stop") == stop.public_id:
            task.done_at, task.done_by_id, task.answer = now, by.user_id, "undone"
    journal.record(
        session,
        "stop.undone",
        by=by,
        now=now,
        enterprise_id=stop.tour.enterprise_id,
        stop=stop.id,
        outcome=stop.outcome.value,
    )
    stop.outcome, stop.note, stop.key = None, "", None
    stop.tapped_at = stop.recorded_at = stop.recorded_by_id = None
    session.flush()


def live_legs(stop: Stop) -> list[Leg]:
    """List the legs of a stop that were not withdrawn, by id."""
    return sorted(
        (row.leg for row in stop.stop_legs if row.leg.state is not LegState.WITHDRAWN),
        key=lambda leg: leg.id,
    )


def load_own(session: Session, *, public_id: str, enterprise_id: int) -> Stop:
    """Load a stop of a tour of an enterprise with all that hangs on it, the tour locked.

    :raises NotFound: when there is none, or it is another's
    """
    tour_id = session.scalar(
        select(Tour.id)
        .join(Stop, Stop.tour_id == Tour.id)
        .where(Stop.public_id == public_id, Tour.enterprise_id == enterprise_id)
        .with_for_update()
    )
    stop = (
        session.scalar(
            select(Stop)
            .where(Stop.public_id == public_id, Stop.tour_id == tour_id)
            .options(
                selectinload(Stop.tour).selectinload(Tour.stops).selectinload(Stop.stop_legs).selectinload(StopLeg.leg),
                selectinload(Stop.stop_legs).selectinload(StopLeg.leg).selectinload(Leg.job).selectinload(Job.lines),
                selectinload(Stop.stop_legs).selectinload(StopLeg.leg).selectinload(Leg.order),
            )
        )
        if tour_id is not None
        else None
    )
    if stop is None:
        raise NotFound()
    return stop


def reschedule(
    session: Session,
    *,
    leg: Leg,
    day: date,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """Let a failed leg be driven again on another day and time."""
    leg.move("reschedule")
    leg.day, leg.starts_at, leg.ends_at = day, starts_at, ends_at
    session.flush()
    journal.record(
        session,
        "leg.rescheduled",
        by=by,
        now=now,
        order_id=leg.order_id,
        enterprise_id=leg.carrier_id,
        leg=leg.id,
        day=day.isoformat(),
    )


def _collect(session: Session, tour: Tour, legs: Sequence[Leg], by: Actor, now: datetime) -> None:
    """Take what is packed with us; what is not leaves the tour and becomes a coordinator's task."""
    waiting = [leg for leg in legs if leg.state is LegState.SCHEDULED]
    if not waiting:
        return
    ready = _ready(session, waiting)
    if not ready:
        raise NotPacked()
    for leg in waiting:
        if leg.id not in ready:
            _leave_behind(session, tour, leg, now)
            continue
        leg.move("collect")
        if is_last(leg) and leg.job is not None and leg.job.state is JobState.ACCEPTED:
            jobs.start(session, job=leg.job, by=by, now=now)
        journal.record(
            session,
            "leg.collected",
            by=by,
            now=now,
            order_id=leg.order_id,
            enterprise_id=leg.carrier_id,
            leg=leg.id,
        )


def is_last(leg: Leg) -> bool:
    """Say whether a leg ends at the customer; the others end with who works on the goods next."""
    return leg.to_enterprise_id is None


def _ready(session: Session, legs: Sequence[Leg]) -> set[int]:
    """Give the legs whose goods stand ready: packed for the last one, processed before; a farm has its goods."""
    packed = set(
        session.scalars(
            select(Job.order_id).where(
                Job.order_id.in_([leg.order_id for leg in legs if is_last(leg)]),
                Job.stage == Stage.PACK,
                Job.state == JobState.READY,
            )
        )
    )
    return {
        leg.id
        for leg in legs
        if (leg.order_id in packed if is_last(leg) else leg.job is None or leg.job.state is JobState.READY)
    }


def _leave_behind(session: Session, tour: Tour, leg: Leg, now: datetime) -> None:
    leg.move("unschedule")
    of_tour = select(Stop.id).where(Stop.tour_id == tour.id)
    session.execute(delete(StopLeg).where(StopLeg.leg_id == leg.id, StopLeg.stop_id.in_(of_tour)))
    session.flush()
    for stop in tour.stops:
        session.refresh(stop, ["stop_legs"])
    jobs.ask_coordinator(session, order=leg.order, kind="late", now=now, leg=leg.id)


def _hand_over(
    session: Session,
    stop: Stop,
    legs: Sequence[Leg],
    outcome: StopOutcome,
    by: Actor,
    now: datetime,
) -> None:
    legs = [leg for leg in legs if leg.state is not LegState.DELIVERED]  # who works on it saw it come first
    if outcome is not StopOutcome.DELIVERED:
        for leg in legs:
            leg.move("fail")
        _tell(session, stop, legs, outcome, now)
        return
    for leg in legs:
        leg.move("deliver")
        if is_last(leg) and leg.job is not None:
            jobs.finish(session, job=leg.job, lots={}, by=by, now=now)
        journal.record(
            session,
            "leg.delivered",
            by=by,
            now=now,
            order_id=leg.order_id,
            enterprise_id=leg.carrier_id,
            leg=leg.id,
        )
        if is_last(leg):
            leg.order.move("deliver")
            leg.order.delivered_at = now
            journal.record(session, "order.delivered", by=by, now=now, order_id=leg.order_id)
            empties.book_delivered(session, order=leg.order, packer_id=leg.from_enterprise_id, now=now)
    session.flush()


def _tell(session: Session, stop: Stop, legs: Sequence[Leg], outcome: StopOutcome, now: datetime) -> None:
    """Give the coordinator each order that did not go as planned."""
    kind = "failed_pickup" if stop.kind == PICKUP else "failed_stop"
    for leg in legs:
        jobs.ask_coordinator(
            session,
            order=leg.order,
            kind=kind,
            now=now,
            stop=stop.public_id,
            outcome=outcome.value,
            leg=leg.id,
        )


def _uncollect(leg: Leg) -> None:
    leg.move("undo_collect")
    if is_last(leg) and leg.job is not None and leg.job.state is JobState.STARTED:
        leg.job.move("pause")
        leg.job.started_at = None


def _undeliver(session: Session, leg: Leg, now: datetime) -> None:
    if not is_last(leg):
        leg.move("undo_deliver")
        return
    if leg.order.state is not OrderState.CONFIRMED:
        leg.order.move("undo_delivery")
        leg.order.delivered_at = None
        empties.book_undone(session, order=leg.order, packer_id=leg.from_enterprise_id, now=now)
    leg.move("undo_deliver")
    if leg.job is not None and leg.job.state is JobState.READY:
        leg.job.move("reopen")
        leg.job.ready_at = None


def _finish_tour(session: Session, tour: Tour, by: Actor, now: datetime) -> None:
    """End the tour when every stop that still has something to do is recorded."""
    if all(stop.outcome is not None or not live_legs(stop) for stop in tour.stops):
        tour.move("finish")
        session.flush()
        journal.record(session, "tour.finished", by=by, now=now, enterprise_id=tour.enterprise_id, tour=tour.id)
