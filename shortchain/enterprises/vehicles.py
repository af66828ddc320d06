"""The vehicles of an enterprise that delivers: what they carry, what they burn, and where they may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from shortchain import data, journal
from shortchain.data.zones import Zone, zones
from shortchain.enterprises import directory, drawn_zones
from shortchain.enterprises.day_passes import Granted, counting, left, overdrawn
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.licences import LICENCES, may_drive
from shortchain.enterprises.models import Courier, Driver, VehicleRight
from shortchain.enterprises.zones import BURNING, EURO_CLASSES, FUELS, Engine
from shortchain.journal import Actor
from shortchain.kernel.errors import N_, Invalid, NotFound
from shortchain.kernel.geo import Point

PAYLOAD_MOST_G = 5_000_000
CRATES_MOST, STOPS_MOST = 500, 200
VOLUME_MOST_L = 60_000
PASS_LONGEST_DAYS = 8
RIGHT_LONGEST = timedelta(days=3660)
KEPT = timedelta(days=400)
"""So long a right that is over is kept, for who asks why a tour went where it did."""


class BadVehicle(Invalid):
    """Something about a vehicle cannot be right; the message says what."""


class BadRight(Invalid):
    """The zone or the days of a right cannot be right; the message says what."""


class Base(NamedTuple):
    """A place where the day of a vehicle starts or ends."""

    label: str
    point: Point


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """What somebody tells of a vehicle. `euro` only of an engine that burns; `driver` is who drives it usually, by public id.

    `crates`, `volume_l` and `licence` None are those of its kind; `max_stops` None is no bound. `start` and `end` are
    where its day starts and ends: None is at the enterprise, and where it started.
    """

    name: str
    vehicle: str
    payload_g: int
    fuel: str
    euro: int | None = None
    driver: str | None = None
    licence: str | None = None
    crates: int | None = None
    volume_l: int | None = None
    chilled_crates: int = 0
    frozen_crates: int = 0
    max_stops: int | None = None
    start: Base | None = None
    end: Base | None = None


def is_bike(vehicle: str) -> bool:
    """Say whether a kind of vehicle rides where bikes do."""
    return vehicle.startswith("BIKE")


def licence_of(vehicle: str, told: str | None) -> str:
    """Give the licence that a vehicle asks: what was told, else that of its kind."""
    return data.vehicles()[vehicle].licence if told is None else told


def engine_of(courier: Courier) -> Engine:
    """Give what decides where a vehicle may go; its rights must have been loaded."""
    return Engine(courier.fuel, courier.euro, is_bike(courier.vehicle), counting(granted_to(courier), zones()))


def granted_to(courier: Courier) -> list[Granted]:
    """List the rights of a vehicle as they were written down; they must have been loaded."""
    return [Granted(one.zone, one.first_day, one.last_day, one.is_day_pass) for one in courier.rights]


def add(session: Session, *, enterprise_id: int, facts: VehicleFacts, now: datetime, by: Actor) -> Courier:
    """Add a vehicle.

    :raises BadVehicle: when something about it cannot be right
    """
    driver = _check(session, enterprise_id, facts)
    courier = Courier(enterprise_id=enterprise_id, **_columns(facts, driver))
    session.add(courier)
    _changed(session, "vehicle.added", courier, now, by)
    return courier


def change(
    session: Session, *, enterprise_id: int, public_id: str, version: int, facts: VehicleFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a vehicle. `version` is that of the form that was opened.

    :raises NotFound: when it is not this enterprise's
    :raises StaleEdit: when somebody saved in between
    :raises BadVehicle: when something about it cannot be right
    """
    driver = _check(session, enterprise_id, facts)
    courier = get(session, enterprise_id=enterprise_id, public_id=public_id)
    if courier.version != version:
        raise StaleEdit
    for column, value in _columns(facts, driver).items():
        setattr(courier, column, value)
    _changed(session, "vehicle.changed", courier, now, by)


