"""Which providers the shop shows before there is an order: the nearest that can really do a step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.enterprises import near as by_distance
from shortchain.enterprises import service_areas
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.enterprises.service_areas import ServiceArea
from shortchain.kernel.geo import Point

FIRST_LOOK = 8
"""Among so many of the nearest there is nearly always one that comes this far."""

PLACES = by_distance.Columns(Enterprise.id, Enterprise.lat, Enterprise.lon)


@dataclass(frozen=True, slots=True)
class Nearby:
    """A provider with its place."""

    name: str
    municipality: str
    point: Point


def nearest_provider(session: Session, *, stage: str, near: Point) -> Nearby | None:
    """Find the nearest active enterprise that does a stage ('pack', 'deliver', …) within its own radius or area."""
    limit = FIRST_LOOK
    while True:
        found = by_distance.nearest(session, PLACES, near=near, limit=limit, where=_does(stage))
        reach = _reach(session, stage, [one.id for one in found])
        for one in found:
            if any(one.metres <= far if area is None else area.holds(near) for far, area in reach[one.id]):
                return _nearby(session, one.id)
        if len(found) < limit:
            return None
        limit *= 8


@cache
def _does(stage: str) -> tuple[ColumnElement[bool], ...]:
    """Write the condition that an enterprise does a stage; one object a stage, so that it is compiled once."""
    able = select(Capability.enterprise_id).where(Capability.service.in_(_services(stage)), Capability.is_active)
    return Enterprise.is_active.is_(True), Enterprise.id.in_(able)


def _services(stage: str) -> list[str]:
    return sorted(data.services_of(stage))


def _reach(session: Session, stage: str, enterprise_ids: list[int]) -> dict[int, list[tuple[int, ServiceArea | None]]]:
    """Read how far each of these enterprises goes for the stage, in metres, or the area that it chose."""
    rows = session.execute(
        select(Capability.enterprise_id, Capability.radius_m, Capability.area).where(
            Capability.enterprise_id.in_(enterprise_ids), Capability.service.in_(_services(stage)), Capability.is_active
        )
    )
    found: dict[int, list[tuple[int, ServiceArea | None]]] = {}
    for enterprise_id, radius_m, area in rows:
        found.setdefault(enterprise_id, []).append((radius_m, service_areas.read(area)))
    return found


def _nearby(session: Session, enterprise_id: int) -> Nearby:
    name, town, lat, lon = session.execute(
        select(Enterprise.name, Enterprise.municipality, Enterprise.lat, Enterprise.lon).where(
            Enterprise.id == enterprise_id
        )
    ).one()
    return Nearby(name, town, Point(lat, lon))
