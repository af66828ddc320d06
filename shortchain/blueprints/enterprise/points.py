"""A hub's pick-up points, and a farm's own gate: where, when, how many orders, which temperatures."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import PointForm, address_values
from shortchain.blueprints.enterprise.frame import class_choices, show, weekday_words
from shortchain.blueprints.enterprise.profile import suggestions_of, typed_address
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import founding, pickup_points
from shortchain.enterprises.pickup_points import BadPoint, Opening
from shortchain.kernel.errors import N_, DomainError
from shortchain.workflows import offering as deeds
from shortchain.workflows import onboarding

Answer = Response | str | tuple[str, int]
MOST_ROWS, BLANK_ROWS = 21, 3


@bp.get("/afhaalpunten")
def points() -> Answer:
    """List the pick-up points."""
    rows = pickup_points.list_of(context.session(), hub_id=context.seat().enterprise_id)
    return show("points", points=rows, weekdays=weekday_words(), is_hub=context.seat().is_hub)


@bp.route("/afhaalpunten/nieuw", methods=["GET", "POST"])
def new_point() -> Answer:
    """Open a pick-up point."""
    form = PointForm() if request.method == "POST" else PointForm(formdata=None, data=_own_place())
    meant: list[str] = []
    if request.method == "POST" and form.validate_on_submit():
        try:
            deeds.open_pickup_point(
                context.session(),
                hub_id=context.seat().enterprise_id,
                address=_located(form),
                **_values(form),
            )
        except DomainError as error:
            refuse(form, error)
            meant = suggestions_of(error)
        else:
            flash(_("Het afhaalpunt is open."), "good")
            return redirect(url_for("enterprise.points"), 303)
    return _point(form, None, meant)


@bp.route("/afhaalpunten/<public_id>", methods=["GET", "POST"])
def point(public_id: str) -> Answer:
    """Change a pick-up point."""
    row = pickup_points.get(context.session(), hub_id=context.seat().enterprise_id, public_id=public_id)
    kept = address_values(row)
    form = (
        PointForm()
        if request.method == "POST"
        else PointForm(
            formdata=None,
            data={
                **kept,
                "name": row.name,
                **{f"note_{code}": text for code, text in row.note.items()},
            },
        )
    )
    meant: list[str] = []
    if request.method == "POST" and form.validate_on_submit():
        moved = {name: (form[name].data or "").strip() for name in kept} != kept
        try:
            deeds.change_pickup_point(
                context.session(),
                hub_id=context.seat().enterprise_id,
                public_id=public_id,
                address=_located(form) if moved else None,
                **_values(form),
            )
        except DomainError as error:
            refuse(form, error)
            meant = suggestions_of(error)
        else:
            flash(_("Bewaard."), "good")
            return redirect(url_for("enterprise.points"), 303)
        row = pickup_points.get(context.session(), hub_id=context.seat().enterprise_id, public_id=public_id)
    return _point(form, row, meant)


@bp.post("/afhaalpunten/<public_id>/pauze")
def pause_point(public_id: str) -> Response:
    """Close a point for new orders, or open it again."""
    is_active = request.form.get("open") == "1"
    deeds.pause_pickup_point(
        context.session(),
        hub_id=context.seat().enterprise_id,
        public_id=public_id,
        is_active=is_active,
        now=context.now(),
        by=context.actor(),
    )
    flash(
        _("Het punt is weer open.") if is_active else _("Het punt neemt geen nieuwe bestellingen aan."),
        "good",
    )
    return redirect(url_for("enterprise.points"), 303)


def _own_place() -> dict[str, Any]:
    """Propose a farm its own name and address: its gate is there."""
    seat = context.seat()
    if seat.is_hub:
        return {}
    row = founding.get(context.session(), enterprise_id=seat.enterprise_id)
    return {**address_values(row), "name": row.name}


def _located(form: PointForm) -> Any:
    return onboarding.locate(context.gateways(), typed_address(form), language=context.language())


def _values(form: PointForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "note": {code: form[f"note_{code}"].data or "" for code in ("nl", "fr", "en")},
        "storage_classes": request.form.getlist("storage_classes"),
        "openings": _openings(),
        "now": context.now(),
        "by": context.actor(),
    }


def _openings() -> list[Opening]:
    """Read the rows with times; a row without times is left out.

    :raises BadPoint: when a time is no time
    """
    found = []
    for weekday, opens, closes, places in _sent_rows():
        if not opens and not closes:
            continue
        try:
            found.append(
                Opening(
                    int(weekday),
                    time.fromisoformat(opens),
                    time.fromisoformat(closes),
                    int(places or 0),
                )
            )
        except ValueError as error:
            raise BadPoint(
                N_("Schrijf een uur als 16:00 en het aantal bestellingen als een getal."),
                fields=("openings",),
            ) from error
    return found


def _sent_rows() -> list[tuple[str, ...]]:
    lists = [[text.strip() for text in request.form.getlist(name)] for name in ("weekday", "opens", "closes", "places")]
    return list(zip(*lists, strict=False))[:MOST_ROWS]


def _point(form: PointForm, row: Any, meant: list[str]) -> Answer:
    sent = request.method == "POST"
    kept = row.opening_windows if row else []
    shown = (
        _sent_rows()
        if sent
        else [(str(one.weekday), f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", str(one.places)) for one in kept]
    )
    if len(shown) <= len(kept):
        shown += [("3", "", "", "")] * BLANK_ROWS
    chosen = request.form.getlist("storage_classes") if sent else (row.storage_classes if row else ["AMB", "COOL"])
    return show(
        "point",
        is_hub=context.seat().is_hub,
        errors=summary(form),
        form=form,
        row=row,
        openings=shown,
        meant=meant,
        weekdays=list(enumerate(weekday_words())),
        classes=class_choices(),
        chosen=chosen,
    )
