"""Which providers are near, what they can do and what they have free on a day. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shortchain import data
from shortchain.capacity import ledger
from shortchain.enterprises import near as by_distance
from shortchain.enterprises import weeks
from shortchain.enterprises.fetch_tariffs import FetchTariff
from shortchain.enterprises.models import Capability, Closure, Enterprise
from shortchain.enterprises.shop_window import PLACES
from shortchain.kernel.geo import Point


@dataclass(frozen=True, slots=True)
class Ability:
    """One service on its terms: cents with VAT per `price_form`, `radius_m` from the provider's place.

    `free` is what is left on the asked day, in the capacity unit of the service; None without a day. `tariff` is that of
    who fetches at farms; None: it is paid as who brings.
    """

    service: str
    storage_classes: tuple[str, ...]
    radius_m: int
    price_form: str
    price_cents: int
    minimum_cents: int
    lead_days: int
    free: int | None
    tariff: FetchTariff | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """An enterprise that works for others, with how far it is from the asked point."""

    public_id: str
    name: str
    kind: str
    municipality: str
    metres: int
    abilities: tuple[Ability, ...]


def providers_near(
    session: Session, *, near: Point, radius_m: int, service: str | None, day: date | None, limit: int
) -> tuple[list[Provider], bool]:
    """List the verified providers around a point, the nearest first, and say whether there are more.

    Six queries at most, however many there are.
    """
    found = by_distance.within(session, PLACES, near=near, radius_m=radius_m, where=_able(service))
    shown = found[:limit]
    ids = [one.id for one in shown]
    who = {row.id: row for row in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}
    abilities = _abilities(session, ids, service, day)
    return [
        Provider(
            who[one.id].public_id,
            who[one.id].name,
            who[one.id].kind.value,
            who[one.id].municipality,
            one.metres,
            tuple(abilities[one.id]),
        )
        for one in shown
    ], len(found) > limit


def _offered(service: str | None) -> tuple[ColumnElement[bool], ...]:
    wanted = [service] if service else sorted(data.services())
    return Capability.is_active.is_(True), Capability.service.in_(wanted)


def _able(service: str | None) -> tuple[ColumnElement[bool], ...]:
    able = select(Capability.enterprise_id).where(*_offered(service))
    return Enterprise.is_active.is_(True), Enterprise.verified_at.is_not(None), Enterprise.id.in_(able)


def _abilities(session: Session, ids: Sequence[int], service: str | None, day: date | None) -> dict[int, list[Ability]]:
    rows = session.scalars(
        select(Capability).where(Capability.enterprise_id.in_(ids), *_offered(service)).order_by(Capability.id)
    ).all()
    free = _free(session, rows, day) if day is not None else {}
    made: dict[int, list[Ability]] = {number: [] for number in ids}
    for row in rows:
        made[row.enterprise_id].append(
            Ability(
                row.service,
                tuple(row.storage_classes),
                row.radius_m,
                row.price_form.value,
                row.price_cents,
                row.minimum_cents,
                row.lead_days,
                free.get(row.id),
                row.tariff,
            )
        )
    return made


def _free(session: Session, rows: Sequence[Capability], day: date) -> dict[int, int]:
    """Say what is left of each capability: of its bucket when there is one, else of its calendar."""
    closed = set(
        session.scalars(
            select(Closure.enterprise_id).where(
                Closure.enterprise_id.in_({row.enterprise_id for row in rows}),
                Closure.first_day <= day,
                Closure.last_day >= day,
            )
        )
    )
    promised = ledger.taken(session, first=day, last=day, capability_ids=[row.id for row in rows])
    planned = weeks.planned(session, capability_ids=[row.id for row in rows], first=day, last=day)
    left = {}
    for row in rows:
        calendar = int(row.weekday_capacity[day.weekday()]) if row.weekday_capacity else 0
        cap, taken = promised.get((row.id, day), (planned.get((row.id, day), calendar), 0))
        left[row.id] = 0 if row.enterprise_id in closed else max(0, cap - taken)
    return left
