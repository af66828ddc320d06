"""`/boer/oogst`: the quick list. Five products within two minutes, on a phone, in the field."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context, errors, formatting
from shortchain.blueprints.farm import bp, quick_list
from shortchain.blueprints.farm.frame import Page, show
from shortchain.blueprints.farm.quick_list import OFTEN, QuickList
from shortchain.catalogue import browse, products
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.stock import harvests
from shortchain.stock.harvests import UNDO_FOR
from shortchain.workflows import supply

BACK_DAYS = 7


@bp.get("/oogst")
def harvest() -> Page:
    """Show the products of last time, ready to be filled in."""
    listed = _load(MultiDict())
    if request.args.get("zoals") == "vorige":
        quick_list.fill_as_last_time(listed)
    return _page(listed)


@bp.post("/oogst")
def list_harvest() -> Page | Response:
    """Fill, count or publish the list; every button of the form comes here."""
    form = request.form
    listed = _load(form)
    deed = form.get("doe", "")
    if "less" in form or "more" in form:
        quick_list.press(listed, form.get("more") or form["less"], up="more" in form)
    elif deed == "vorige":
        quick_list.fill_as_last_time(listed)
    elif deed == "schaal":
        quick_list.scale(listed, 8)
    elif deed == "erbij":
        return _add(listed, form)
    else:
        return _publish(listed)
    return _page(listed)


@bp.post("/oogst/terug")
def undo_harvest() -> Response:
    """Take a list back."""
    try:
        count = supply.undo_harvest(
            context.session(),
            farm_id=context.seat().enterprise_id,
            key=request.form.get("key", ""),
            by=context.actor(),
            now=context.now(),
        )
        flash(
            ngettext("%(num)d product is teruggehaald.", "%(num)d producten zijn teruggehaald.", count),
            "good",
        )
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("farm.harvest"), 303)


def _load(form: MultiDict[str, str]) -> QuickList:
    farm, _organic = browse.farm_page(context.session(), slug=context.seat().slug, today=local_day(context.now()))
    return quick_list.load(
        context.session(),
        farm_id=context.seat().enterprise_id,
        municipality=farm.municipality,
        today=local_day(context.now()),
        form=form,
    )


def _add(listed: QuickList, form: MultiDict[str, str]) -> Page:
    """Put something from the table in the list; what is made needs its legal facts first."""
    slug = products.find_in_table(form.get("wat", ""))
    if slug is None:
        listed.errors.append(("f-wat", _("Dat kennen we niet. Typ minstens 3 letters en kies uit de lijst.")))
        return _page(listed)
    if any(line.terms.produce == slug for line in listed.lines):
        flash(_("Dat staat al in de lijst."), "info")
        return _page(listed)
    if "unknown" in data.allergen_defaults(slug).values():
        listed.errors.append(("f-wat", _("Dit is bereid. Maak het eerst bij Aanbod, met zijn ingrediënten.")))
        return _page(listed)
    more = form.copy()
    more.add("new", slug)
    return _page(_load(more), opened=slug)


def _publish(listed: QuickList) -> Page | Response:
    """Put the list in the shop; ask once when something is unusual."""
    rows = quick_list.rows_of(listed)
    quick_list.look_twice(listed)
    if listed.errors or (listed.seen and request.form.get("gezien") != listed.seen):
        return _page(listed, asks=not listed.errors)
    try:
        done = supply.list_harvest(
            context.session(),
            farm_id=context.seat().enterprise_id,
            key=listed.key,
            rows=rows,
            harvested_on=listed.day,
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        where = f"f-{refusal.fields[0]}" if refusal.fields == ("harvested_on",) else ""
        listed.errors.append((where, errors.sentence(refusal)))
        return _page(listed)
    flash(
        ngettext(
            "%(num)d product staat in de winkel.",
            "%(num)d producten staan in de winkel.",
            done.count,
        ),
        "good",
    )
    return redirect(url_for("farm.harvest", terug=done.key), 303)


def _page(listed: QuickList, *, opened: str = "", asks: bool = False) -> Page:
    today = local_day(context.now())
    often = [
        line for line in listed.lines if line.is_open or (line.last_day and line.last_day >= today - OFTEN)
    ] or listed.lines
    return show(
        "harvest",
        errors=listed.errors,
        listed=listed,
        often=often,
        others=[line for line in listed.lines if line not in often],
        days=_days(today),
        table=_table(),
        names=_unit_names(),
        undo=_undoable(),
        opened=opened,
        asks=asks,
        weight_g=quick_list.weight_g(listed),
        worth_cents=quick_list.worth_cents(listed),
    )


def _days(today: date) -> list[tuple[str, str]]:
    days = [today - timedelta(days=back) for back in range(BACK_DAYS + 1)]
    return [(day.isoformat(), formatting.near_day(day)) for day in days]


def _table() -> list[str]:
    """Name everything that a farm can add, for the list under the field."""
    names = [item.plural[context.language()] for item in data.produce().values()]
    return sorted(dict.fromkeys(names))


def _unit_names() -> dict[str, tuple[str, str]]:
    """Give each unit's word for one and for several."""
    language = context.language()
    return {code.value: (one.name[language], one.plural[language]) for code, one in data.sell_units().items()}


def _undoable() -> harvests.Listed | None:
    key = request.args.get("terug", "")
    if not supply.KEY.fullmatch(key):
        return None
    listed = harvests.batch(context.session(), farm_id=context.seat().enterprise_id, key=key)
    fresh = listed is not None and context.now() - listed.listed_at <= UNDO_FOR
    return listed if fresh else None
