"""Reads the database into the plain values that the planner decides on.

What changes rarely (who can do what, where, at which price) is read once per process and version of
the directory; what changes with every order (free capacity) is read fresh each time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import URL, Select, bindparam, func, select
from sqlalchemy.orm import Session

from shortchain.capacity import ledger
from shortchain.capacity.models import CapacityBucket
from shortchain.data import services
from shortchain.enterprises import drawn_zones, fetching, recognitions, service_areas, vehicles, weeks
from shortchain.enterprises.fetch_tariffs import Fetch
from shortchain.enterprises.models import (
    Capability,
    Certificate,
    Closure,
    DirectoryVersion,
    Enterprise,
)
from shortchain.enterprises.zones import EVERYWHERE, Engine, Zones
from shortchain.kernel.geo import Point
from shortchain.kernel.halves import AFTERNOON, HALVES, MORNING
from shortchain.routing import bids, stop_costs
from shortchain.routing.bids import Bids
from shortchain.routing.columns import Columns
from shortchain.routing.plans import DELIVER, STAGES, Candidate

KEPT_DAYS = 60
"""How many sets of days a version keeps: some ten windows of a few cycles."""
_VERSION = select(func.coalesce(func.max(DirectoryVersion.number), 0).label("number")).where(
    DirectoryVersion.name == "routing"
)
_ORGANIC = select(Certificate.enterprise_id, Certificate.valid_from, Certificate.valid_to).where(
    Certificate.kind == "organic"
)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A candidate without its free capacity, with the calendar to compute it from."""

    candidate: Candidate
    weekday_capacity: tuple[int, ...]
    closures: tuple[tuple[date, date], ...]
    planned: Mapping[date, tuple[int, int]]
    engines: tuple[Engine, ...]
    zones: Zones

    def on(self, day: date) -> int | None:
        """Say what the calendar offers on a day; None when there is no work."""
        if any(first <= day <= last for first, last in self.closures):
            return None
        usual = self.weekday_capacity[day.weekday()] if self.weekday_capacity else 0
        return (sum(self.planned[day]) if day in self.planned else usual) or None

    def on_days(self, days: Sequence[date], bids: Bids) -> Candidate:
        """Give the candidate with what the calendar offers and what the last batch run says it is worth."""
        free = {day: offered for day in days if (offered := self.on(day)) is not None}
        number = self.candidate.capability_id
        worth = {day: price for day in free if (price := bids.of(number, day))} if bids else {}
        halves = {day: self.planned[day] for day in free if day in self.planned}
        more = {day: pair for day in halves if any(pair := bids.of_halves(number, day))} if bids else {}
        entry = _entry(self.engines, days, self.zones)
        return replace(self.candidate, free=free, bids=worth, half_bids=more, entry=entry, halves=halves)


class _Version:
    """The calendars of one version of the directory, and the candidates that follow from them per days."""

    def __init__(
        self, number: int, calendars: Sequence[_Calendar], bids: Bids, zones: Zones, fetches: Mapping[int, Fetch]
    ) -> None:
        self.number = number
        self.zones, self.fetches = zones, fetches
        self._calendars = calendars
        self._bids = bids
        self._unbooked: dict[tuple[date, ...], Columns] = {}

    def candidates(
        self,
        days: Sequence[date],
        promised: Mapping[tuple[int, date], tuple[int, int]],
        halves: Mapping[tuple[int, date], tuple[int, int]],
    ) -> Columns:
        """Give every candidate with what is free on the days."""
        return self._without_promises(tuple(sorted(days))).with_promised(promised, halves)

    def _without_promises(self, days: tuple[date, ...]) -> Columns:
        known = self._unbooked.get(days)
        if known is None:
            if len(self._unbooked) >= KEPT_DAYS:
                self._unbooked.clear()
            made = [calendar.on_days(days, self._bids) for calendar in self._calendars]
            version = f"{self.number} {self._bids.run}".strip()
            known = Columns(
                made, days, version=version, bids_from=self._bids.run, zones=self.zones, fetches=self.fetches
            )
            self._unbooked[days] = known
        return known


