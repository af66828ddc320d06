"""Makes tours: the planned tours written down over the drafts of before, published or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopLock, Tour, TourState
from shortchain.delivery.tour_plans import PlannedStop, PlannedTour, TourPlan
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound

OUT_OF_THE_WAY = 10_000
"""Added to positions for a moment, so that stops can change places."""

Locked = Mapping[tuple[str, int], StopLock]
"""What is fixed, by kind of stop and leg."""


class StalePlan(Conflict):
    """An order was accepted, changed or withdrawn while the tours were being worked out."""

    message = N_("Er is intussen iets veranderd. Plan de ritten opnieuw.")


def save(
    session: Session,
    *,
    enterprise_id: int,
    day: date,
    plan: TourPlan,
    versions: Mapping[int, int],
    drivers: Mapping[int, int] | None = None,
    by: Actor,
    now: datetime,
) -> list[Tour]:
    """Write planned tours down as drafts over those that were there, courier by courier; `drivers` drive them.

    A draft that comes out as it was keeps its row, and so does a stop: who looks at it keeps looking at it.

    :raises StalePlan: when a leg changed since it was read
    """
    legs = {
        leg.id: leg
        for leg in session.scalars(select(Leg).where(Leg.id.in_(versions)).order_by(Leg.id).with_for_update())
    }
    if any(number not in legs or legs[number].version != version for number, version in versions.items()):
        raise StalePlan()
    drafts = session.scalars(
        select(Tour)
        .where(Tour.enterprise_id == enterprise_id, Tour.day == day, Tour.state == TourState.DRAFT, ~Tour.is_kept)
        .options(selectinload(Tour.stops).selectinload(Stop.stop_legs).selectinload(StopLeg.leg))
        .order_by(Tour.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    fixed = locked_in(drafts)
    old = {tour.courier_id: tour for tour in drafts}
    again = {planned.courier_id for planned in plan.tours}
    for tour in drafts:
        if tour.courier_id not in again or old[tour.courier_id] is not tour:
            drop(session, tour=tour, by=by, now=now)
    made = []
    for planned in plan.tours:
        tour = old.get(planned.courier_id) or _new(session, enterprise_id, day, planned, now)
        tour.driver_id = (drivers or {}).get(planned.courier_id)
        made.append(tour)
    _schedule(legs, drafts, {leg for planned in plan.tours for stop in planned.stops for leg in stop.leg_ids})
    for tour, planned in zip(made, plan.tours, strict=True):
        lay_out(session, tour=tour, planned=planned, fixed=fixed, now=now)
    journal.record(
        session,
        "tour.planned",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        day=day.isoformat(),
        tours=[tour.id for tour in made],
        unplanned=[{"leg": row.leg_id, "reason": row.reason} for row in plan.unplanned],
    )
    return made


def locked_in(tours: Sequence[Tour]) -> Locked:
    """Give what is fixed in tours that are loaded with their stops."""
    return {
        (stop.kind, row.leg_id): stop.lock
        for tour in tours
        for stop in tour.stops
        if stop.lock is not None
        for row in stop.stop_legs
    }


def _new(session: Session, enterprise_id: int, day: date, planned: PlannedTour, now: datetime) -> Tour:
    tour = Tour(
        enterprise_id=enterprise_id,
        courier_id=planned.courier_id,
        day=day,
        state=TourState.DRAFT,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        metres=planned.metres,
        made_at=now,
        stops=[],
    )
    session.add(tour)
    return tour


def _schedule(legs: Mapping[int, Leg], drafts: Sequence[Tour], wanted: set[int]) -> None:
    """Move legs into and out of tours; what stays in one does not change."""
    held = {row.leg_id: row.leg for tour in drafts for stop in tour.stops for row in stop.stop_legs} | dict(legs)
    for number, leg in sorted(held.items()):
        if leg.state is LegState.SCHEDULED and number not in wanted:
            leg.move("unschedule")
        elif leg.state is LegState.PLANNED and number in wanted:
            leg.move("schedule")


def lay_out(session: Session, *, tour: Tour, planned: PlannedTour, fixed: Locked, now: datetime) -> None:
    """Put the stops of a tour (loaded with their legs) as they are planned; stops with the same legs keep their row."""
    rows: dict[tuple[str, frozenset[int]], list[Stop]] = {}
    for row in tour.stops:
        rows.setdefault((row.kind, frozenset(one.leg_id for one in row.stop_legs)), []).append(row)
    found = [rows.get((stop.kind, frozenset(stop.leg_ids)), []) for stop in planned.stops]
    kept = [some.pop(0) if some else None for some in found]
    if kept != list(tour.stops):
        _make_room(session, tour, [row for row in kept if row is not None])
        tour.made_at = now
    for number, (kept_row, stop) in enumerate(zip(kept, planned.stops, strict=True), start=1):
        if kept_row is None:
            tour.stops.append(stop_row(number, stop, fixed))
            continue
        kept_row.position, kept_row.eta, kept_row.metres, kept_row.seconds = number, stop.eta, stop.metres, stop.seconds
        kept_row.starts_at, kept_row.ends_at, kept_row.stay_s = stop.starts_at, stop.ends_at, stop.stay_s
    tour.starts_at, tour.ends_at, tour.metres = planned.starts_at, planned.ends_at, planned.metres
    session.flush()


def _make_room(session: Session, tour: Tour, kept: Sequence[Stop]) -> None:
    """Delete the stops that do not stay, and put the positions of the others out of the way."""
    gone = [row for row in tour.stops if row not in kept]
    session.flush()
    for row in gone:
        for one in row.stop_legs:
            session.delete(one)
        tour.stops.remove(row)
        session.delete(row)
    for row in kept:
        row.position += OUT_OF_THE_WAY
    session.flush()


def stop_row(position: int, planned: PlannedStop, fixed: Locked) -> Stop:
    """Make the row of a planned stop, which belongs to no tour yet; it is fixed if a stop with its legs was."""
    return Stop(
        position=position,
        kind=planned.kind,
        label=planned.place.label,
        lat=planned.place.point.lat,
        lon=planned.place.point.lon,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        eta=planned.eta,
        metres=planned.metres,
        seconds=planned.seconds,
        stay_s=planned.stay_s,
        lock=next((fixed[planned.kind, leg] for leg in planned.leg_ids if (planned.kind, leg) in fixed), None),
        stop_legs=[StopLeg(leg_id=leg) for leg in planned.leg_ids],
    )


def drop(session: Session, *, tour: Tour, by: Actor, now: datetime) -> None:
    """Drop a tour that has not left; its legs can be planned again.

    :raises IllegalTransition: when it is under way or done
    """
    tour.move("drop")
    legs = session.scalars(
        select(Leg).where(Leg.state == LegState.SCHEDULED, Leg.id.in_(_legs_in(tour.id))).order_by(Leg.id)
    ).all()
    for leg in legs:
        leg.move("unschedule")
    session.flush()
    journal.record(session, "tour.dropped", by=by, now=now, enterprise_id=tour.enterprise_id, tour=tour.id)


def _legs_in(tour_id: int) -> Select[int]:
    return select(StopLeg.leg_id).join(Stop, Stop.id == StopLeg.stop_id).where(Stop.tour_id == tour_id)


def publish(session: Session, *, tour: Tour, by: Actor, now: datetime) -> None:
    """Give a draft to its driver; from now on customers see when it comes."""
    tour.move("publish")
    session.flush()
    journal.record(session, "tour.published", by=by, now=now, enterprise_id=tour.enterprise_id, tour=tour.id)


def load_own(session: Session, *, public_id: str, enterprise_id: int) -> Tour:
    """Load a tour of an enterprise with its stops, locked.

    :raises NotFound: when there is none, or it is another's
    """
    tour = session.scalar(
        select(Tour)
        .where(Tour.public_id == public_id, Tour.enterprise_id == enterprise_id)
        .options(selectinload(Tour.stops))
        .with_for_update()
    )
    if tour is None:
        raise NotFound()
    return tour
