"""One tour: what to load first, where it goes, what it saves, and the same on paper."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.courier import bp, words
from shortchain.blueprints.formatting import kilometres, number, weight
from shortchain.delivery import run_sheets, tour_drivers, tour_sheets
from shortchain.delivery.savings import Savings
from shortchain.delivery.tour_sheets import TourDetail
from shortchain.kernel.errors import Conflict
from shortchain.workflows import dispatch


@bp.get("/ronde/<public_id>")
def tour(public_id: str) -> str:
    """Show one tour: loading list, stops, what it saves; to who runs the enterprise also its pay."""
    return _page("courier/tour.html", public_id)


@bp.get("/ronde/<public_id>/blad")
def paper(public_id: str) -> str:
    """Show the tour as a sheet of paper that does without a phone."""
    return _page("courier/paper.html", public_id)


@bp.post("/ronde/<public_id>/houden")
def keep(public_id: str) -> Response:
    """Keep a draft as it is when the day is planned again, or let go of it."""
    kept = request.form.get("houden") == "1"
    try:
        dispatch.keep_tour(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            kept=kept,
            now=context.now(),
            by=context.actor(),
        )
        flash(gettext("Deze rit blijft zoals ze is.") if kept else gettext("Deze rit wordt mee herpland."), "good")
    except Conflict as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.tour", public_id=public_id), 303)


@bp.post("/ronde/<public_id>/bestuurder")
def choose_driver(public_id: str) -> Response:
    """Let somebody else drive a tour that has not left."""
    try:
        dispatch.choose_driver(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            driver_public_id=request.form.get("driver", ""),
            now=context.now(),
            by=context.actor(),
        )
        flash(gettext("De bestuurder is gekozen."), "good")
    except Conflict as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.tour", public_id=public_id), 303)


@bp.post("/ronde/<public_id>/verplaats/<stop>")
def move(public_id: str, stop: str) -> Response:
    """Bring a stop of a draft one place forward or back."""
    _own_tour(public_id)
    try:
        dispatch.move_stop(
            context.session(),
            context.gateways(),
            public_id=stop,
            enterprise_id=context.seat().enterprise_id,
            up=request.form.get("naar") == "voor",
            now=context.now(),
            by=context.actor(),
        )
        flash(gettext("De volgorde is veranderd, en de rit blijft zo."), "good")
    except Conflict as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.tour", public_id=public_id, _anchor="onderweg"), 303)


@bp.post("/ronde/<public_id>/vast/<stop>")
def fix(public_id: str, stop: str) -> Response:
    """Fix a stop of a draft, so that planning again leaves it where it is; or let go of it."""
    _own_tour(public_id)
    how = request.form.get("hoe", "")
    if how not in words.locks():
        abort(400)
    try:
        dispatch.fix_stop(
            context.session(),
            context.gateways(),
            public_id=stop,
            enterprise_id=context.seat().enterprise_id,
            how=how,
            now=context.now(),
            by=context.actor(),
        )
        flash(gettext("Deze stop staat vast.") if how else gettext("Deze stop is weer vrij."), "good")
    except Conflict as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.tour", public_id=public_id, _anchor="onderweg"), 303)


def _page(template: str, public_id: str) -> str:
    detail, manages = _own_tour(public_id), workplace.is_manager()
    waiting = []
    if manages:
        waiting = run_sheets.waiting_of(
            context.session(), enterprise_id=context.seat().enterprise_id, day=detail.tour.day
        )
    return render_template(
        template,
        detail=detail,
        tour=detail.tour,
        waiting=waiting,
        why_left=words.why_left(),
        saved=_saved(detail.savings),
        cold=words.cold,
        breaks=words.breaks(detail.tour),
        vehicle=words.vehicle(detail.tour.vehicle),
        manages=manages,
        crew=_crew() if manages and detail.tour.state in ("draft", "published") else [],
        states=words.stop_states(),
        fixed=words.fixed(),
        tour_states=words.tour_states(),
        back=url_for("courier.day", dag=detail.tour.day.isoformat()),
        **workplace.provider_page("/rit"),
    )


def _crew() -> list[tuple[str, str]]:
    """List who may be chosen to drive, as choices of a form."""
    found = tour_drivers.of_carrier(context.session(), enterprise_id=context.seat().enterprise_id)
    return [(one.public_id, one.name) for one in found]


def _own_tour(public_id: str) -> TourDetail:
    """Read the tour; a driver sees only released tours of their own, anything else does not exist."""
    detail = tour_sheets.detail_of(
        context.session(),
        public_id=public_id,
        enterprise_id=context.seat().enterprise_id,
        distance=context.gateways().distance,
        now=context.now(),
    )
    mine = detail.tour.driver_user_id in (None, context.me().id) and not detail.tour.is_draft
    if not (mine or workplace.is_manager()):
        abort(404)
    return detail


def _saved(savings: Savings) -> list[tuple[str, str, str, str]]:
    """Compare the tour with separate trips, a row per figure: what, the tour, apart, the difference."""
    return [
        (
            gettext("Afstand"),
            kilometres(savings.metres),
            kilometres(savings.apart_metres),
            _less(savings.percent),
        ),
        (
            gettext("CO₂-uitstoot (schatting)"),
            weight(savings.co2_g),
            weight(savings.apart_co2_g),
            _less(savings.percent),
        ),
    ]


def _less(percent: int) -> str:
    if percent == 0:
        return str(gettext("evenveel"))
    if percent < 0:
        return str(gettext("%(percent)s %% meer", percent=number(-percent)))
    return str(gettext("%(percent)s %% minder", percent=number(percent)))
