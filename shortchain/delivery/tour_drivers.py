"""A planner chooses who drives a tour; planning again keeps that choice while it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.delivery import tour_questions
from shortchain.delivery.models import Leg, LegState, Stop, StopLeg, Tour, TourState
from shortchain.enterprises import drivers
from shortchain.enterprises.licences import may_drive
from shortchain.enterprises.models import Courier, Driver
from shortchain.enterprises.vehicles import licence_of
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Conflict

OPEN = (TourState.DRAFT, TourState.PUBLISHED)


class HasLeft(Conflict):
    """The tour is under way or done."""

    message = N_("Deze rit is al vertrokken.")


class MayNotDrive(Conflict):
    """The driver does not hold the licence that the vehicle asks."""

    message = N_("Deze bestuurder heeft het rijbewijs voor dit voertuig niet.")


class CanNotLift(Conflict):
    """Something in the tour is heavier than the driver may lift."""

    message = N_("In deze rit zit iets dat deze bestuurder niet mag tillen.")


class DrivesAlready(Conflict):
    """The driver has another tour at the same time."""

    message = N_("Deze bestuurder rijdt dan al een andere rit.")


def of_carrier(session: Session, *, enterprise_id: int) -> Sequence[Driver]:
    """List who may be chosen, by name."""
    return drivers.list_of(session, enterprise_id=enterprise_id, also_stopped=False)


def choose(session: Session, *, tour: Tour, driver_public_id: str, by: Actor, now: datetime) -> None:
    """Let somebody drive a tour that has not left; the caller has locked it.

    :raises NotFound: when the driver is not this carrier's
    :raises HasLeft, MayNotDrive, CanNotLift, DrivesAlready: when it stays as it is
    """
    if tour.state not in OPEN:
        raise HasLeft()
    driver = drivers.get(session, enterprise_id=tour.enterprise_id, public_id=driver_public_id)
    courier = session.get_one(Courier, tour.courier_id)
    if not driver.is_active or not may_drive(driver.licence, licence_of(courier.vehicle, courier.licence)):
        raise MayNotDrive()
    if driver.lift_g is not None and driver.lift_g < _heaviest(session, tour):
        raise CanNotLift()
    if _is_busy(session, tour, driver):
        raise DrivesAlready()
    tour.driver_id = driver.id
    session.flush()
    journal.record(
        session,
        "tour.driver_chosen",
        by=by,
        now=now,
        enterprise_id=tour.enterprise_id,
        tour=tour.id,
        driver=driver.public_id,
    )


def _heaviest(session: Session, tour: Tour) -> int:
    legs = session.scalars(
        select(StopLeg.leg_id)
        .join(Stop, Stop.id == StopLeg.stop_id)
        .join(Leg, Leg.id == StopLeg.leg_id)
        .where(Stop.tour_id == tour.id, Leg.state != LegState.WITHDRAWN)
    ).all()
    loads = tour_questions.loads_of(session, leg_ids=legs)
    return max((load.heaviest_g for load in loads), default=0)


def _is_busy(session: Session, tour: Tour, driver: Driver) -> bool:
    others = select(Tour.id).where(
        Tour.driver_id == driver.id,
        Tour.id != tour.id,
        Tour.day == tour.day,
        Tour.state != TourState.DROPPED,
        Tour.starts_at < tour.ends_at,
        Tour.ends_at > tour.starts_at,
    )
    return session.scalar(others.limit(1)) is not None
