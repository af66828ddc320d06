"""`/onderneming/ophalen`: who fetches what an enterprise would bring itself, and for whom it fetches."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import CollectingForm
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.fetch_words import tariff_words
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.blueprints.formatting import kilometres
from shortchain.delivery import collections_shown, collectors
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import collecting as deeds

Answer = Response | str | tuple[str, int]


@bp.get("/laten-ophalen")
def collecting() -> Answer:
    """Show both sides: who fetches here, and for whom this enterprise fetches."""
    return _page(_form())


@bp.post("/laten-ophalen")
def ask_collector() -> Answer:
    """Ask a carrier to fetch from now on."""
    form = _form(sent=True)
    if form.validate_on_submit():
        try:
            deeds.ask(
                context.session(),
                giver_id=context.seat().enterprise_id,
                collector_public_id=form.collector.data,
                ready_from=form.ready_from.data,
                note=form.note.data or "",
                by=context.actor(),
                now=context.now(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            context.nudge("mails")
            flash(_("Gevraagd. De vervoerder krijgt een mail; tot het antwoord breng je zelf."), "good")
            return redirect(url_for("enterprise.collecting"), 303)
    return _page(form)


@bp.post("/laten-ophalen/<public_id>/<deed>")
def collecting_step(public_id: str, deed: str) -> Response:
    """Say yes (`ja`) or no (`nee`), end it (`stop`), or leave one day out (`dag`)."""
    mine = context.seat().enterprise_id
    told: dict[str, Any] = {"public_id": public_id, "by": context.actor(), "now": context.now()}
    try:
        if deed == "ja":
            deeds.answer(context.session(), collector_id=mine, agrees=True, **told)
            flash(_("Afgesproken. Wat er vanaf morgen op te halen is, staat bij je ritten."), "good")
        elif deed == "nee":
            deeds.answer(context.session(), collector_id=mine, agrees=False, **told)
            flash(_("Je hebt nee gezegd. De vrager brengt zelf."), "good")
        elif deed == "stop":
            deeds.end(context.session(), enterprise_id=mine, **told)
            flash(_("Gestopt. Wat in geen vrijgegeven rit zit, brengt de onderneming weer zelf."), "good")
        elif deed == "dag":
            deeds.skip(context.session(), enterprise_id=mine, day=_day(), **told)
            flash(_("Genoteerd. Die dag brengt de onderneming zelf; de andere krijgt een mail."), "good")
        else:
            raise NotFound()
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    context.nudge("mails")
    return redirect(url_for("enterprise.collecting"), 303)


def _page(form: CollectingForm) -> Answer:
    today, mine = local_day(context.now()), context.seat().enterprise_id
    session = context.session()
    return show(
        "collecting",
        errors=summary(form),
        form=form,
        asked=collections_shown.as_giver(session, enterprise_id=mine, today=today),
        others=collections_shown.as_collector(session, enterprise_id=mine, today=today),
        fetches=collectors.fetches(session, enterprise_id=mine),
        tariff_words=tariff_words,
    )


def _form(*, sent: bool = False) -> CollectingForm:
    form = CollectingForm() if sent else CollectingForm(formdata=None)
    found = collectors.abilities_at(context.session(), giver_id=context.seat().enterprise_id)
    form.collector.choices = [
        (one.public_id, f"{one.name}, {one.municipality} ({kilometres(one.metres)}): {tariff_words(one.tariff)}")
        for one in found
    ]
    return form


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("dag", ""))
    except ValueError as error:
        raise NotFound() from error
