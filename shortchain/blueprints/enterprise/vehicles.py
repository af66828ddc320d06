"""The vehicles of an enterprise: what they carry, what they burn, and the zones that they may enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import RightForm, VehicleForm
from shortchain.blueprints.enterprise.frame import doer, licence_words, show, version_seen
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.data.zones import Zone
from shortchain.enterprises import drawn_zones
from shortchain.enterprises import drivers as employed
from shortchain.enterprises import vehicles as owned
from shortchain.enterprises.day_passes import left
from shortchain.enterprises.vehicles import BadVehicle, Base, VehicleFacts
from shortchain.enterprises.zones import BURNING, EURO_CLASSES, may_enter
from shortchain.kernel.errors import N_, DomainError
from shortchain.kernel.window import local_day
from shortchain.workflows import fleet

Answer = Response | str | tuple[str, int]
GRAMS_PER_KG = 1000
NEW = {"fuel": "none", "licence": "?"}
OF_ITS_KIND = "?"
"""The choice for a licence that was not told: that of the kind of vehicle holds."""


@bp.get("/voertuigen")
def vehicles() -> Answer:
    """List the vehicles, and say which zones each may enter today."""
    today, language = local_day(context.now()), context.language()
    rows, known = owned.list_of(context.session(), enterprise_id=context.seat().enterprise_id), _zones()
    return show(
        "vehicles",
        rows=[(row, data.vehicles()[row.vehicle].name[language], _shut(row, today, known)) for row in rows],
        drivers=[
            (one, licence_words()[one.licence])
            for one in employed.list_of(context.session(), enterprise_id=context.seat().enterprise_id)
        ],
        unknown=[row.name for row in rows if row.is_active and row.fuel in BURNING and row.euro is None],
    )


@bp.route("/voertuigen/nieuw", methods=["GET", "POST"])
def new_vehicle() -> Answer:
    """Add a vehicle."""
    form = _form(VehicleForm() if request.method == "POST" else VehicleForm(formdata=None, data=NEW))
    if request.method == "POST" and form.validate_on_submit():
        try:
            public_id = fleet.add_vehicle(context.session(), facts=_facts(form), **doer())
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Het voertuig staat erbij."), "good")
            return redirect(url_for("enterprise.vehicle", public_id=public_id), 303)
    return show("vehicle", errors=summary(form), form=form, row=None)


@bp.route("/voertuigen/<public_id>", methods=["GET", "POST"])
def vehicle(public_id: str) -> Answer:
    """Change a vehicle."""
    row = owned.get(context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id)
    form = _form(VehicleForm() if request.method == "POST" else VehicleForm(formdata=None, data=_values(row)))
    if request.method == "POST" and form.validate_on_submit():
        try:
            fleet.change_vehicle(
                context.session(),
                public_id=public_id,
                version=version_seen(form.version.data),
                facts=_facts(form),
                **doer(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Bewaard."), "good")
            return redirect(url_for("enterprise.vehicles"), 303)
    return _vehicle(public_id, form, _right_form(), summary(form))


@bp.post("/voertuigen/<public_id>/rijdt")
def drive_vehicle(public_id: str) -> Response:
    """Drive a vehicle no longer, or again."""
    is_active = request.form.get("rijdt") == "1"
    fleet.set_vehicle_active(context.session(), public_id=public_id, is_active=is_active, **doer())
    flash(_("Het voertuig rijdt weer.") if is_active else _("Het voertuig staat aan de kant."), "good")
    return redirect(url_for("enterprise.vehicles"), 303)


@bp.post("/voertuigen/<public_id>/rechten")
def grant_right(public_id: str) -> Answer:
    """Write down that a vehicle may be in a zone on some days."""
    row = owned.get(context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id)
    form = _right_form(sent=True)
    if form.validate_on_submit():
        try:
            fleet.grant_right(
                context.session(),
                public_id=public_id,
                zone=form.zone.data,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                note=form.note.data or "",
                is_day_pass=form.is_day_pass.data,
                **doer(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Het toegangsrecht staat erbij."), "good")
            return redirect(url_for("enterprise.vehicle", public_id=public_id), 303)
    return _vehicle(public_id, _form(VehicleForm(formdata=None, data=_values(row))), form, summary(form))


@bp.post("/voertuigen/<public_id>/rechten/<int:right_id>/weg")
def remove_right(public_id: str, right_id: int) -> Response:
    """Remove a right."""
    fleet.remove_right(context.session(), public_id=public_id, right_id=right_id, **doer())
    flash(_("Het toegangsrecht is weg."), "good")
    return redirect(url_for("enterprise.vehicle", public_id=public_id), 303)


def _vehicle(public_id: str, form: VehicleForm, right_form: RightForm, errors: list[tuple[str, str]]) -> Answer:
    row = owned.get(context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id)
    today, language = local_day(context.now()), context.language()
    engine = owned.engine_of(row)
    known, named = _zones(), drawn_zones.known(context.session(), also_stopped=True).by_code
    return show(
        "vehicle",
        errors=errors,
        form=form,
        row=row,
        right_form=right_form,
        zones=[(zone.name[language], may_enter(engine, zone, today)) for zone in known.values()],
        year=today.year,
        passes=[
            (zone.name[language], left(owned.granted_to(row), zone, today.year), zone.day_passes)
            for zone in known.values()
            if zone.day_passes is not None
        ],
        rights=[(one, named[one.zone].name[language]) for one in row.rights if one.last_day >= today],
        is_unknown=row.fuel in BURNING and row.euro is None,
    )


def _zones() -> Mapping[str, Zone]:
    return drawn_zones.known(context.session()).by_code


def _shut(row: Any, today: Any, known: Mapping[str, Zone]) -> list[str]:
    """Name the zones that a vehicle may not enter today."""
    engine = owned.engine_of(row)
    return [zone.name[context.language()] for zone in known.values() if not may_enter(engine, zone, today)]


def _facts(form: VehicleForm) -> VehicleFacts:
    return VehicleFacts(
        name=form.name.data,
        vehicle=form.vehicle.data,
        payload_g=form.payload_kg.data * GRAMS_PER_KG,
        fuel=form.fuel.data,
        euro=int(form.euro.data) if form.euro.data else None,
        driver=form.driver.data or None,
        licence=None if form.licence.data in (None, OF_ITS_KIND) else form.licence.data,
        crates=form.crates.data,
        volume_l=form.volume_l.data,
        chilled_crates=form.chilled_crates.data or 0,
        frozen_crates=form.frozen_crates.data or 0,
        max_stops=form.max_stops.data,
        start=_base(form.start.data, "start"),
        end=_base(form.end.data, "end"),
    )


def _base(text: str | None, field: str) -> Base | None:
    """Find where a day starts or ends.

    :raises BadVehicle: when the words name no place
    """
    if not (text or "").strip():
        return None
    found = context.gateways().geocoder.locate(text or "", language=context.language()).place
    if found is None:
        raise BadVehicle(
            N_("Dit adres vinden we niet. Geef straat, nummer en postcode, of een postcode."), fields=(field,)
        )
    return Base(found.label, found.point)


def _values(row: Any) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "vehicle": row.vehicle,
        "payload_kg": row.payload_g // GRAMS_PER_KG,
        "fuel": row.fuel,
        "euro": "" if row.euro is None else str(row.euro),
        "driver": next((one.public_id for one in _crew() if one.id == row.driver_id), ""),
        "licence": OF_ITS_KIND if row.licence is None else row.licence,
        "crates": row.crates,
        "volume_l": row.volume_l,
        "chilled_crates": row.chilled_crates or None,
        "frozen_crates": row.frozen_crates or None,
        "max_stops": row.max_stops,
        "start": row.start_label,
        "end": row.end_label,
    }


def _form(form: VehicleForm) -> VehicleForm:
    language = context.language()
    form.vehicle.choices = [(code, kind.name[language]) for code, kind in data.vehicles().items()]
    form.euro.choices = [("", _("niet van toepassing")), *((str(euro), f"Euro {euro}") for euro in EURO_CLASSES)]
    form.driver.choices = [("", _("wisselt")), *((one.public_id, one.name) for one in _crew())]
    form.licence.choices = [(OF_ITS_KIND, _("wat bij de soort hoort")), *licence_words().items()]
    return form


def _crew() -> Sequence[Any]:
    """List who drives for the enterprise now."""
    return employed.list_of(context.session(), enterprise_id=context.seat().enterprise_id, also_stopped=False)


def _right_form(*, sent: bool = False) -> RightForm:
    today = local_day(context.now())
    form = RightForm() if sent else RightForm(formdata=None, data={"first_day": today, "last_day": today})
    form.zone.choices = [(code, zone.name[context.language()]) for code, zone in _zones().items()]
    return form
