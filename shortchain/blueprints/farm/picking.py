"""`/boer/plukken`: what comes off the field, and what goes where; made to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, explaining
from shortchain.blueprints.components import Tab
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.formatting import near_day
from shortchain.delivery import pick_lists
from shortchain.fulfilment import decisions
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.routing import told
from shortchain.workflows import supply


@bp.get("/plukken")
def picking() -> Page:
    """Show the picking list of a day: totals per product, then per destination."""
    today, farm_id = local_day(context.now()), context.seat().enterprise_id
    waiting = pick_lists.days_to_bring(context.session(), farm_id=farm_id, first=today)
    shown = _asked_day() or min(waiting, default=today)
    places = pick_lists.destinations(context.session(), farm_id=farm_id, day=shown)
    sold = pick_lists.sold_now(context.session(), farm_id=farm_id, now=context.now())
    days = [
        Tab(
            near_day(day),
            url_for("farm.picking", dag=day.isoformat()),
            current=day == shown,
            count=str(waiting.get(day, "")),
        )
        for day in sorted({today, shown, *waiting})
    ]
    return show(
        "picking",
        shown=shown,
        days=days,
        places=places,
        why=_why(places, farm_id),
        totals=pick_lists.totals(places),
        sold=sold,
    )


@bp.post("/afgeven")
def hand_over() -> Response:
    """Note that a destination got everything that the page showed for it."""
    try:
        done = supply.hand_over(
            context.session(),
            farm_id=context.seat().enterprise_id,
            leg_public_ids=request.form.getlist("leg")[:500],
            by=context.actor(),
            now=context.now(),
        )
        flash(
            ngettext("Afgegeven voor %(num)d bestelling.", "Afgegeven voor %(num)d bestellingen.", done)
            if done
            else _("Dat was al afgegeven."),
            "good",
        )
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("farm.picking", dag=request.form.get("dag", "")), 303)


def _why(places: Sequence[pick_lists.Destination], farm_id: int) -> dict[str, str]:
    """Say in a sentence why the goods go to each place that the farm brings them to, by its name."""
    places = [place for place in places if not place.fetched_by]
    numbers = [number for place in places for number in place.order_numbers]
    found = decisions.newest(context.session(), order_numbers=numbers)
    said = {}
    for place in places:
        trips = [
            trip
            for number in place.order_numbers
            if number in found
            for trip in told.trips(found[number].explanation, farm_id)
            if trip.to == place.name
        ]
        said[place.name] = explaining.why_there(trips, place.pay_cents)
    return said


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("dag", ""))
    except ValueError:
        return None
