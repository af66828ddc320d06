"""`/boer/tekort`: the farm has less than it sold; first who it hits, then it is told to everybody."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shortchain.blueprints import amounts, context, errors
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.formatting import money
from shortchain.delivery import short_lists
from shortchain.kernel.errors import DomainError, Invalid
from shortchain.kernel.window import local_day
from shortchain.workflows import shortages


@bp.route("/tekort", methods=["GET", "POST"])
def short() -> Page | Response:
    """Ask of what and how much, show whom it hits, and write it down when that is confirmed."""
    on_day = _day()
    if request.method == "GET":
        return _page(on_day)
    chosen = next((one for one in _waiting(on_day) if one.product == request.form.get("product")), None)
    if chosen is None:
        return _page(on_day, wrong=("product", _("Kies het product waarvan je tekort komt.")))
    try:
        missing = amounts.read(request.form.get("missing", ""), chosen.sell_unit)
    except Invalid as refusal:
        return _page(on_day, wrong=("missing", errors.sentence(refusal)))
    if not 0 < missing <= chosen.amount:
        return _page(on_day, wrong=("missing", errors.sentence(shortages.HowMuch())))
    if "confirm" not in request.form:
        return _page(on_day, chosen=chosen, missing=missing)
    try:
        told = shortages.report(
            context.session(),
            farm_id=context.seat().enterprise_id,
            product=chosen.product,
            day=on_day,
            missing=missing,
            instead=request.form.get("instead", ""),
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        return _page(on_day, wrong=("missing", errors.sentence(refusal)))
    context.nudge("refunds")
    context.nudge("mails")
    flash(_sentence(told), "good")
    return redirect(url_for("farm.picking", dag=on_day.isoformat()), 303)


def _sentence(told: shortages.Told) -> str:
    words = ngettext(
        "Genoteerd: %(num)d bestelling komt tekort.", "Genoteerd: %(num)d bestellingen komen tekort.", told.orders
    )
    if told.replaced:
        words += " " + ngettext(
            "%(num)d klant krijgt iets anders.", "%(num)d klanten krijgen iets anders.", told.replaced
        )
    if told.back_cents:
        words += " " + _("Samen gaat %(amount)s terug.", amount=money(told.back_cents))
    return str(words)


def _day() -> date:
    """Read the day that is asked about; without one it is today."""
    try:
        return date.fromisoformat(request.values.get("dag", ""))
    except ValueError:
        return local_day(context.now())


def _waiting(day: date) -> list[short_lists.Heap]:
    return short_lists.waiting(context.session(), farm_id=context.seat().enterprise_id, day=day)


def _page(
    day: date,
    *,
    chosen: short_lists.Heap | None = None,
    missing: int = 0,
    wrong: tuple[str, str] | None = None,
) -> Page:
    session, farm_id = context.session(), context.seat().enterprise_id
    hits = (
        short_lists.hits(session, farm_id=farm_id, day=day, product=chosen.product, missing=missing) if chosen else []
    )
    spares = short_lists.spares(session, farm_id=farm_id, day=day)
    return show(
        "short",
        shown=day,
        waiting=_waiting(day),
        spares=spares,
        chosen=chosen,
        missing=missing,
        hits=hits,
        instead=next((one for one in spares if one.product == request.form.get("instead")), None),
        errors=[(f"f-{wrong[0]}", wrong[1])] if wrong else [],
        typed=request.form,
    )
