"""`/hub/dekking`: which step of the work has nobody where, how often that cost an order, and who could help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.formatting import kilometres
from shortchain.blueprints.hub_words import reason_words
from shortchain.kernel.errors import DomainError
from shortchain.notifications import coverage_asking
from shortchain.routing import coverage as reads
from shortchain.routing.coverage import classes_key
from shortchain.routing.gaps import Cover, Failure, Helper, Need
from shortchain.workflows import coverage as deeds

bp = Blueprint("coverage", __name__, url_prefix="/hub/dekking")

LONGEST = 40
"""So many failures in the table; the sums above it count them all."""


@dataclass(frozen=True, slots=True)
class MapSpot:
    """A place on the drawing: covered, without anybody, or where something failed (with how often)."""

    name: str
    lat: float
    lon: float
    is_missing: bool
    count: int


@bp.get("")
def show() -> str:
    """Show the needs of the area, the worst first, and one of them on a map with who could fill it."""
    session, seat = context.session(), context.seat()
    found = reads.of_hub(session, hub_id=seat.enterprise_id, distance=context.gateways().distance, now=context.now())
    gaps = [one for one in found.covers if one.is_gap]
    chosen = found.find(request.args.get("stap", ""), request.args.get("klasse", "")) or next(iter(gaps), None)
    return render_template(
        "hub/coverage.html",
        found=found,
        gaps=gaps,
        fine=_fine(found.covers),
        chosen=chosen,
        spots=_spots(chosen) if chosen else [],
        asked=coverage_asking.asked(session, hub=seat.public_id, cover=chosen) if chosen else {},
        classes_key=classes_key,
        need_words=need_words,
        why=why,
        failure_words=failure_words,
        lacks=lacks_words,
        names=data.postcodes(),
        longest=LONGEST,
        **workplace.hub_page("/hub/dekking"),
    )


@bp.post("/vragen")
def ask() -> Response:
    """Mail an enterprise that its help is wanted."""
    stage, classes = request.form.get("stap", ""), request.form.get("klasse", "")
    try:
        deeds.ask_to_fill(
            context.session(),
            hub_id=context.seat().enterprise_id,
            enterprise=request.form.get("wie", ""),
            stage=stage,
            classes=classes,
            distance=context.gateways().distance,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Gevraagd. De mail is onderweg."), "good")
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("coverage.show", stap=stage, klasse=classes) + "#helpers", 303)


def _fine(covers: Sequence[Cover]) -> dict[str, list[str]]:
    """Give the temperatures for which somebody does each step everywhere."""
    found: dict[str, list[str]] = {}
    for one in covers:
        if not one.is_gap:
            found.setdefault(stage_words(one.need.key), []).append(class_words(one.need.classes))
    return found


def _spots(cover: Cover) -> list[MapSpot]:
    """Put the places of a need on the map; what failed is counted at its postcode, once."""
    missing = set(cover.missing)
    counts: dict[str, int] = {}
    for failure in cover.failed:
        counts[failure.postcode] = counts.get(failure.postcode, 0) + failure.quotes + failure.orders
    return [
        MapSpot(
            f"{spot.postcode} {spot.name}",
            spot.point.lat,
            spot.point.lon,
            spot in missing,
            counts.pop(spot.postcode, 0),
        )
        for spot in cover.need.spots
    ]


def need_words(need: Need) -> str:
    """Name a need: 'leveren, koel (tot 12 °C)'."""
    return f"{stage_words(need.key)}, {class_words(need.classes)}"


def stage_words(key: str) -> str:
    """Name a stage by the planner's key."""
    words = {
        "pack": gettext("inpakken"),
        "deliver": gettext("leveren"),
        "chain": gettext("de hele keten"),
    }
    service = data.services().get(key.partition(":")[2])
    return words.get(key) or (service.name[context.language()] if service else key)


def class_words(classes: frozenset[str]) -> str:
    """Name temperature classes, from warm to cold."""
    known = data.storage_classes()
    language = context.language()
    return " + ".join(known[code].name[language] for code in known if code in classes)


def why(codes: Mapping[str, int] | tuple[str, ...]) -> str:
    """Say which rules said no; with counts, how often."""
    words = reason_words()
    if isinstance(codes, tuple):
        return ", ".join(words.get(code, code) for code in codes) or gettext("niemand doet dit")
    return ", ".join(f"{words.get(code, code)} ({count})" for code, count in codes.items())


def failure_words(failure: Failure) -> str:
    """Name the step and classes of a failure."""
    return (
        f"{stage_words(failure.stage)}, {class_words(failure.classes)}"
        if failure.classes
        else stage_words(failure.stage)
    )


def lacks_words(helper: Helper, need: Need) -> str:
    """Say what keeps an enterprise from filling a gap, and what would do."""
    away = kilometres(helper.metres)
    further = max(1, -((helper.radius_m - helper.metres) // 1000))
    words: dict[str, str] = {
        "unverified": gettext("Kan dit, maar is nog niet nagekeken."),
        "capacity": gettext("Doet dit, maar was volzet. Kan er meer?"),
        "closed": gettext("Doet dit, maar was die dagen gesloten."),
        "lead": gettext("Doet dit, maar wil het langer vooraf weten."),
        "organic": gettext("Doet dit, maar heeft geen geldig biocertificaat."),
        "area": gettext("Doet dit, maar koos een gebied waar dit niet in ligt."),
        "zone": gettext("Doet dit, maar heeft geen voertuig dat in de zone mag."),
        "radius": ngettext(
            "Doet dit tot %(reach)s. %(num)d km verder volstaat.",
            "Doet dit tot %(reach)s. %(num)d km verder volstaat.",
            further,
            reach=kilometres(helper.radius_m),
        ),
        "temperature": gettext("Doet dit, maar niet voor: %(classes)s.", classes=class_words(need.classes)),
        "price": gettext("Doet dit, maar alleen per uur. Een vaste prijs is nodig."),
        "capability": gettext("Doet dit nog niet. Ligt op %(away)s.", away=away),
    }
    return words[helper.lacks]
