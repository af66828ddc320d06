"""A carrier tells of its vehicles, the zones that they may enter, and its drivers. Routing sees each change at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from shortchain.enterprises import drivers, vehicles
from shortchain.enterprises.drivers import DriverFacts
from shortchain.enterprises.vehicles import VehicleFacts
from shortchain.journal import Actor
from shortchain.transaction import transaction


def add_vehicle(session: Session, *, enterprise_id: int, facts: VehicleFacts, now: datetime, by: Actor) -> str:
    """Add a vehicle; returns its public id.

    :raises BadVehicle: nothing was changed
    """
    with transaction(session):
        return vehicles.add(session, enterprise_id=enterprise_id, facts=facts, now=now, by=by).public_id


def change_vehicle(
    session: Session, *, enterprise_id: int, public_id: str, version: int, facts: VehicleFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a vehicle.

    :raises NotFound, StaleEdit, BadVehicle: nothing was changed
    """
    with transaction(session):
        vehicles.change(
            session, enterprise_id=enterprise_id, public_id=public_id, version=version, facts=facts, now=now, by=by
        )


def set_vehicle_active(
    session: Session, *, enterprise_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> None:
    """Drive a vehicle no longer, or again.

    :raises NotFound: when it is not this enterprise's
    """
    with transaction(session):
        vehicles.set_active(
            session, enterprise_id=enterprise_id, public_id=public_id, is_active=is_active, now=now, by=by
        )


def add_driver(session: Session, *, enterprise_id: int, facts: DriverFacts, now: datetime, by: Actor) -> str:
    """Add a driver; returns their public id.

    :raises BadDriver: nothing was changed
    """
    with transaction(session):
        return drivers.add(session, enterprise_id=enterprise_id, facts=facts, now=now, by=by).public_id


def change_driver(
    session: Session, *, enterprise_id: int, public_id: str, version: int, facts: DriverFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a driver.

    :raises NotFound, StaleEdit, BadDriver: nothing was changed
    """
    with transaction(session):
        drivers.change(
            session, enterprise_id=enterprise_id, public_id=public_id, version=version, facts=facts, now=now, by=by
        )


def set_driver_active(
    session: Session, *, enterprise_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> None:
    """Count on a driver no longer, or again.

    :raises NotFound: when they are not this enterprise's
    """
    with transaction(session):
        drivers.set_active(
            session, enterprise_id=enterprise_id, public_id=public_id, is_active=is_active, now=now, by=by
        )


def grant_right(
    session: Session,
    *,
    enterprise_id: int,
    public_id: str,
    zone: str,
    first_day: date,
    last_day: date,
    note: str,
    is_day_pass: bool = False,
    now: datetime,
    by: Actor,
) -> None:
    """Write down that a vehicle may be in a zone on some days.

    :raises NotFound, BadRight: nothing was changed
    """
    with transaction(session):
        vehicles.grant(
            session,
            enterprise_id=enterprise_id,
            public_id=public_id,
            zone=zone,
            first_day=first_day,
            last_day=last_day,
            note=note,
            is_day_pass=is_day_pass,
            now=now,
            by=by,
        )


def remove_right(
    session: Session, *, enterprise_id: int, public_id: str, right_id: int, now: datetime, by: Actor
) -> None:
    """Remove a right.

    :raises NotFound: when it is not of this vehicle
    """
    with transaction(session):
        vehicles.take_back(session, enterprise_id=enterprise_id, public_id=public_id, right_id=right_id, now=now, by=by)
