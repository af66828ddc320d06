"""Pedestrian zones that a hub draws: no open source tells their outlines and hours, and a carrier is fined all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain import journal
from shortchain.data.shapes import Text
from shortchain.data.zones import PEDESTRIAN, Zone, zones
from shortchain.enterprises import directory, service_areas
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.models import DrawnZone
from shortchain.enterprises.zones import FUELS, NONE, Zones, reference
from shortchain.journal import Actor
from shortchain.kernel import areas
from shortchain.kernel.areas import BadArea
from shortchain.kernel.errors import N_, Invalid, NotFound

MOST = 40
"""So many may count at once, over all hubs: a set of zones is one number of 63 bits."""
LARGEST_DEGREES = 0.1
"""About eleven kilometres: a pedestrian zone that is wider or higher is a mistake."""
MOTORS = tuple(fuel for fuel in FUELS if fuel != NONE)


class BadZone(Invalid):
    """Something about a zone cannot be right; the message says what."""


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """What a coordinator tells of a zone. `shut` None is all day; `open_fuels` are engines that may come all the same."""

    name: str
    outline: str
    weekdays: frozenset[int]
    shut: tuple[time, time] | None
    open_fuels: frozenset[str]
    source: str


def draw(session: Session, *, hub_id: int, facts: ZoneFacts, now: datetime, by: Actor) -> DrawnZone:
    """Add a zone that counts from now on.

    :raises BadZone: when something about it cannot be right
    """
    row = DrawnZone(hub_id=hub_id, **_columns(facts))
    _refuse_too_many(session)
    session.add(row)
    _changed(session, "zone.drawn", row, now, by)
    return row


def change(
    session: Session, *, hub_id: int, public_id: str, version: int, facts: ZoneFacts, now: datetime, by: Actor
) -> None:
    """Change what is known of a zone. `version` is that of the form that was opened.

    :raises NotFound: when it is not this hub's
    :raises StaleEdit: when somebody saved in between
    :raises BadZone: when something about it cannot be right
    """
    columns = _columns(facts)
    row = get(session, hub_id=hub_id, public_id=public_id)
    if row.version != version:
        raise StaleEdit
    for column, value in columns.items():
        setattr(row, column, value)
    _changed(session, "zone.changed", row, now, by)


def set_active(
    session: Session, *, hub_id: int, public_id: str, is_active: bool, now: datetime, by: Actor
) -> DrawnZone:
    """Count a zone no longer, or again; tours that were released stay as they are.

    :raises NotFound: when it is not this hub's
    :raises BadZone: when too many zones count already
    """
    row = get(session, hub_id=hub_id, public_id=public_id)
    if row.is_active == is_active:
        return row
    if is_active:
        _refuse_too_many(session)
    row.is_active = is_active
    _changed(session, "zone.resumed" if is_active else "zone.stopped", row, now, by)
    return row


def get(session: Session, *, hub_id: int, public_id: str) -> DrawnZone:
    """Give a zone of a hub.

    :raises NotFound: when there is none such
    """
    found = session.scalar(select(DrawnZone).where(DrawnZone.hub_id == hub_id, DrawnZone.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def list_of(session: Session, *, hub_id: int) -> Sequence[DrawnZone]:
    """List the zones of a hub, those that count first."""
    query = select(DrawnZone).where(DrawnZone.hub_id == hub_id)
    return session.scalars(query.order_by(DrawnZone.is_active.desc(), DrawnZone.name, DrawnZone.id)).all()


def known(session: Session, *, also_stopped: bool = False) -> Zones:
    """Give every zone that counts: those of the reference data, then the drawn ones of all hubs in the order of their ids."""
    query = select(DrawnZone).order_by(DrawnZone.id)
    rows = session.scalars(query if also_stopped else query.where(DrawnZone.is_active)).all()
    return Zones({**zones(), **{row.code: _zone(row) for row in rows}}) if rows else reference()


def _zone(row: DrawnZone) -> Zone:
    return Zone(
        row.code,
        PEDESTRIAN,
        Text(row.name, row.name, row.name),
        areas.from_geojson(row.outline),
        (),
        shut=None if row.shut_from is None or row.shut_until is None else (row.shut_from, row.shut_until),
        weekdays=frozenset(row.weekdays),
        open_fuels=frozenset(row.open_fuels),
    )


def _columns(facts: ZoneFacts) -> dict[str, Any]:
    """Refuse what cannot be right, and give the columns."""
    if not facts.name.strip():
        raise BadZone(N_("Geef de zone een naam."), fields=("name",))
    if not facts.weekdays <= frozenset(range(7)) or not facts.weekdays:
        raise BadZone(N_("Kies minstens één dag."), fields=("weekdays",))
    if facts.shut is not None and facts.shut[0] >= facts.shut[1]:
        raise BadZone(
            N_("Het einduur ligt na het beginuur. Voor een nacht maak je twee zones."), fields=("shut_until",)
        )
    if not facts.open_fuels <= frozenset(MOTORS):
        raise BadZone(N_("Kies de voertuigen uit de lijst."), fields=("open_fuels",))
    if not facts.source.strip():
        raise BadZone(N_("Zeg waar dit staat: een reglement, een bord, een pagina van de stad."), fields=("source",))
    return {
        "name": facts.name.strip()[:80],
        "outline": outline_of(facts.outline),
        "weekdays": sorted(facts.weekdays),
        "shut_from": facts.shut[0] if facts.shut else None,
        "shut_until": facts.shut[1] if facts.shut else None,
        "open_fuels": sorted(facts.open_fuels),
        "source": facts.source.strip()[:200],
    }


def outline_of(text: str) -> dict[str, Any]:
    """Read an outline: GeoJSON, or a corner on each line as a map shows it, latitude before longitude.

    :raises BadArea: when it is neither, or larger than a pedestrian zone can be
    """
    written = text.strip()
    if not written:
        raise BadArea(N_("Teken de omtrek, of geef haar hoekpunten."), fields=("outline",))
    if not written.startswith(("{", "[")):
        corners = [_corner(number, line) for number, line in enumerate(written.splitlines(), 1) if line.strip()]
        if len(set(corners)) < 3:
            raise BadArea(N_("Een omtrek heeft minstens drie hoekpunten."), fields=("outline",))
        ring = [[lon, lat] for lat, lon in (*corners, corners[0])]
        outline: dict[str, Any] = {"type": "MultiPolygon", "coordinates": [[ring]]}
    else:
        outline = service_areas.of_geojson(written)["outline"]
    box = areas.from_geojson(outline).box
    if max(box.north - box.south, box.east - box.west) > LARGEST_DEGREES:
        raise BadArea(
            N_("Deze zone is meer dan tien kilometer lang of breed. Kijk de hoekpunten na."), fields=("outline",)
        )
    return outline


def _corner(number: int, line: str) -> tuple[float, float]:
    parts = line.replace(";", " ").replace(",", " ").split()
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError as error:
        raise BadArea(
            N_("Regel %(number)d is geen hoekpunt. Schrijf breedte en lengte, bijvoorbeeld 51.0543, 3.7224."),
            fields=("outline",),
            number=number,
        ) from error
    if not (49 <= lat <= 52 and 2 <= lon <= 7):
        raise BadArea(
            N_("Regel %(number)d ligt niet in België. Schrijf de breedte (rond 51) voor de lengte (rond 4)."),
            fields=("outline",),
            number=number,
        )
    return round(lat, 6), round(lon, 6)


def _refuse_too_many(session: Session) -> None:
    directory.touch(session)  # first of all: two that draw at once wait for each other here, and are counted one by one
    if len(session.scalars(select(DrawnZone.id).where(DrawnZone.is_active)).all()) >= MOST:
        raise BadZone(N_("Er tellen al %(most)d zones. Haal er eerst een weg."), most=MOST)


def _changed(session: Session, what: str, row: DrawnZone, now: datetime, by: Actor) -> None:
    """Write the change, and let routing see it."""
    session.flush()
    directory.touch(session)
    journal.record(session, what, by=by, now=now, enterprise_id=row.hub_id, zone=row.public_id, name=row.name)
