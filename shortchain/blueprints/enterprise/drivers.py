"""The drivers of an enterprise: who may drive what, and how heavy a piece they lift."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import DriverForm
from shortchain.blueprints.enterprise.frame import doer, licence_words, show, version_seen
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import drivers as employed
from shortchain.enterprises import people
from shortchain.enterprises.drivers import DriverFacts
from shortchain.kernel.errors import DomainError
from shortchain.workflows import fleet

Answer = Response | str | tuple[str, int]
GRAMS_PER_KG = 1000


@bp.route("/bestuurders/nieuw", methods=["GET", "POST"])
def new_driver() -> Answer:
    """Add a driver."""
    form = _form(DriverForm() if request.method == "POST" else DriverForm(formdata=None, data={"licence": "B"}))
    if request.method == "POST" and form.validate_on_submit():
        try:
            fleet.add_driver(context.session(), facts=_facts(form), **doer())
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("De bestuurder staat erbij."), "good")
            return redirect(url_for("enterprise.vehicles"), 303)
    return show("driver", errors=summary(form), form=form, row=None)


@bp.route("/bestuurders/<public_id>", methods=["GET", "POST"])
def driver(public_id: str) -> Answer:
    """Change a driver."""
    row = employed.get(context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id)
    form = _form(DriverForm() if request.method == "POST" else DriverForm(formdata=None, data=_values(row)))
    if request.method == "POST" and form.validate_on_submit():
        try:
            fleet.change_driver(
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
    return show("driver", errors=summary(form), form=form, row=row)


@bp.post("/bestuurders/<public_id>/rijdt")
def set_driver_active(public_id: str) -> Response:
    """Count on a driver no longer, or again."""
    is_active = request.form.get("rijdt") == "1"
    fleet.set_driver_active(context.session(), public_id=public_id, is_active=is_active, **doer())
    flash(_("De bestuurder rijdt weer mee.") if is_active else _("We plannen deze bestuurder niet meer."), "good")
    return redirect(url_for("enterprise.vehicles"), 303)


def _facts(form: DriverForm) -> DriverFacts:
    return DriverFacts(
        name=form.name.data,
        licence=form.licence.data or "",
        lift_g=form.lift_kg.data * GRAMS_PER_KG if form.lift_kg.data is not None else None,
        user_id=int(form.account.data) if form.account.data else None,
    )


def _values(row: Any) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "licence": row.licence,
        "lift_kg": row.lift_g // GRAMS_PER_KG if row.lift_g is not None else None,
        "account": str(row.user_id or ""),
    }


def _form(form: DriverForm) -> DriverForm:
    members = people.members(context.session(), enterprise_id=context.seat().enterprise_id)
    form.licence.choices = list(licence_words().items())
    form.account.choices = [("", _("geen")), *((str(one.user_id), one.name or one.email) for one in members)]
    return form
