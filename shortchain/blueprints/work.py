"""The desk and the work floor of a provider: requests, the day, one job, the packing list."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, explaining, scales, workplace
from shortchain.blueprints.components import Tab
from shortchain.blueprints.formatting import near_day
from shortchain.blueprints.work_words import (
    allergen_names,
    half_words,
    load_in_units,
    reasons,
    request_facts,
    states,
    title_of,
    work_facts,
)
from shortchain.delivery import boards, choices
from shortchain.delivery.boards import WorkJob
from shortchain.enterprises import capabilities
from shortchain.fulfilment import decisions, refusals
from shortchain.kernel.errors import Conflict, Invalid
from shortchain.kernel.window import local_day
from shortchain.routing import told
from shortchain.workflows import declining, fulfilment, weighing

bp = Blueprint("work", __name__, url_prefix="/werk")
LOOK_BACK = timedelta(days=28)
LOOKED_AT = 300
"""So many decisions at most are read to say what went to somebody else."""


@bp.get("/in")
def inbox() -> str:
    """Show what is asked, with what it does to the day."""
    asked = boards.requests_of(context.session(), enterprise_id=context.seat().enterprise_id)
    today = local_day(context.now())
    coming = boards.promised_days(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        first=today,
        last=today + timedelta(days=28),
    )
    return render_template(
        "work/inbox.html",
        reasons=reasons(),
        asked=asked,
        coming=coming,
        refused=refusals.became(context.session(), enterprise_id=context.seat().enterprise_id, now=context.now()),
        title=title_of,
        facts=request_facts,
        load=load_in_units,
        **workplace.provider_page("/werk/in", asked=len(asked)),
    )


@bp.post("/in/<public_id>/ja")
def accept(public_id: str) -> Response:
    """Accept one request."""
    try:
        fulfilment.accept_job(
            context.session(),
            job_public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Aanvaard. Het staat nu bij je werk."), "good")
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("work.inbox"), 303)


@bp.post("/in/alles")
def accept_all() -> Response:
    """Accept the requests that the page showed."""
    accepted, gone = fulfilment.accept_jobs(
        context.session(),
        job_public_ids=request.form.getlist("job")[:200],
        enterprise_id=context.seat().enterprise_id,
        by=context.actor(),
        now=context.now(),
    )
    if accepted:
        flash(ngettext("%(num)d aanvraag aanvaard.", "%(num)d aanvragen aanvaard.", accepted), "good")
    if gone:
        _tell_gone(gone)
    return redirect(url_for("work.inbox"), 303)


def _tell_gone(gone: int) -> None:
    flash(ngettext("%(num)d aanvraag was al beantwoord.", "%(num)d aanvragen waren al beantwoord.", gone), "notice")


@bp.post("/in/geen")
def decline_all() -> Response:
    """Decline the requests that the page showed; others are chosen for all of them together."""
    declined = declining.decline_jobs(
        context.session(),
        context.gateways(),
        job_public_ids=request.form.getlist("job")[:200],
        enterprise_id=context.seat().enterprise_id,
        reason=request.form.get("reason", "")[:200],
        by=context.actor(),
        now=context.now(),
    )
    if declined.left:
        context.nudge("replace_refused")
    if declined.said:
        flash(gettext("Goed. We vragen ze alle aan anderen."), "good")
    if declined.gone:
        _tell_gone(declined.gone)
    return redirect(url_for("work.inbox"), 303)


@bp.post("/in/<public_id>/nee")
def decline(public_id: str) -> Response:
    """Decline a request, or promised work that has not started; a reason is welcome and not needed."""
    try:
        declining.decline_job(
            context.session(),
            context.gateways(),
            job_public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            reason=request.form.get("reason", "")[:200],
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("Goed. We vragen het aan een ander."), "good")
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("work.inbox"), 303)


@bp.post("/in/<public_id>/dag")
def propose(public_id: str) -> Response:
    """Propose another day or half day for a job; taken at once where it suits everybody."""
    try:
        moved = fulfilment.propose_time(
            context.session(),
            context.gateways(),
            job_public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            day=_day_of(request.form.get("day", "")),
            half=request.form.get("half", ""),
            by=context.actor(),
            now=context.now(),
        )
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("work.job", public_id=public_id), 303)
    if moved:
        flash(gettext("Dat past. De opdracht staat nu op dat moment."), "good")
    else:
        flash(gettext("Dat moment past niet vanzelf. De coördinator bekijkt je voorstel."), "notice")
    return redirect(url_for("work.inbox"), 303)


@bp.get("/dag")
def day() -> str:
    """Show the work of a day: to do, busy, done."""
    shown, today = _asked_day(), local_day(context.now())
    jobs = boards.work_of(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        day=shown,
        also_late=shown == today,
    )
    columns = [
        (gettext("Te doen"), [job for job in jobs if job.state == "accepted"]),
        (gettext("Bezig"), [job for job in jobs if job.state == "started"]),
        (gettext("Klaar"), [job for job in jobs if job.state == "ready"]),
    ]
    return render_template(
        "work/day.html",
        shown=shown,
        today=today,
        days=_days(shown, "work.day"),
        columns=columns,
        jobs=jobs,
        title=title_of,
        facts=work_facts,
        **workplace.provider_page("/werk/dag"),
    )


@bp.get("/opdracht/<public_id>")
def job(public_id: str) -> str:
    """Show one job with everything that goes in, and fields for what is paid by weight."""
    found = boards.job_of(context.session(), enterprise_id=context.seat().enterprise_id, public_id=public_id)
    return _job_page(found, scales.of_job(found))


def _job_page(found: WorkJob, fields: list[scales.Scale]) -> str:
    public_id = found.public_id
    is_request = found.state == "offered" and workplace.is_manager()
    return render_template(
        "work/job.html",
        job=found,
        scales=fields,
        errors=[(f"f-{one.field}", one.error) for one in fields if one.error],
        title=title_of,
        facts=request_facts if is_request else work_facts,
        allergen_names=allergen_names,
        states=states(),
        reasons=reasons(),
        days=_days_to_propose(public_id) if workplace.is_manager() else [],
        halves=[("", gettext("Maakt niet uit")), *half_words().items()],
        back=url_for("work.day", dag=found.day.isoformat()),
        manages=workplace.is_manager(),
        why=_why(found),
        **workplace.provider_page("/werk/dag"),
    )


@bp.post("/opdracht/<public_id>/gewichten")
def weigh(public_id: str) -> Response | tuple[str, int]:
    """Note what goods weigh that are paid by weight; a wrong weight leaves the page as it was typed."""
    enterprise_id = context.seat().enterprise_id
    found = boards.job_of(context.session(), enterprise_id=enterprise_id, public_id=public_id)
    weights, fields = scales.read(found, request.form)
    if any(one.error for one in fields):
        return _job_page(found, fields), 422
    try:
        weighing.weigh(
            context.session(),
            job_public_id=public_id,
            enterprise_id=enterprise_id,
            weights=weights,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("De gewichten zijn bewaard."), "good")
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("work.job", public_id=public_id), 303)


@bp.get("/waarom")
def why() -> str:
    """Show what lately went to the enterprise and what did not, each with its reason."""
    session, seat, now = context.session(), context.seat(), context.now()
    found = decisions.lately(session, after=now - LOOK_BACK, limit=LOOKED_AT)
    abilities = [
        told.Ability(
            one.service,
            frozenset(one.storage_classes),
            frozenset(one.refused_allergens),
            one.price_form.value,
            bool(one.pickup_price_cents),
            one.handles_apart,
        )
        for one in capabilities.list_of(session, enterprise_id=seat.enterprise_id)
    ]
    chances = [one for row in found for one in told.chances(row.explanation, seat.enterprise_id, abilities=abilities)]
    return render_template(
        "work/why.html",
        got=sum(one.code == told.GOT for one in chances),
        missed=Counter(one for one in chances if one.code != told.GOT),
        words=explaining.why_not,
        service=explaining.stage_name,
        since=now - LOOK_BACK,
        **workplace.provider_page("/werk/waarom"),
    )


@bp.post("/opdracht/<public_id>/<deed>")
def move(public_id: str, deed: str) -> Response:
    """Start, pause or finish a job."""
    deeds = {
        "start": fulfilment.start_job,
        "pauze": fulfilment.pause_job,
        "klaar": fulfilment.finish_job,
    }
    if deed not in deeds:
        return redirect(url_for("work.job", public_id=public_id), 303)
    try:
        deeds[deed](
            context.session(),
            job_public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(url_for("work.job", public_id=public_id), 303)
    if deed == "klaar":
        return redirect(url_for("work.day", dag=request.form.get("dag", "")), 303)
    return redirect(url_for("work.job", public_id=public_id), 303)


@bp.get("/lijst")
def packing_list() -> str:
    """Show what goes in which box, and how much of everything the day needs; made to be printed."""
    shown = _asked_day()
    jobs = boards.work_of(context.session(), enterprise_id=context.seat().enterprise_id, day=shown)
    return render_template(
        "work/list.html",
        shown=shown,
        days=_days(shown, "work.packing_list"),
        jobs=jobs,
        totals=boards.totals(jobs),
        title=title_of,
        **workplace.provider_page("/werk/lijst"),
    )


@bp.get("/capaciteit")
def capacity() -> Response:
    """Lead to the calendar of the enterprise."""
    return redirect(url_for("enterprise.capacity"), 302)


@bp.get("/diensten")
def services() -> Response:
    """Lead to the services and prices of the enterprise."""
    return redirect(url_for("enterprise.services"), 302)


def _why(found: WorkJob) -> str:
    enterprise_id = context.seat().enterprise_id
    decision = decisions.of_job(context.session(), job_public_id=found.public_id, enterprise_id=enterprise_id)
    return explaining.why_you(decision, found, enterprise_id) if decision else ""


def _asked_day() -> date:
    return _day_of(request.args.get("dag", ""))


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return local_day(context.now())


def _days_to_propose(public_id: str) -> list[tuple[str, str]]:
    found = choices.days_to_propose(
        context.session(), job_public_id=public_id, enterprise_id=context.seat().enterprise_id, now=context.now()
    )
    return [
        (one.isoformat(), near_day(one) if suits else gettext("%(day)s (in overleg)", day=near_day(one)))
        for one, suits in found
    ]


def _days(shown: date, endpoint: str) -> list[Tab]:
    today = local_day(context.now())
    busy = boards.promised_days(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        first=today - timedelta(days=1),
        last=today + timedelta(days=14),
    )
    return [
        Tab(
            near_day(one),
            url_for(endpoint, dag=one.isoformat()),
            current=one == shown,
            count=str(busy.get(one, "")),
        )
        for one in sorted({today, shown, *busy})
    ]
