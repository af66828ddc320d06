"""`/hub/zones`: pedestrian zones, drawn by the hub, in which not every vehicle may come."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.enterprise.frame import fuel_words, version_seen, weekday_words
from shortchain.blueprints.outlines import sent_outline
from shortchain.data.zones import zones
from shortchain.enterprises import drawn_zones, founding
from shortchain.enterprises.drawn_zones import MOTORS, BadZone, ZoneFacts
from shortchain.kernel import areas
from shortchain.kernel.errors import N_, DomainError
from shortchain.kernel.geo import Point, distance_m
from shortchain.workflows import zones as deeds

bp = Blueprint("hub_zones", __name__, url_prefix="/hub/zones")

Answer = Response | tuple[str, int]
NEW = {"name": "", "outline": "", "weekdays": [0, 1, 2, 3, 4, 5, 6], "shut_from": "", "shut_until": "",
       "open_fuels": [], "source": "", "version": 0}  # fmt: skip
NEAR_M = 60_000
"""Low-emission zones no further from the hub than this are on its map."""


@bp.route("", methods=["GET", "POST"])
def show() -> Answer:
    """Show the zones on a map, and a form for another."""
    if request.method == "GET":
        return _page(None, NEW, [])
    try:
        deeds.draw(context.session(), facts=_facts(), **_doer())
    except DomainError as error:
        return _page(None, _typed(), _said(error))
    flash(_("De zone telt mee: voor nieuwe bestellingen, en voor ritten die nog gepland worden."), "good")
    return redirect(url_for("hub_zones.show"), 303)


@bp.route("/<public_id>", methods=["GET", "POST"])
def zone(public_id: str) -> Answer:
    """Show one zone on the map, and change it."""
    row = drawn_zones.get(context.session(), hub_id=context.seat().enterprise_id, public_id=public_id)
    if request.method == "GET":
        return _page(row, _kept(row), [])
    try:
        version = version_seen(request.form.get("version"))
        deeds.change(context.session(), public_id=public_id, version=version, facts=_facts(), **_doer())
    except DomainError as error:
        return _page(row, _typed(), _said(error))
    flash(_("Bewaard. De zone telt vanaf nu zo mee."), "good")
    return redirect(url_for("hub_zones.show"), 303)


@bp.post("/<public_id>/telt")
def set_active(public_id: str) -> Response:
    """Count a zone no longer, or again."""
    counts = request.form.get("telt") == "1"
    try:
        name = deeds.set_active(context.session(), public_id=public_id, is_active=counts, **_doer())
    except BadZone as error:
        flash(errors.sentence(error), "warning")
    else:
        said = _("%(name)s telt weer mee.", name=name) if counts else _("%(name)s telt niet meer mee.", name=name)
        flash(said, "good")
    return redirect(url_for("hub_zones.show"), 303)


def _doer() -> dict[str, Any]:
    return {"hub_id": context.seat().enterprise_id, "now": context.now(), "by": context.actor()}


def _facts() -> ZoneFacts:
    """Read the form.

    :raises BadZone, BadArea: when the hours are none, or the file is no text
    """
    form = request.form
    return ZoneFacts(
        name=form.get("name", ""),
        outline=sent_outline(),
        weekdays=frozenset(int(day) for day in form.getlist("weekdays") if day.isdecimal()),
        shut=_hours(form.get("shut_from", ""), form.get("shut_until", "")),
        open_fuels=frozenset(form.getlist("open_fuels")),
        source=form.get("source", ""),
    )


def _hours(first: str, last: str) -> tuple[time, time] | None:
    """Read from when until when a zone is closed; both empty is all day."""
    if not first.strip() and not last.strip():
        return None
    found = []
    for field, text in (("shut_from", first), ("shut_until", last)):
        try:
            found.append(time.fromisoformat(text.strip()))
        except ValueError as error:
            raise BadZone(N_("Vul allebei de uren in, of geen van beide voor de hele dag."), fields=(field,)) from error
    return found[0], found[1]


def _said(error: DomainError) -> list[tuple[str, str]]:
    field = error.fields[0] if error.fields else ""
    return [(f"f-{field}" if field else "", errors.sentence(error))]


def _typed() -> dict[str, Any]:
    form = request.form
    kept = {name: form.get(name, "") for name in ("name", "outline", "shut_from", "shut_until", "source", "version")}
    days = [int(day) for day in form.getlist("weekdays") if day.isdecimal()]
    return kept | {"weekdays": days, "open_fuels": form.getlist("open_fuels")}


def _kept(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "outline": json.dumps(row.outline, separators=(",", ":")),
        "weekdays": row.weekdays,
        "shut_from": f"{row.shut_from:%H:%M}" if row.shut_from else "",
        "shut_until": f"{row.shut_until:%H:%M}" if row.shut_until else "",
        "open_fuels": row.open_fuels,
        "source": row.source,
        "version": row.version,
    }


def _page(row: Any, typed: dict[str, Any], wrong: list[tuple[str, str]]) -> Answer:
    hub = founding.get(context.session(), enterprise_id=context.seat().enterprise_id).point
    drawn = drawn_zones.list_of(context.session(), hub_id=context.seat().enterprise_id)
    shown = [row] if row else [one for one in drawn if one.is_active]
    page = render_template(
        "hub/zones.html",
        errors=wrong,
        row=row,
        rows=[(one, _days(one), _fuels(one)) for one in drawn],
        typed=typed,
        rings=_rings(shown),
        clean=[] if row else _clean(hub),
        here=_middle(row) if row else (hub.lat, hub.lon),
        tiles=context.settings().tile_url,
        days=list(enumerate(weekday_words())),
        fuels=[(fuel, fuel_words()[fuel]) for fuel in MOTORS],
        **workplace.hub_page("/hub/dekking"),
    )
    return page, 422 if wrong else 200


def _rings(rows: list[Any]) -> list[tuple[Point, ...]]:
    found = [areas.from_geojson(row.outline) for row in rows]
    return [ring for area in found for rings in area.polygons for ring in rings]


def _middle(row: Any) -> tuple[float, float]:
    box = areas.from_geojson(row.outline).box
    return (box.north + box.south) / 2, (box.east + box.west) / 2


def _clean(hub: Point) -> list[tuple[str, list[tuple[Point, ...]]]]:
    """Give the low-emission zones around the hub by name, with their outlines."""
    found = []
    for zone in zones().values():
        rings = [ring for rings in zone.area.polygons for ring in rings]
        if min(distance_m(hub, corner) for corner in rings[0]) <= NEAR_M:
            found.append((zone.name[context.language()], rings))
    return found


def _days(row: Any) -> str:
    if len(row.weekdays) == len(weekday_words()):
        return str(_("elke dag"))
    return ", ".join(weekday_words()[day] for day in row.weekdays)


def _fuels(row: Any) -> str:
    return ", ".join([_("fietsen"), *(fuel_words()[fuel] for fuel in row.open_fuels)])
