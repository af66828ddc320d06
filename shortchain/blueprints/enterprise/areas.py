"""Where a service is done: in a circle, in some postcodes, or inside a drawn outline."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show, version_seen
from shortchain.blueprints.outlines import sent_outline
from shortchain.enterprises import capabilities, founding, service_areas
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.geo import Point, distance_m
from shortchain.workflows import offering as deeds

Answer = Response | str | tuple[str, int]
LISTED_M = 30_000
CIRCLE, POSTCODES, OUTLINE = "straal", "postcodes", "omtrek"


@dataclass(frozen=True, slots=True)
class Choice:
    """A postcode that can be ticked, with how far its middle lies from the enterprise."""

    code: str
    place: str
    lat: float
    lon: float
    metres: int


@bp.route("/diensten/<code>/gebied", methods=["GET", "POST"])
def service_area(code: str) -> Answer:
    """Choose where a service is done, and see it on a map."""
    known = data.services().get(code)
    row = capabilities.find(context.session(), enterprise_id=context.seat().enterprise_id, service=code)
    if known is None or row is None or not row.is_active:
        raise NotFound
    wrong: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            area = _typed()
            deeds.choose_area(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                service=code,
                version=version_seen(request.form.get("version")),
                area=area,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            field = error.fields[0] if error.fields else ""
            wrong = [(f"f-{field}" if field else "", errors.sentence(error))]
        else:
            flash(_("Bewaard. Zo kijken we vanaf nu waar je werkt."), "good")
            return redirect(url_for("enterprise.service_area", code=code), 303)
    return _show(known, row, wrong)


def _typed() -> dict[str, Any]:
    """Read the chosen way and what belongs to it.

    :raises BadArea: when it cannot be an area
    """
    way = request.form.get("way", CIRCLE)
    if way == POSTCODES:
        return service_areas.of_postcodes([*request.form.getlist("code"), *_more()])
    if way == OUTLINE:
        return service_areas.of_geojson(sent_outline())
    return {}


def _more() -> list[str]:
    """Split what was typed beside the list."""
    return [part for part in re.split(r"[\s,;]+", request.form.get("more", "").strip()) if part]


def _show(known: Any, row: Any, wrong: list[tuple[str, str]]) -> Answer:
    sent = request.method == "POST"
    home = founding.get(context.session(), enterprise_id=context.seat().enterprise_id).point
    kept = list(row.area.get("postcodes", ()))
    chosen = request.form.getlist("code") if sent else kept
    choices = _choices(home, also=[*chosen, *(_more() if sent else [])])
    listed = {one.code for one in choices}
    area = service_areas.read(row.area)
    kind = POSTCODES if kept else OUTLINE if area else CIRCLE
    return show(
        "service_area",
        errors=wrong,
        code=known.code,
        name=known.name[context.language()],
        row=row,
        way=request.form.get("way", CIRCLE) if sent else kind,
        choices=choices,
        chosen=set(chosen),
        more=" ".join(code for code in _more() if code not in listed) if sent else "",
        outline=request.form.get("outline", "") if sent else _text(row.area),
        rings=[ring for rings in area.outline.polygons for ring in rings] if area and area.outline else [],
        spots=[one for one in choices if one.code in kept],
        here=(home.lat, home.lon),
        tiles=context.settings().tile_url,
        kind=kind,
    )


def _choices(home: Point, *, also: Sequence[str]) -> list[Choice]:
    """List the postcodes around an enterprise, and those that were chosen further away, the nearest first."""
    found = [
        Choice(one.code, one.place, one.lat, one.lon, distance_m(home, Point(one.lat, one.lon)))
        for one in data.postcodes().values()
    ]
    near = [one for one in found if one.metres <= LISTED_M or one.code in also]
    return sorted(near, key=lambda one: (one.metres, one.code))


def _text(area: dict[str, Any]) -> str:
    return json.dumps(area["outline"], separators=(",", ":")) if area.get("outline") else ""
