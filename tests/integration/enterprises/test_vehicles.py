"""Vehicles and their rights decide whom routing sends into a zone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from shortchain.enterprises import drivers, vehicles
from shortchain.enterprises.drivers import BadDriver, DriverFacts
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import Enterprise
from shortchain.enterprises.vehicles import BadRight, BadVehicle, VehicleFacts
from shortchain.enterprises.zones import EVERYWHERE
from shortchain.journal import SYSTEM
from shortchain.kernel.errors import NotFound
from shortchain.routing import candidates
from shortchain.workflows import fleet
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.factories import enterprises
from tests.support.factories.fulfilment import THURSDAY, WEDNESDAY, courier

DIESEL_4 = VehicleFacts("Bestelwagen", "VAN_M", 900_000, "diesel", 4)


@pytest.fixture(autouse=True)
def _fresh(session: Session) -> None:
    candidates.forget()


@pytest.fixture
def carrier(session: Session) -> int:
    return enterprises.deliverer(session, name="De Rijder").id


def add(session: Session, carrier: int, facts: VehicleFacts = DIESEL_4) -> str:
    return fleet.add_vehicle(session, enterprise_id=carrier, facts=facts, now=NOW, by=SYSTEM)


def entry(session: Session) -> dict[date, tuple[int, ...]]:
    session.rollback()
    [found] = candidates.read_candidates(session, days=[WEDNESDAY, THURSDAY])
    return dict(found.entry)


def grant(session: Session, carrier: int, public_id: str, **values: object) -> None:
    given = {"zone": "GNT", "first_day": THURSDAY, "last_day": THURSDAY, "note": "dagpas"} | values
    fleet.grant_right(session, enterprise_id=carrier, public_id=public_id, now=NOW, by=SYSTEM, **given)  # type: ignore[arg-type]


def test_routing_sees_a_vehicle_a_right_and_their_end_at_once(session: Session, carrier: int) -> None:
    assert entry(session) == {}
    number = add(session, carrier)
    shut = entry(session)
    assert set(shut) == {WEDNESDAY, THURSDAY} and all(opened != (EVERYWHERE,) for opened in shut.values())
    for zone in ("GNT", "ANT", "BRU"):
        grant(session, carrier, number, zone=zone)
    assert entry(session) == {WEDNESDAY: shut[WEDNESDAY], THURSDAY: (EVERYWHERE,)}
    row = vehicles.get(session, enterprise_id=carrier, public_id=number)
    fleet.remove_right(session, enterprise_id=carrier, public_id=number, right_id=row.rights[0].id, now=NOW, by=SYSTEM)
    assert entry(session)[THURSDAY] != (EVERYWHERE,)
    other = add(session, carrier, VehicleFacts("Fiets", "BIKE_3W", 200_000, "none"))
    assert entry(session) == {}  # the bike may come everywhere
    for is_active in (False, True):
        fleet.set_vehicle_active(
            session, enterprise_id=carrier, public_id=other, is_active=is_active, now=NOW, by=SYSTEM
        )
        assert (entry(session) == {}) is is_active


def test_keeps_nobody_out_for_what_nobody_told(session: Session, carrier: int) -> None:
    assert carrier not in vehicles.engines(session)
    courier(session, session.get_one(Enterprise, carrier), vehicle="VAN_M", fuel="diesel")
    assert entry(session) == {}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (VehicleFacts(" ", "VAN_M", 900_000, "diesel", 5), "name"),
        (VehicleFacts("A", "TANK", 900_000, "diesel", 5), "vehicle"),
        (VehicleFacts("A", "VAN_M", 0, "diesel", 5), "payload_kg"),
        (VehicleFacts("A", "VAN_M", 900_000, "kolen", 5), "fuel"),
        (VehicleFacts("A", "BIKE_3W", 90_000, "diesel", 5), "fuel"),
        (VehicleFacts("A", "VAN_M", 900_000, "diesel", None), "euro"),
        (VehicleFacts("A", "VAN_M", 900_000, "diesel", 9), "euro"),
        (VehicleFacts("A", "VAN_M", 900_000, "diesel", 5, driver="niemand"), "driver"),
        (VehicleFacts("A", "VAN_M", 900_000, "diesel", 5, licence="Z"), "licence"),
        (VehicleFacts("A", "VAN_M", 900_000, "diesel", 5, volume_l=60_001), "volume_l"),
    ],
)
def test_refuses_what_cannot_be(session: Session, carrier: int, facts: VehicleFacts, field: str) -> None:
    with pytest.raises(BadVehicle) as refusal:
        add(session, carrier, facts)
    assert refusal.value.fields == (field,)
    assert not vehicles.list_of(session, enterprise_id=carrier)


def test_changes_what_it_was_opened_with_and_only_its_own(session: Session, carrier: int) -> None:
    number = add(session, carrier)
    version = vehicles.get(session, enterprise_id=carrier, public_id=number).version
    electric = VehicleFacts("Bestelwagen", "EVAN_S", 600_000, "electric", 4)
    values = {"public_id": number, "facts": electric, "now": NOW, "by": SYSTEM}
    fleet.change_vehicle(session, enterprise_id=carrier, version=version, **values)
    assert vehicles.get(session, enterprise_id=carrier, public_id=number).euro is None  # it burns nothing
    with pytest.raises(StaleEdit):
        fleet.change_vehicle(session, enterprise_id=carrier, version=version, **values)
    other = enterprises.deliverer(session, name="Een ander").id
    with pytest.raises(NotFound):
        fleet.change_vehicle(session, enterprise_id=other, version=version + 1, **values)
    with pytest.raises(NotFound):
        grant(session, other, number)


@pytest.mark.parametrize(
    "wrong", [{"zone": "PARIJS"}, {"last_day": WEDNESDAY}, {"last_day": THURSDAY + timedelta(days=9_999)}]
)
def test_refuses_rights_that_cannot_be(session: Session, carrier: int, wrong: dict[str, object]) -> None:
    number = add(session, carrier)
    with pytest.raises(BadRight):
        grant(session, carrier, number, **wrong)


def test_forgets_rights_that_are_long_over(session: Session, carrier: int) -> None:
    number = add(session, carrier)
    grant(session, carrier, number)
    assert vehicles.forget_old(session, today=THURSDAY + vehicles.KEPT) == 0
    assert vehicles.forget_old(session, today=THURSDAY + vehicles.KEPT + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (DriverFacts(" ", "B"), "name"),
        (DriverFacts("Samira", "Z"), "licence"),
        (DriverFacts("Samira", "B", 100_001), "lift_kg"),
        (DriverFacts("Samira", "B", user_id=999), "account"),
    ],
)
def test_refuses_drivers_that_cannot_be(session: Session, carrier: int, facts: DriverFacts, field: str) -> None:
    with pytest.raises(BadDriver) as refusal:
        fleet.add_driver(session, enterprise_id=carrier, facts=facts, now=NOW, by=SYSTEM)
    assert refusal.value.fields == (field,)


def test_changes_a_driver_as_it_was_opened_and_only_its_own(session: Session, carrier: int) -> None:
    number = fleet.add_driver(session, enterprise_id=carrier, facts=DriverFacts("Samira", "B"), now=NOW, by=SYSTEM)
    values = {"public_id": number, "facts": DriverFacts("Samira", "C", 20_000), "now": NOW, "by": SYSTEM}
    fleet.change_driver(session, enterprise_id=carrier, version=1, **values)
    assert drivers.get(session, enterprise_id=carrier, public_id=number).lift_g == 20_000
    with pytest.raises(StaleEdit):
        fleet.change_driver(session, enterprise_id=carrier, version=1, **values)
    session.rollback()
    with pytest.raises(NotFound):
        fleet.change_driver(session, enterprise_id=enterprises.deliverer(session).id, version=2, **values)
    with pytest.raises(NotFound):
        drivers.get(session, enterprise_id=enterprises.deliverer(session).id, public_id=number)
