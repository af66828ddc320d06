"""The coordinator's board of chains: planning a cycle together, how good it is, and what would happen if."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain import data, progress
from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.hub_words import fee_words, job_words
from shortchain.blueprints.work_words import units
from shortchain.delivery import chain_board
from shortchain.delivery.what_ifs import WhatIf
from shortchain.kernel.errors import Invalid
from shortchain.routing import stop_costs
from shortchain.routing.plans import Policy
from shortchain.workflows import batching, learning

bp = Blueprint("chains", __name__, url_prefix="/hub/keten")
TONES = {"offered": "notice", "planned": "notice", "accepted": "work", "started": "work", "ready": "good"}


@bp.get("")
def board() -> str:
    """Show the chains of a cycle, what planning them together gave, and how full the days are."""
    return _board()


@bp.post("/<cycle>/plannen")
def plan(cycle: str) -> Response | tuple[str, int]:
    """Have a cycle planned together by the worker, and wait for it on a page."""
    try:
        run = batching.ask_batch(
            context.session(),
            cycle=cycle,
            hub_id=context.seat().enterprise_id,
            floor=request.form.get("floor", 0, type=int),
            now=context.now(),
        )
    except Invalid as refusal:
        return _board(cycle, mistake=errors.sentence(refusal), field="floor"), 422
    context.nudge("batch")
    return redirect(url_for("chains.running", run=run), 303)


@bp.post("/<cycle>/wat-als")
def ask_what_if(cycle: str) -> Response | tuple[str, int]:
    """Ask what would happen if."""
    more = request.form.get("more", "").strip() or "0"
    if not more.isdecimal() or len(more) > 6:
        return _board(cycle, mistake=gettext("Vul een getal in, zoals 100.")), 422
    try:
        run = batching.ask_what_if(
            context.session(),
            context.gateways(),
            cycle=cycle,
            hub_id=context.seat().enterprise_id,
            what=WhatIf(
                more=int(more),
                closed=request.form.get("closed", ""),
                service=request.form.get("service", ""),
            ),
            where=request.form.get("where", "")[:80],
            now=context.now(),
        )
    except Invalid as refusal:
        return _board(cycle, mistake=errors.sentence(refusal), field=next(iter(refusal.fields), "more")), 422
    context.nudge("batch")
    return redirect(url_for("chains.running", run=run), 303)


@bp.post("/stopkosten")
def count_stop_costs() -> Response:
    """Let what a stop costs in a tour count in the choice, or not."""
    is_on = request.form.get("telt") == "1"
    learning.switch_stop_costs(
        context.session(),
        is_on=is_on,
        hub_id=context.seat().enterprise_id,
        by=context.actor(),
        now=context.now(),
    )
    said = gettext("Wat een stop kost, telt weer mee.") if is_on else gettext("Wat een stop kost, telt niet meer mee.")
    flash(said, "good")
    return redirect(url_for("chains.board") + "#stops", 303)


@bp.get("/loopt/<run>")
def running(run: str) -> str | Response:
    """Show how far a run is; when it is over, what came of it."""
    session = context.session()
    found = progress.own(session, public_id=run, enterprise_id=context.seat().enterprise_id)
    cycle = chain_board.cycle_of_run(session, run=found)
    imagined = chain_board.is_what_if(found)
    if found.state in progress.OPEN:
        return render_template("hub/planning.html", run=found, cycle=cycle, imagined=imagined, **_page())
    if imagined and found.state is progress.ProgressState.DONE and not request.headers.get("HX-Request"):
        return render_template(
            "hub/what_if.html", cycle=cycle, changes=_changes(found.asked), answer=found.result, **_page()
        )
    after = url_for("chains.running", run=run) if imagined else url_for("chains.board", ronde=cycle.public_id)
    if found.state is not progress.ProgressState.DONE:
        after = url_for("chains.board", ronde=cycle.public_id)
        said = gettext("Het plannen is gestopt. Elke bestelling heeft haar keten.")
        flash(gettext("Het rekenen is gestopt. Er is niets veranderd.") if imagined else said, "notice")
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": after})
    return redirect(after, 303)


@bp.post("/loopt/<run>/stop")
def stop(run: str) -> Response:
    """Stop a run that is not over."""
    batching.cancel(context.session(), public_id=run, hub_id=context.seat().enterprise_id, now=context.now())
    return redirect(url_for("chains.running", run=run), 303)


def _stop_costs() -> list[tuple[stop_costs.Learnt, int, int]]:
    """List what was learnt of each carrier, with the cents that a stop weighs in the choice with it and without."""
    found = []
    for one in stop_costs.learnt(context.session()):
        shared, alone = one.steering_millicents(Policy())
        found.append((one, round(shared / 1000), round(alone / 1000)))
    return found


def _board(cycle: str = "", *, mistake: str = "", field: str = "more") -> str:
    page = max(1, request.args.get("pagina", 1, type=int))
    shown = chain_board.board(
        context.session(),
        hub_id=context.seat().enterprise_id,
        cycle=cycle or request.args.get("ronde", "")[:16],
        page=page,
    )
    language = context.language()
    return render_template(
        "hub/chains.html",
        board=shown,
        stop_costs=_stop_costs(),
        stop_costs_count=stop_costs.counts(context.session()),
        names=[(one.public_id, one.name) for one in shown.cycles] if shown else [],
        page=page,
        stage_words=stage_words(),
        job_states={**job_words(), "nobody": gettext("Niemand")},
        tones=TONES,
        services={code: one.name[language] for code, one in data.services().items()},
        in_grams={code for code, one in data.services().items() if one.capacity_unit == "g"},
        units={code: units().get(one.stage, "") for code, one in data.services().items()},
        able=[
            (code, one.name[language])
            for code, one in data.services().items()
            if one.stage in ("process", "pack", "deliver")
        ],
        mistakes={field: mistake} if mistake else {},
        typed=request.form,
        **_page(),
    )


def stage_words() -> dict[str, str]:
    """Name the stages of a chain."""
    words = fee_words()
    return {stage: words[stage] for stage in ("process", "pack", "deliver")}


def _changes(asked: dict[str, Any]) -> list[str]:
    """Say in words what was imagined."""
    said = []
    if asked["more"]:
        said.append(ngettext("%(num)d bestelling meer", "%(num)d bestellingen meer", asked["more"]))
    if asked["closed"]:
        name = chain_board.name_of(context.session(), public_id=asked["closed"])
        said.append(gettext("%(name)s is gesloten", name=name))
    if asked["service"]:
        service = data.services()[asked["service"]].name[context.language()]
        said.append(gettext("iemand erbij voor %(service)s in %(place)s", service=service, place=asked["label"]))
    return said


def _page() -> dict[str, Any]:
    return workplace.hub_page("/hub/keten")
