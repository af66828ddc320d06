"""How far carriers drove for their stops, against a trip apart for each: what routing learns from tours."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shortchain.delivery import tour_questions
from shortchain.delivery.models import LegState, Stop, StopLeg, Tour
from shortchain.delivery.tour_plans import DROPOFF
from shortchain.enterprises.models import Enterprise
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.routing.stop_costs import Driven


def driven(session: Session, *, first: date, last: date, distance: Distance) -> dict[int, Driven]:
    """Add up the released tours of each carrier from `first` to `last`, by enterprise.

    Tours are brought back to straight lines, as routing measures: what they drove, less the detour of their vehicle. A
    trip apart is base, place of loading, door and back; goods for one door in one tour are one trip.
    """
    rows = session.execute(
        select(Tour, Enterprise)
        .join(Enterprise, Enterprise.id == Tour.enterprise_id)
        .where(Tour.day.between(first, last), Tour.state.in_(tour_questions.RUNNING))
        .options(
            selectinload(Tour.courier),
            selectinload(Tour.stops).selectinload(Stop.stop_legs).selectinload(StopLeg.leg),
        )
        .order_by(Tour.id)
    ).all()
    found: dict[int, Driven] = {}
    for tour, enterprise in rows:
        alone, stops = 0, 0
        for stop in tour.stops:
            legs = [row.leg for row in stop.stop_legs if row.leg.state is not LegState.WITHDRAWN]
            if stop.kind != DROPOFF or not legs:
                continue
            start, door = Point(legs[0].from_lat, legs[0].from_lon), Point(stop.lat, stop.lon)
            base = enterprise.point
            alone += distance(base, start) + distance(start, door) + distance(door, base)
            stops += 1
        straight = tour.metres * 100 // tour_questions.detour_pct(tour.courier.vehicle)
        old = found.get(enterprise.id, Driven(0, 0, 0, 0))
        found[enterprise.id] = Driven(old.tours + 1, old.stops + stops, old.metres + straight, old.alone_metres + alone)
    return found