class _Snapshot:
    """The newest version of each database's directory, kept by the process that read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[URL, _Version] = {}

    def get(self, session: Session, number: int) -> _Version:
        """Give the directory in its version of now, read anew when it has changed since."""
        where = session.get_bind().engine.url
        with self._lock:
            kept = self._kept.get(where)
        if kept is not None and kept.number == number:
            return kept
        zones = drawn_zones.known(session)
        version = _Version(number, tuple(_read(session, zones)), bids.read(session), zones, fetching.agreed(session))
        with self._lock:
            self._kept[where] = version
        return version

    def forget(self) -> None:
        """Read everything anew next time."""
        with self._lock:
            self._kept.clear()


_snapshot = _Snapshot()


def forget() -> None:
    """Drop what this process remembers, after a database was restored or replaced under it."""
    _snapshot.forget()


def directory_version(session: Session) -> int:
    """Read the counter that rises with every change that routing must see."""
    return session.execute(_VERSION).scalar_one()


def zones_and_fetches(session: Session) -> tuple[Zones, Mapping[int, Fetch]]:
    """Give the zones that count now, and who fetches at whom for a tariff of its own."""
    known = _snapshot.get(session, directory_version(session))
    return known.zones, known.fetches


_NUMBER = _VERSION.subquery()
_NOW = select(_NUMBER.c.number, *ledger.TAKEN, *ledger.HALF_DAYS).join_from(
    _NUMBER,
    CapacityBucket,
    CapacityBucket.day.between(bindparam("first"), bindparam("last")),
    isouter=True,
)
"""The version of the directory and what is promised, in one look: both change while orders come in."""


def read_candidates(
    session: Session, *, days: Sequence[date], freed: Mapping[tuple[int, date, str], int] | None = None
) -> Columns:
    """List every active capability of the three stages with its free capacity on `days`.

    `freed` is what is promised on a day and yet counts as free, since whoever asks may give it away; by the half day
    that it is tied to, '' for none.
    """
    rows = session.execute(_NOW, {"first": min(days), "last": max(days)}).all()
    promised = {(row[1], row[2]): (row[3], row[4]) for row in rows if row[1] is not None}
    given = freed or {}
    if given:
        promised = {
            place: (cap, max(0, used - sum(given.get((*place, half), 0) for half in ("", *HALVES))))
            for place, (cap, used) in promised.items()
        }
    halves = {
        (row[1], row[2]): (
            max(0, row[5] - row[6] + given.get((row[1], row[2], MORNING), 0)),
            max(0, row[7] - row[8] + given.get((row[1], row[2], AFTERNOON), 0)),
        )
        for row in rows
        if row[5] is not None
    }
    return _snapshot.get(session, rows[0][0]).candidates(days, promised, halves)


def _read(session: Session, zones: Zones) -> list[_Calendar]:
    """Read capabilities, certificates, closures, recognitions, planned weeks and vehicles in seven queries."""
    stages = {service.code: service.stage for service in services().values() if service.stage in STAGES}
    certificates = _spans(session, _ORGANIC)
    recognised = recognitions.spans(session)
    closures = _spans(session, select(Closure.enterprise_id, Closure.first_day, Closure.last_day))
    shares = stop_costs.shares(session)
    planned: dict[int, dict[date, tuple[int, int]]] = {}
    for (number, day), pair in weeks.planned_halves(session).items():
        planned.setdefault(number, {})[day] = pair
    engines = vehicles.engines(session)
    rows = session.execute(
        select(
            Capability.id,
            Capability.enterprise_id,
            Enterprise.name,
            Capability.service,
            Enterprise.lat,
            Enterprise.lon,
            Capability.radius_m,
            Capability.price_form,
            Capability.price_cents,
            Capability.minimum_cents,
            Capability.pickup_price_cents,
            Capability.lead_days,
            Capability.storage_classes,
            Capability.weekday_capacity,
            Capability.area,
            Capability.refused_allergens,
            Capability.handles_apart,
        )
        .join(Enterprise, Enterprise.id == Capability.enterprise_id)
        .where(
            Capability.is_active,
            Enterprise.is_active,
            Enterprise.verified_at.is_not(None),
            Capability.service.in_(stages),
        )
        .order_by(Capability.id)
    )
    return [
        _Calendar(
            replace(
                _candidate(
                    row,
                    stages[row.service],
                    certificates.get(row.enterprise_id, []),
                    recognised.get(row.enterprise_id, ()),
                ),
                trip_share_pct=shares.get(row.enterprise_id, 100),
            ),
            tuple(int(amount) for amount in row.weekday_capacity),
            tuple(closures.get(row.enterprise_id, ())),
            planned.get(row.id, {}),
            tuple(engines.get(row.enterprise_id, ())) if stages[row.service] == DELIVER else (),
            zones,
        )
        for row in rows
    ]


def _candidate(
    row: Any, stage: str, organic: Sequence[tuple[date, date]], recognised: tuple[tuple[date, date], ...]
) -> Candidate:
    return Candidate(
        capability_id=row.id,
        enterprise_id=row.enterprise_id,
        name=row.name,
        service=row.service,
        stage=stage,
        point=Point(row.lat, row.lon),
        radius_m=row.radius_m,
        price_form=row.price_form.value,
        price_cents=row.price_cents,
        minimum_cents=row.minimum_cents,
        pickup_price_cents=row.pickup_price_cents,
        recognised=recognised,
        lead_days=row.lead_days,
        storage_classes=frozenset(row.storage_classes),
        organic=tuple(sorted(organic)),
        area=service_areas.read(row.area),
        refuses=frozenset(row.refused_allergens),
        handles_apart=row.handles_apart,
    )


def _entry(engines: Sequence[Engine], days: Sequence[date], zones: Zones) -> dict[date, tuple[int, ...]]:
    """Say per day which zones each vehicle may enter; nothing when each day one may enter them all."""
    found = {day: tuple(sorted({zones.open_to(engine, day) for engine in engines})) for day in days if engines}
    return {} if all(EVERYWHERE in opened for opened in found.values()) else found


def _spans(session: Session, query: Select[int, date, date]) -> dict[int, list[tuple[date, date]]]:
    """Read spans of days per enterprise."""
    found: dict[int, list[tuple[date, date]]] = {}
    for owner, first, last in session.execute(query):
        found.setdefault(owner, []).append((first, last))
    return found


def work_days(delivery_day: date, first_day: date, *, back: int = 2) -> list[date]:
    """List the days on which work for a delivery may fall."""
    return [day for day in (delivery_day - timedelta(days=n) for n in range(back + 1)) if day >= first_day] or [
        delivery_day
    ]
