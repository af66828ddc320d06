"""What a coordinator sees of coverage: each need around the hub with its gaps. Reads only, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.catalogue.models import Product
from shortchain.enterprises import drawn_zones, service_areas, vehicles
from shortchain.enterprises import near as by_distance
from shortchain.enterprises.models import Capability, Certificate, Enterprise
from shortchain.enterprises.shop_window import PLACES
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Distance
from shortchain.kernel.window import local_day
from shortchain.routing import failures, gaps
from shortchain.routing.gaps import Ability, Cover, Failure, Need, Neighbour, Spot
from shortchain.routing.plans import DELIVER, DELIVER_SERVICES, PACK, PACK_SERVICE, PROCESS

AREA_M = 25_000
"""Postcodes so far from the hub are its area; failures further away are counted all the same."""
NEIGHBOURS_M = 60_000
LOOK_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every need of a hub's area, the worst first, and what failed since `since`."""

    since: date
    hub: Spot
    covers: tuple[Cover, ...]
    failures: tuple[Failure, ...]

    def find(self, key: str, classes: str) -> Cover | None:
        """Find the need of a stage and its classes, as `classes_key` writes them."""
        return next((one for one in self.covers if one.need.key == key and classes_key(one.need) == classes), None)


def classes_key(need: Need) -> str:
    """Write the classes of a need for an address."""
    return ",".join(sorted(need.classes))


def of_hub(session: Session, *, hub_id: int, distance: Distance, now: datetime) -> Coverage:
    """Look at every step that the shop's products need, for each temperature class, around a hub."""
    hub = session.get_one(Enterprise, hub_id)
    counted = failures.since(session, hub_id=hub_id, after=now - LOOK_BACK)
    around = _neighbours(session, near=hub.point, day=local_day(now))
    needs = _needs(session, hub.point, counted, around, distance)
    covers = [gaps.cover(need, around, counted, distance=distance) for need in needs]
    covers.sort(key=lambda one: (-one.orders, -one.quotes, -len(one.missing), one.need.key, classes_key(one.need)))
    here = Spot(hub.postcode, hub.municipality, hub.point)
    return Coverage(local_day(now - LOOK_BACK), here, tuple(covers), tuple(counted))


def _needs(
    session: Session,
    hub: Point,
    counted: Sequence[Failure],
    around: Sequence[Neighbour],
    distance: Distance,
) -> list[Need]:
    """List the needs: of what farms in the area sell, and of whatever failed.

    Farm goods must reach a processor; packers and deliverers must reach the customer.
    """
    farms = {one.id: one for one in around if distance(hub, one.point) <= AREA_M}
    rows = session.execute(
        select(Product.storage_class, Product.process_service, Product.farm_id)
        .where(Product.is_active, Product.farm_id.in_(farms))
        .distinct()
    ).all()
    process: dict[tuple[str, frozenset[str]], dict[int, Spot]] = {}
    for row in rows:
        if row.process_service:
            farm = farms[row.farm_id]
            key = (f"{PROCESS}:{row.process_service}", frozenset({row.storage_class}))
            process.setdefault(key, {})[farm.id] = Spot(farm.postcode, farm.name, farm.point)
    carried = {(stage, frozenset({row.storage_class})) for stage in (PACK, DELIVER) for row in rows}
    carried |= {(one.stage, one.classes) for one in counted if one.stage in (PACK, DELIVER)}
    for one in counted:
        if one.stage.startswith(f"{PROCESS}:"):
            process.setdefault((one.stage, one.classes), {})
    area = _area(hub, {one.postcode for one in counted}, distance)
    found = {key: tuple(spots.values()) for key, spots in process.items()} | dict.fromkeys(carried, area)
    return [Need(stage, _services(stage), classes, spots) for (stage, classes), spots in found.items()]


def _services(stage: str) -> frozenset[str]:
    if stage == DELIVER:
        return DELIVER_SERVICES
    return frozenset({PACK_SERVICE if stage == PACK else stage.partition(":")[2]})


def _area(hub: Point, also: Iterable[str], distance: Distance) -> tuple[Spot, ...]:
    """List the postcodes around the hub, and those where something failed, the nearest first."""
    wanted = set(also)
    measured = [
        (distance(hub, Point(one.lat, one.lon)), Spot(one.code, one.place, Point(one.lat, one.lon)))
        for one in data.postcodes().values()
    ]
    near = [pair for pair in measured if pair[0] <= AREA_M or pair[1].postcode in wanted]
    return tuple(spot for _metres, spot in sorted(near, key=lambda pair: (pair[0], pair[1].postcode)))


def _neighbours(session: Session, *, near: Point, day: date) -> list[Neighbour]:
    """Read the active enterprises around a point with what they can do: six queries."""
    ids = [
        found.id
        for found in by_distance.within(
            session, PLACES, near=near, radius_m=NEIGHBOURS_M, where=(Enterprise.is_active.is_(True),)
        )
    ]
    organic = set(
        session.scalars(
            select(Certificate.enterprise_id).where(
                Certificate.kind == "organic",
                Certificate.valid_from <= day,
                Certificate.valid_to >= day,
                Certificate.enterprise_id.in_(ids),
            )
        )
    )
    known = drawn_zones.known(session)
    opened = {
        owner: tuple(sorted({known.open_to(engine, day) for engine in engines}))
        for owner, engines in vehicles.engines(session, enterprise_ids=ids).items()
    }
    abilities: dict[int, list[Ability]] = {}
    for row in session.scalars(
        select(Capability).where(Capability.is_active, Capability.enterprise_id.in_(ids)).order_by(Capability.id)
    ):
        abilities.setdefault(row.enterprise_id, []).append(
            Ability(
                row.service,
                row.radius_m,
                frozenset(row.storage_classes),
                row.price_form.value,
                any(int(amount) for amount in row.weekday_capacity),
                opened.get(row.enterprise_id, ()) if row.service in DELIVER_SERVICES else (),
                service_areas.read(row.area),
                known,
                row.handles_apart,
            )
        )
    return [
        Neighbour(
            row.id,
            row.public_id,
            row.name,
            row.kind.value,
            row.postcode,
            row.municipality,
            row.point,
            row.verified_at is not None,
            not row.is_grower or row.id in abilities,
            row.id in organic,
            tuple(abilities.get(row.id, ())),
            row.email,
            row.phone,
        )
        for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id))
    ]
