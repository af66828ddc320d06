"""Which providers the shop shows before there is an order: the nearest that can really do a step."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.kernel.geo import Point, distance_m


@dataclass(frozen=True, slots=True)
class Nearby:
    """A provider with its place."""

    name: str
    municipality: str
    point: Point


def nearest_provider(session: Session, *, stage: str, near: Point) -> Nearby | None:
    """Find the nearest active enterprise that does a stage ('pack', 'deliver', …) within its own radius."""
    rows = session.execute(
        select(Enterprise.name, Enterprise.municipality, Enterprise.lat, Enterprise.lon, Capability.radius_m)
        .join(Capability, Capability.enterprise_id == Enterprise.id)
        .where(Capability.service.in_(sorted(data.services_of(stage))), Capability.is_active, Enterprise.is_active)
    )
    found = [
        (away, name, town, point)
        for name, town, lat, lon, radius in rows
        if (away := distance_m(near, point := Point(lat, lon))) <= radius
    ]
    if not found:
        return None
    _away, name, town, point = min(found, key=lambda one: one[:2])
    return Nearby(name, town, point)