def set_active(
    session: Session, *, enterprise_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> None:
    """Drive a vehicle no longer, or again; tours that it has stay.

    :raises NotFound: when it is not this enterprise's
    """
    courier = get(session, enterprise_id=enterprise_id, public_id=public_id)
    courier.is_active = is_active
    _changed(session, "vehicle.resumed" if is_active else "vehicle.stopped", courier, now, by)


def grant(
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
    """Write down that a vehicle may be in a zone: a permit, an exemption or a day pass that the city gave.

    :raises NotFound: when the vehicle is not this enterprise's
    :raises BadRight: when the zone or the days cannot be right, or for more day passes than the city sells in a year
    """
    own = Courier.enterprise_id == enterprise_id, Courier.public_id == public_id
    session.execute(select(Courier.id).where(*own).with_for_update())  # two passes at once are counted one by one
    courier = get(session, enterprise_id=enterprise_id, public_id=public_id)
    known = drawn_zones.known(session).by_code
    if zone not in known:
        raise BadRight(N_("Kies een zone."), fields=("zone",))
    if not timedelta(0) <= last_day - first_day <= RIGHT_LONGEST:
        raise BadRight(N_("De laatste dag ligt op of na de eerste."), fields=("last_day",))
    _check_passes(granted_to(courier), Granted(zone, first_day, last_day, is_day_pass), known[zone])
    session.add(
        VehicleRight(
            courier_id=courier.id,
            zone=zone,
            first_day=first_day,
            last_day=last_day,
            note=note.strip()[:120],
            is_day_pass=is_day_pass,
        )
    )
    _changed(session, "vehicle.right_granted", courier, now, by)


def _check_passes(had: Sequence[Granted], new: Granted, zone: Zone) -> None:
    if not new.is_day_pass:
        return
    if (new.last_day - new.first_day).days >= PASS_LONGEST_DAYS:
        raise BadRight(
            N_("Een dagpas geldt voor een of enkele dagen. Een vergunning is geen dagpas."), fields=("last_day",)
        )
    year = overdrawn([*had, new], zone)
    if year is not None:
        raise BadRight(
            N_("De stad geeft %(most)d dagpassen per jaar. In %(year)d heeft dit voertuig er nog %(left)d."),
            fields=("first_day",),
            most=zone.day_passes,
            year=year,
            left=left(had, zone, year),
        )


def take_back(
    session: Session, *, enterprise_id: int, public_id: str, right_id: int, now: datetime, by: Actor
) -> VehicleRight:
    """Remove a right; returns what it was.

    :raises NotFound: when it is not of this vehicle
    """
    courier = get(session, enterprise_id=enterprise_id, public_id=public_id)
    right = next((one for one in courier.rights if one.id == right_id), None)
    if right is None:
        raise NotFound
    session.delete(right)
    _changed(session, "vehicle.right_removed", courier, now, by)
    return right


def get(session: Session, *, enterprise_id: int, public_id: str) -> Courier:
    """Give a vehicle of an enterprise with its rights.

    :raises NotFound: when there is none such
    """
    found = session.scalar(
        select(Courier)
        .where(Courier.enterprise_id == enterprise_id, Courier.public_id == public_id)
        .options(selectinload(Courier.rights))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_of(session: Session, *, enterprise_id: int) -> Sequence[Courier]:
    """List the vehicles of an enterprise with their rights, those that drive first."""
    return session.scalars(
        select(Courier)
        .where(Courier.enterprise_id == enterprise_id)
        .options(selectinload(Courier.rights))
        .order_by(Courier.is_active.desc(), Courier.id)
    ).all()


def engines(session: Session, *, enterprise_ids: Sequence[int] | None = None) -> dict[int, list[Engine]]:
    """Read the engines that drive, per enterprise; two queries. Who told of no vehicle is not in it."""
    query = select(Courier.id, Courier.enterprise_id, Courier.fuel, Courier.euro, Courier.vehicle).where(
        Courier.is_active
    )
    rights: dict[int, list[Granted]] = {}
    columns = VehicleRight.courier_id, VehicleRight.zone, VehicleRight.first_day, VehicleRight.last_day
    for courier_id, zone, first, last, is_pass in session.execute(select(*columns, VehicleRight.is_day_pass)):
        rights.setdefault(courier_id, []).append(Granted(zone, first, last, is_pass))
    if enterprise_ids is not None:
        query = query.where(Courier.enterprise_id.in_(enterprise_ids))
    found: dict[int, list[Engine]] = {}
    for row in session.execute(query.order_by(Courier.id)):
        engine = Engine(row.fuel, row.euro, is_bike(row.vehicle), counting(rights.get(row.id, ()), zones()))
        found.setdefault(row.enterprise_id, []).append(engine)
    return found


def forget_old(session: Session, *, today: date) -> int:
    """Delete rights that are long over; returns how many."""
    query = delete(VehicleRight).where(VehicleRight.last_day < today - KEPT)
    return int(session.execute(query.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _check(session: Session, enterprise_id: int, facts: VehicleFacts) -> int | None:
    """Refuse what cannot be right; gives the id of who usually drives it."""
    if not facts.name.strip():
        raise BadVehicle(N_("Geef het voertuig een naam."), fields=("name",))
    if facts.vehicle not in data.vehicles():
        raise BadVehicle(N_("Kies een soort voertuig."), fields=("vehicle",))
    if not 1_000 <= facts.payload_g <= PAYLOAD_MOST_G:
        raise BadVehicle(N_("Een voertuig draagt 1 tot 5000 kg."), fields=("payload_kg",))
    _check_room(facts)
    if facts.fuel not in FUELS or (is_bike(facts.vehicle) and facts.fuel in BURNING):
        raise BadVehicle(N_("Deze brandstof past niet bij dit voertuig."), fields=("fuel",))
    if facts.fuel in BURNING and facts.euro not in EURO_CLASSES:
        raise BadVehicle(N_("Kies de euronorm. Die staat op het inschrijvingsbewijs."), fields=("euro",))
    if facts.licence is not None and facts.licence not in LICENCES:
        raise BadVehicle(N_("Kies een rijbewijs."), fields=("licence",))
    if facts.driver is None:
        return None
    driver = session.scalar(
        select(Driver).where(Driver.enterprise_id == enterprise_id, Driver.public_id == facts.driver, Driver.is_active)
    )
    if driver is None:
        raise BadVehicle(N_("Kies een bestuurder uit de lijst."), fields=("driver",))
    if not may_drive(driver.licence, licence_of(facts.vehicle, facts.licence)):
        raise BadVehicle(N_("Wie dit voertuig rijdt, heeft er het rijbewijs voor."), fields=("driver",))
    return driver.id


def _check_room(facts: VehicleFacts) -> None:
    room = data.vehicles()[facts.vehicle].crates if facts.crates is None else facts.crates
    if not 1 <= room <= CRATES_MOST:
        raise BadVehicle(N_("Een voertuig houdt 1 tot 500 kisten."), fields=("crates",))
    if facts.chilled_crates < 0 or facts.frozen_crates < 0 or facts.chilled_crates + facts.frozen_crates > room:
        raise BadVehicle(N_("Koel en diepvries samen zijn hoogstens alle kisten."), fields=("chilled_crates",))
    if facts.volume_l is not None and not 10 <= facts.volume_l <= VOLUME_MOST_L:
        raise BadVehicle(N_("Een laadruimte houdt 10 tot 60000 liter."), fields=("volume_l",))
    if facts.max_stops is not None and not 2 <= facts.max_stops <= STOPS_MOST:
        raise BadVehicle(N_("Een rit heeft minstens 2 en hoogstens 200 stops."), fields=("max_stops",))


def _columns(facts: VehicleFacts, driver_id: int | None) -> dict[str, object]:
    return {
        "name": facts.name.strip()[:80],
        "vehicle": facts.vehicle,
        "payload_g": facts.payload_g,
        "fuel": facts.fuel,
        "euro": facts.euro if facts.fuel in BURNING else None,
        "driver_id": driver_id,
        "licence": facts.licence,
        "crates": facts.crates,
        "volume_l": facts.volume_l,
        "chilled_crates": facts.chilled_crates,
        "frozen_crates": facts.frozen_crates,
        "max_stops": facts.max_stops,
        **_side("start", facts.start),
        **_side("end", facts.end),
    }


def _side(name: str, base: Base | None) -> dict[str, object]:
    return {
        f"{name}_label": base.label[:200] if base else "",
        f"{name}_lat": base.point.lat if base else None,
        f"{name}_lon": base.point.lon if base else None,
    }


def _changed(session: Session, what: str, courier: Courier, now: datetime, by: Actor) -> None:
    """Write the change, and let routing see it."""
    session.flush()
    directory.touch(session)
    journal.record(session, what, by=by, now=now, enterprise_id=courier.enterprise_id, vehicle=courier.public_id)
