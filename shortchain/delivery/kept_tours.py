"""Drafts that a person keeps as they are, and puts in an order of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shortchain import journal
from shortchain.delivery import by_hand, paces, tour_questions, tours
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, StopLock, Tour, TourState
from shortchain.delivery.tour_plans import BREAK, Load, PlannedTour, TourPolicy, Vehicle
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict, NotFound
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance, Ways


class NoDraft(Conflict):
    """The tour is released, so its driver counts on it."""

    message = N_("Deze rit is al vrijgegeven. Je kunt ze niet meer veranderen.")


class CanNotMove(Conflict):
    """There is no place to go: loading comes before delivering, and a tour has a first and a last stop."""

    message = N_("Deze stop kan niet verder: laden komt altijd voor leveren.")


class DoesNotFit(Conflict):
    """In that order the tour breaks a bound: a window, the day, the cold or the weight."""

    message = N_("In die volgorde lukt de rit niet op tijd. Er is niets veranderd.")


@dataclass(frozen=True, slots=True)
class HandQuestion:
    """One draft as it is: its stops (kind and legs) without breaks, and which of them is meant."""

    tour_id: int
    version: int
    stops: tuple[tuple[str, tuple[int, ...]], ...]
    chosen: int
    loads: Mapping[int, Load]
    vehicle: Vehicle
    policy: TourPolicy

    def points(self) -> list[Point]:
        """Give the places between which the tour may drive."""
        doors = {place.point for load in self.loads.values() for place in (load.origin, load.destination)}
        return sorted(doors | {self.vehicle.base, self.vehicle.back}, key=lambda point: (point.lat, point.lon))


def keep(session: Session, *, tour: Tour, kept: bool, by: Actor, now: datetime) -> None:
    """Keep a draft as it is when the day is planned again, or let go of it.

    :raises NoDraft: when it is released: then it stays anyway
    """
    if tour.state is not TourState.DRAFT:
        raise NoDraft()
    tour.is_kept = kept
    session.flush()
    journal.record(
        session, "tour.kept" if kept else "tour.let_go", by=by, now=now, enterprise_id=tour.enterprise_id, tour=tour.id
    )


def question(session: Session, *, stop_public_id: str, enterprise_id: int) -> HandQuestion:
    """Read the draft that a stop is in.

    :raises NotFound: when there is no such stop, or it is another's, or its courier drives no more
    :raises NoDraft: when its tour is released
    """
    tour = session.scalar(
        select(Tour)
        .join(Stop, Stop.tour_id == Tour.id)
        .where(Stop.public_id == stop_public_id, Tour.enterprise_id == enterprise_id)
        .options(selectinload(Tour.stops).selectinload(Stop.stop_legs).selectinload(StopLeg.leg))
    )
    if tour is None:
        raise NotFound()
    if tour.state is not TourState.DRAFT:
        raise NoDraft()
    stops: list[tuple[str, tuple[int, ...]]] = []
    chosen = None
    for stop in tour.stops:
        legs = tuple(sorted(row.leg_id for row in stop.stop_legs if row.leg.state is not LegState.WITHDRAWN))
        if stop.public_id == stop_public_id:
            chosen = len(stops)
        if stop.kind != BREAK and legs:
            stops.append((stop.kind, legs))
    legs_inside = {leg for _, legs in stops for leg in legs}
    asked = tour_questions.loads_of(session, leg_ids=legs_inside)
    fleet = tour_questions.vehicles_of(
        session, enterprise_id=enterprise_id, day=tour.day, loads=asked, but_tour_id=tour.id
    )
    narrowed = tour_questions.outside_zones(session, asked, enterprise_id=enterprise_id, day=tour.day)
    loads = {load.leg_id: load for load in narrowed}
    _, manned_fleet = tour_questions.crewed(session, fleet, enterprise_id=enterprise_id, day=tour.day, loads=narrowed)
    vehicle = next((one for one in manned_fleet if one.courier_id == tour.courier_id), None)
    if vehicle is None or chosen is None or chosen >= len(stops):
        raise NotFound()
    policy = paces.policy_of(session, enterprise_id=enterprise_id)
    return HandQuestion(tour.id, tour.version, tuple(stops), chosen, loads, vehicle, policy)


def moved(asked: HandQuestion, *, up: bool, distance: Distance, roads: Mapping[str, Ways]) -> PlannedTour:
    """Time the tour with the chosen stop one place earlier (`up`) or later.

    :raises CanNotMove: when there is no such place
    :raises DoesNotFit: when the planner's clock refuses that order
    """
    order = by_hand.moved(asked.stops, asked.chosen, up=up)
    if order is None:
        raise CanNotMove()
    return _in_order(asked, order, distance, roads)


def fronted(asked: HandQuestion, *, distance: Distance, roads: Mapping[str, Ways]) -> PlannedTour:
    """Time the tour with the chosen stop first of its kind.

    :raises DoesNotFit: when the planner's clock refuses that order
    """
    return _in_order(asked, by_hand.to_front(asked.stops, asked.chosen), distance, roads)


def _in_order(asked: HandQuestion, order: Sequence[int], distance: Distance, roads: Mapping[str, Ways]) -> PlannedTour:
    stops = [asked.stops[number] for number in order]
    found = by_hand.timed(stops, asked.loads, asked.vehicle, distance=distance, roads=roads, policy=asked.policy)
    if isinstance(found, str):
        raise DoesNotFit()
    return found


def rewrite(
    session: Session, *, asked: HandQuestion, planned: PlannedTour, keep: bool, by: Actor, now: datetime
) -> Tour:
    """Put the stops of a draft in their new order; with `keep` planning again leaves the whole tour so.

    :raises StalePlan: when the tour changed since it was read
    """
    tour = session.scalar(
        select(Tour)
        .where(Tour.id == asked.tour_id)
        .options(selectinload(Tour.stops).selectinload(Stop.stop_legs))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if tour is None or tour.version != asked.version or tour.state is not TourState.DRAFT:
        raise tours.StalePlan()
    if session.scalar(select(Leg.id).where(Leg.id.in_(asked.loads), Leg.state != LegState.SCHEDULED).limit(1)):
        raise tours.StalePlan()
    tours.lay_out(session, tour=tour, planned=planned, fixed=tours.locked_in([tour]), now=now)
    tour.is_kept = tour.is_kept or keep
    session.flush()
    journal.record(session, "tour.reordered", by=by, now=now, enterprise_id=tour.enterprise_id, tour=tour.id)
    return tour


def fix(
    session: Session, *, stop_public_id: str, enterprise_id: int, lock: StopLock | None, by: Actor, now: datetime
) -> None:
    """Fix a stop of a draft to its tour or to its place in it, or let go of it.

    :raises NotFound: when there is no such stop, or it is another's
    :raises NoDraft: when its tour is released
    """
    tour = session.scalar(
        select(Tour)
        .join(Stop, Stop.tour_id == Tour.id)
        .where(Stop.public_id == stop_public_id, Stop.kind != BREAK, Tour.enterprise_id == enterprise_id)
        .options(selectinload(Tour.stops))
        .with_for_update()
    )
    if tour is None:
        raise NotFound()
    if tour.state is not TourState.DRAFT:
        raise NoDraft()
    stop = next(one for one in tour.stops if one.public_id == stop_public_id)
    stop.lock = lock
    session.flush()
    journal.record(
        session,
        "stop.fixed" if lock else "stop.let_go",
        by=by,
        now=now,
        enterprise_id=enterprise_id,
        stop=stop.id,
        lock=lock.value if lock else "",
    )
