"""The calendar: what can be done on which day, what is promised, and the closed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import ClosureForm
from shortchain.blueprints.enterprise.frame import capacity_words, show
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.capacity import ledger
from shortchain.enterprises import calendar, capabilities, weeks
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import days_between, local_day
from shortchain.workflows import closing
from shortchain.workflows import offering as deeds

Answer = Response | str | tuple[str, int]
WEEKS = 4


@dataclass(frozen=True, slots=True)
class DayOfService:
    """What a service can do and has promised on one day, in the unit of the screen."""

    cap: int
    promised: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the calendar. `note` is why it is special: closed, or a public holiday."""

    day: date
    is_closed: bool
    note: str
    services: tuple[DayOfService, ...]


@bp.get("/kalender")
def capacity() -> Answer:
    """Show four weeks with capacity, promises and closed days."""
    return _calendar()


@bp.post("/kalender/sluiten")
def close_days() -> Answer:
    """Close some days; refused when work is promised on them."""
    form = ClosureForm()
    if form.validate_on_submit():
        try:
            deeds.close_days(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                reason=form.reason.data or "",
                is_collective=bool(form.collective.data) and context.seat().is_hub,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Die dagen zijn gesloten. Er komt geen nieuw werk bij."), "good")
            return redirect(url_for("enterprise.capacity"), 303)
    return _calendar(form)


@bp.post("/kalender/plots-dicht")
def close_suddenly() -> Answer:
    """Close at once although work was promised; all that has not started goes to others."""
    form = ClosureForm(prefix="plots")
    if form.validate_on_submit():
        try:
            moved = closing.close_suddenly(
                context.session(),
                context.gateways(),
                enterprise_id=context.seat().enterprise_id,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                reason=form.reason.data or "",
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            _tell(moved)
            return redirect(url_for("enterprise.capacity"), 303)
    return _calendar(sudden=form)


def _tell(moved: closing.Moved) -> None:
    flash(_("Je bent gesloten. Wat begonnen is, blijft bij jou."), "good")
    if moved.found:
        flash(
            ngettext("%(num)d opdracht gaat naar een ander.", "%(num)d opdrachten gaan naar een ander.", moved.found),
            "good",
        )
    if moved.unrouted:
        flash(
            ngettext(
                "Voor %(num)d opdracht vonden we niemand. De coördinator zoekt verder.",
                "Voor %(num)d opdrachten vonden we niemand. De coördinator zoekt verder.",
                moved.unrouted,
            ),
            "notice",
        )
    if moved.left:
        flash(
            ngettext(
                "%(num)d opdracht volgt binnen een minuut.", "%(num)d opdrachten volgen binnen een minuut.", moved.left
            ),
            "info",
        )


@bp.post("/kalender/<int:closure_id>/openen")
def reopen_days(closure_id: int) -> Response:
    """Take closed days back."""
    deeds.reopen_days(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        closure_id=closure_id,
        now=context.now(),
        by=context.actor(),
    )
    flash(_("Die dagen zijn weer open."), "good")
    return redirect(url_for("enterprise.capacity"), 303)


def _calendar(form: Any = None, *, sudden: Any = None) -> Answer:
    session, seat = context.session(), context.seat()
    today = local_day(context.now())
    first = today - timedelta(days=today.weekday())
    last = first + timedelta(days=7 * WEEKS - 1)
    offered = capabilities.list_of(session, enterprise_id=seat.enterprise_id)
    coming = calendar.closures(session, enterprise_id=seat.enterprise_id, first_day=first)
    taken = ledger.taken(session, first=first, last=last, capability_ids=[one.id for one in offered])
    planned = weeks.planned(session, capability_ids=[one.id for one in offered], first=first, last=last)
    holidays = calendar.public_holidays(first, last, language=context.language())
    rows = []
    for day in days_between(max(first, today), last):
        closed = next((one for one in coming if one.first_day <= day <= one.last_day), None)
        rows.append(
            DayRow(
                day,
                closed is not None,
                (closed.reason if closed else "") or holidays.get(day, ""),
                tuple(_of_day(one, day, closed is not None, taken, planned) for one in offered),
            )
        )
    if not offered:  # nothing to count: only the days that differ are worth a line
        rows = [row for row in rows if row.is_closed or row.note]
    known, language = data.services(), context.language()
    return show(
        "calendar",
        errors=summary(form or sudden) if form or sudden else [],
        rows=rows,
        closures=coming,
        proposals=calendar.proposals(
            session, enterprise_id=seat.enterprise_id, today=today, language=context.language()
        ),
        form=form or ClosureForm(formdata=None),
        sudden=sudden or ClosureForm(formdata=None, prefix="plots"),
        services=[
            f"{known[one.service].name[language]} ({capacity_words(known[one.service].capacity_unit)})"
            for one in offered
        ],
    )


def _of_day(one: Any, day: date, is_closed: bool, taken: Any, planned: Any) -> DayOfService:
    scale = 1000 if data.services()[one.service].capacity_unit == "g" else 1
    usual = 0 if is_closed else planned.get((one.id, day), one.weekday_capacity[day.weekday()])
    cap, promised = taken.get((one.id, day), (usual, 0))
    return DayOfService(cap // scale, -(-promised // scale))
