"""Driving: the tours of a day, one stop after the other."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain import progress
from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.components import StopFact, Tab
from shortchain.blueprints.courier import words
from shortchain.blueprints.formatting import floor_text, near_day, weight
from shortchain.delivery import run_sheets, stop_goods, tour_sheets
from shortchain.delivery.run_sheets import StopOrder, StopSheet
from shortchain.kernel.errors import Conflict, Invalid
from shortchain.kernel.window import local_day
from shortchain.ordering import empties as reading
from shortchain.workflows import dispatch

bp = Blueprint("courier", __name__, url_prefix="/rit")


__all__ = ["bp", "navigate", "own_stop", "stop_facts"]


@bp.get("")
def day() -> str:
    """Show the tours of a day, with the next stop on top."""
    seat, shown = context.seat(), _asked_day()
    manages = workplace.is_manager()
    sheets = run_sheets.tours_of(
        context.session(),
        enterprise_id=seat.enterprise_id,
        day=shown,
        driver_id=None if manages else context.me().id,
        now=context.now(),
    )
    waiting = run_sheets.waiting_of(context.session(), enterprise_id=seat.enterprise_id, day=shown) if manages else []
    undone = request.args.get("terug", "")
    return render_template(
        "courier/day.html",
        shown=shown,
        days=_days(shown),
        tours=sheets,
        map=tour_sheets.day_map(context.session(), sheets, enterprise_id=seat.enterprise_id)
        if manages and len(sheets) > 1
        else None,
        waiting=waiting,
        why_left=words.why_left(),
        outcome=_outcome() if manages else [],
        manages=manages,
        undo_stop=next(
            (stop for tour in sheets for stop in tour.stops if stop.public_id == undone and stop.outcome),
            None,
        ),
        facts=stop_facts,
        breaks=words.breaks,
        navigate=navigate,
        states=words.stop_states(),
        tour_states=words.tour_states(),
        **workplace.provider_page("/rit"),
    )


@bp.get("/<public_id>")
def stop(public_id: str) -> str:
    """Show one stop with its buttons."""
    sheet = own_stop(public_id)
    return render_template(
        "courier/stop.html",
        stop=sheet,
        key=secrets.token_urlsafe(12),
        facts=stop_facts,
        navigate=navigate,
        states=words.stop_states(),
        reasons=_reasons(),
        locks=list(words.locks().items()) if workplace.is_manager() and sheet.tour_state == "draft" else [],
        fixed=words.fixed(),
        back=url_for("courier.day", dag=local_day(sheet.eta).isoformat()),
        goods=stop_goods.goods_on(context.session(), leg_ids=[o.leg_id for o in sheet.orders if not o.is_last]),
        cold=words.cold,
        out={}
        if sheet.is_pickup
        else reading.out_by_number(context.session(), numbers=[o.number for o in sheet.orders if o.is_last]),
        **workplace.provider_page("/rit"),
    )


@bp.post("/<public_id>")
def record(public_id: str) -> Response:
    """Write down what happened at the stop and go on to the next."""
    sheet = own_stop(public_id)
    note = " · ".join(text for text in (request.form.get("reason", ""), request.form.get("note", "").strip()) if text)
    if request.form.get("outcome", "") not in [outcome.value for outcome in dispatch.Outcome]:
        abort(400)
    try:
        dispatch.record_stop(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            outcome=request.form["outcome"],
            note=note,
            key=request.form.get("key", "")[:64] or secrets.token_urlsafe(12),
            tapped_at=_tapped_at(),
            now=context.now(),
            by=context.actor(),
        )
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("courier.stop", public_id=public_id), 303)
    return redirect(url_for("courier.day", dag=local_day(sheet.eta).isoformat(), terug=public_id), 303)


@bp.post("/<public_id>/terug")
def undo(public_id: str) -> Response:
    """Take back what was recorded at the stop."""
    own_stop(public_id)
    try:
        dispatch.undo_stop(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            now=context.now(),
            by=context.actor(),
        )
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.stop", public_id=public_id), 303)


@bp.post("/plannen")
def plan() -> Response:
    """Have what was promised for a day put into tours, and wait for it on a page."""
    run = dispatch.ask_plan(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        day=_asked_day(),
        now=context.now(),
        anew=request.form.get("opnieuw") == "1",
    )
    context.nudge("plan_asked")
    return redirect(url_for("courier.planning", run=run), 303)


@bp.get("/plannen/<run>")
def planning(run: str) -> str | Response:
    """Show how far the planning is; when it is over, go to the day."""
    found = _run(run)
    day = date.fromisoformat(found.asked["day"])
    if found.state in progress.OPEN:
        return render_template("courier/planning.html", run=found, shown=day, **workplace.provider_page("/rit"))
    after = url_for("courier.day", dag=day.isoformat(), klaar=run)
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": after})
    return redirect(after, 303)


@bp.post("/plannen/<run>/stop")
def stop_planning(run: str) -> Response:
    """Stop a planning that is not over."""
    dispatch.cancel_plan(
        context.session(), public_id=run, enterprise_id=context.seat().enterprise_id, now=context.now()
    )
    return redirect(url_for("courier.planning", run=run), 303)


def _run(public_id: str) -> progress.Progress:
    return progress.own(context.session(), public_id=public_id, enterprise_id=context.seat().enterprise_id)


def _outcome() -> list[tuple[str, str]]:
    """Say what came of the planning that the page was waiting for: (tone, sentence)."""
    if not request.args.get("klaar"):
        return []
    run = _run(request.args["klaar"])
    if run.state is progress.ProgressState.FAILED:
        return [("warning", gettext("Er veranderde te veel tijdens het plannen. Probeer het opnieuw."))]
    if run.state is not progress.ProgressState.DONE:
        return [("notice", gettext("Het plannen is gestopt. Alles staat zoals het stond."))]
    why, said = words.why_left(), []
    if run.result["tours"]:
        said.append(("good", ngettext("%(num)d rit gemaakt.", "%(num)d ritten gemaakt.", run.result["tours"])))
    for reason, count in sorted(run.result["left"].items()):
        sentence = ngettext(
            "%(num)d bestelling past in geen rit: %(why)s",
            "%(num)d bestellingen passen in geen rit: %(why)s",
            count,
            why=why[reason],
        )
        said.append(("warning", sentence))
    return said


@bp.post("/ronde/<public_id>/vrijgeven")
def publish(public_id: str) -> Response:
    """Give a tour to its driver."""
    return _with_tour(dispatch.publish_tour, public_id, gettext("De rit is vrijgegeven."))


@bp.post("/ronde/<public_id>/weg")
def drop(public_id: str) -> Response:
    """Drop a tour that has not left."""
    return _with_tour(
        dispatch.drop_tour,
        public_id,
        gettext("De rit is weg. De bestellingen wachten op een nieuwe."),
    )


def _with_tour(deed, public_id: str, done: str) -> Response:  # type: ignore[no-untyped-def]
    try:
        deed(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            now=context.now(),
            by=context.actor(),
        )
        flash(done, "good")
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("courier.day", dag=_asked_day().isoformat()), 303)


def own_stop(public_id: str) -> StopSheet:
    """Read the stop; a driver sees only released tours of their own, anything else does not exist."""
    sheet = run_sheets.stop_of(
        context.session(),
        public_id=public_id,
        enterprise_id=context.seat().enterprise_id,
        now=context.now(),
    )
    mine = sheet.driver_user_id in (None, context.me().id) and sheet.tour_state != "draft"
    if not (mine or workplace.is_manager()):
        abort(404)
    return sheet


def _asked_day() -> date:
    text = request.values.get("dag", "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        return local_day(context.now())


def _tapped_at() -> datetime:
    """Take the time of the tap that a phone kept while it had no connection."""
    try:
        tapped = datetime.fromisoformat(request.form.get("tapped_at", ""))
    except ValueError:
        return context.now()
    return tapped if tapped.tzinfo else context.now()


def _days(shown: date) -> list[Tab]:
    today = local_day(context.now())
    busy = run_sheets.days_with_work(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        first=today - timedelta(days=1),
        last=today + timedelta(days=10),
    )
    return [
        Tab(near_day(one), url_for("courier.day", dag=one.isoformat()), current=one == shown)
        for one in sorted({today, shown, *busy})
    ]


def stop_facts(stop: StopSheet) -> list[StopFact]:
    """Say what a driver loads or hands over at a stop, in lines of a card."""
    boxes = sum(order.boxes for order in stop.orders)
    facts = [
        StopFact(
            "package",
            gettext("Kisten"),
            f"{boxes} · {weight(sum(o.weight_g for o in stop.orders))}",
        )
    ]
    if len(stop.orders) > 1 or stop.is_pickup:
        facts.append(StopFact("clipboard-list", gettext("Bestellingen"), ", ".join(o.number for o in stop.orders)))
    if not stop.is_pickup:
        facts += [StopFact("house", gettext("Hoe hoog"), high) for o in stop.orders if (high := _height(stop, o))]
    facts += [StopFact("message-circle", gettext("Let op"), o.remark) for o in stop.orders if o.remark]
    missing = [order.number for order in stop.orders if not order.is_packed]
    if stop.is_pickup and stop.is_open and missing:
        facts.append(StopFact("triangle-alert", gettext("Nog niet klaar"), ", ".join(missing)))
    if stop.note:
        facts.append(StopFact("message-circle", gettext("Notitie"), stop.note))
    return facts


def _height(stop: StopSheet, order: StopOrder) -> str:
    """Say how high an order goes, and which one where there are several."""
    high = floor_text(order.floor, order.has_lift) if order.is_last else ""
    return f"{order.number} · {high}" if high and len(stop.orders) > 1 else high


def navigate(stop: StopSheet) -> str:
    """Give the address that opens the phone's own map (RFC 5870)."""
    return f"geo:{stop.lat:.6f},{stop.lon:.6f}?q={stop.lat:.6f},{stop.lon:.6f}"


def _reasons() -> list[tuple[str, str]]:
    words = [
        gettext("Adres niet gevonden"),
        gettext("Kist beschadigd"),
        gettext("Er ontbreekt iets"),
        gettext("Niet aangenomen"),
        gettext("Pech onderweg"),
    ]
    return [("", gettext("Kies als er iets is")), *((word, word) for word in words)]


from shortchain.blueprints.courier import empties, pace, rounds  # noqa: E402, F401  their views are ours too
