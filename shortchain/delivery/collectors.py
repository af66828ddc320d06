"""Which carriers fetch at a place, and what they carry from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shortchain.enterprises import service_areas
from shortchain.enterprises.fetch_tariffs import SERVICE, FetchTariff, carries
from shortchain.enterprises.models import Capability, Enterprise
from shortchain.kernel.geo import Point, distance_m
from shortchain.ordering.models import OrderLine
from shortchain.routing.requests import inside


@dataclass(frozen=True, slots=True)
class Ability:
    """How a carrier fetches: with which capability, how far away it is, what it carries, and its tariff (None: as who brings)."""

    enterprise_id: int
    public_id: str
    name: str
    municipality: str
    metres: int
    capability_id: int
    classes: frozenset[str]
    refuses: frozenset[str]
    tariff: FetchTariff | None = None

    def carries(self, lines: Iterable[OrderLine]) -> bool:
        """Say whether it takes the goods of these lines."""
        goods = [_Goods(line.storage_class, inside(line.allergens)) for line in lines]
        return carries(goods, classes=self.classes, refuses=self.refuses)


class _Goods(NamedTuple):
    """What fetching asks of a line."""

    storage_class: str
    allergens: tuple[str, ...]


def ability_of(session: Session, *, giver_id: int, collector_public_id: str) -> Ability | None:
    """Say how a carrier fetches at an enterprise; None when it does not, or not there."""
    query = _fetching().where(Enterprise.public_id == collector_public_id, Enterprise.id != giver_id)
    return next(iter(_in_reach(session, query, _place(session, giver_id))), None)


def abilities_at(session: Session, *, giver_id: int) -> list[Ability]:
    """List the carriers that fetch at an enterprise, the nearest first."""
    found = _in_reach(session, _fetching().where(Enterprise.id != giver_id), _place(session, giver_id))
    return sorted(found, key=lambda one: (one.metres, one.enterprise_id))


def fetches(session: Session, *, enterprise_id: int) -> bool:
    """Say whether an enterprise offers to fetch."""
    query = _fetching().with_only_columns(Capability.id).where(Enterprise.id == enterprise_id)
    return session.scalar(query) is not None


def _place(session: Session, giver_id: int) -> Point:
    return session.get_one(Enterprise, giver_id).point


def _fetching() -> Select[Capability, Enterprise]:
    return (
        select(Capability, Enterprise)
        .join(Enterprise, Enterprise.id == Capability.enterprise_id)
        .where(
            Capability.service == SERVICE,
            Capability.is_active,
            Enterprise.is_active,
            Enterprise.verified_at.is_not(None),
        )
        .order_by(Enterprise.id)
    )


def _in_reach(session: Session, query: Select[Capability, Enterprise], place: Point) -> list[Ability]:
    found = []
    for capability, who in session.execute(query):
        metres, area = distance_m(who.point, place), service_areas.read(capability.area)
        if area.holds(place) if area is not None else metres <= capability.radius_m:
            found.append(
                Ability(
                    who.id,
                    who.public_id,
                    who.name,
                    who.municipality,
                    metres,
                    capability.id,
                    frozenset(capability.storage_classes),
                    frozenset(capability.refused_allergens),
                    capability.tariff,
                )
            )
    return found
