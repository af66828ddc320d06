"""`/onderneming/kalender/week`: a week as a grid of half days, saved as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints import errors as problems
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import capacity_words, show
from shortchain.blueprints.formatting import day as short_day
from shortchain.capacity import ledger
from shortchain.enterprises import calendar, capabilities, weeks
from shortchain.enterprises.founding import StaleEdit
from shortchain.enterprises.weeks import HalfDay, Week
from shortchain.kernel.errors import DomainError
from shortchain.kernel.halves import AFTERNOON, HALVES, MORNING
from shortchain.kernel.window import local_day
from shortchain.workflows import offering

Answer = Response | str | tuple[str, int]
AHEAD = 26
"""So many weeks ahead can be planned."""


@dataclass(frozen=True, slots=True)
class Service:
    """A column of the grid. `scale` is how many of its units make one of the screen (grams in a kg)."""

    id: int
    name: str
    unit: str
    scale: int
    by_hours: bool
    minutes_each: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One number to fill in. `id` is that of the control, which carries the name too."""

    name: str
    label: str
    value: str
    note: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One half day; a day that is over or closed has no cells to fill in."""

    day: date
    half: str
    note: str
    is_closed: bool
    is_over: bool
    cells: tuple[Cell, ...]


@bp.get("/kalender/week")
def week() -> Answer:
    """Show a week: what was planned, what is usual, or (asked with `van=vorige`) a copy of the week before."""
    monday = _monday()
    kept = _read(monday)
    copied = request.args.get("van") == "vorige"
    shown = weeks.moved(_read(monday - timedelta(days=7)), to=kept) if copied else kept
    return _page(shown, copied=copied)


@bp.post("/kalender/week")
def save_week() -> Answer:
    """Save the whole week, or nothing of it."""
    monday = _monday()
    kept = _read(monday)
    services = _services()
    halves, wrong = _typed(kept, services)
    if wrong:
        return _page(kept, errors=wrong)
    try:
        offering.save_week(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            monday=monday,
            version=request.form.get("version", 0, type=int),
            halves=halves,
            now=context.now(),
            by=context.actor(),
        )
    except offering.BelowPromise as refusal:
        return _page(kept, errors=[_promised(one, services, halves) for one in refusal.short])
    except StaleEdit as refusal:
        return _page(_read(monday), errors=[("", problems.sentence(refusal))], beside=True)
    except DomainError as refusal:
        return _page(kept, errors=[("", problems.sentence(refusal))])
    flash(_("De week is bewaard."), "good")
    return redirect(url_for("enterprise.week", week=monday.isoformat()), 303)


def _monday() -> date:
    """Take the Monday of the asked week; this week's when it is not one that can be planned."""
    today = local_day(context.now())
    this = today - timedelta(days=today.weekday())
    try:
        asked = date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        return this
    asked -= timedelta(days=asked.weekday())
    return asked if this <= asked <= this + timedelta(weeks=AHEAD) else this


def _read(monday: date) -> Week:
    return weeks.read(context.session(), enterprise_id=context.seat().enterprise_id, monday=monday)


def _services() -> list[Service]:
    """List the services that are counted in a unit of their own, or in hours of people."""
    known, language = data.services(), context.language()
    return [
        Service(
            one.id,
            known[one.service].name[language],
            capacity_words(known[one.service].capacity_unit),
            1000 if known[one.service].capacity_unit == "g" else 1,
            known[one.service].capacity_unit == "hour",
            one.minutes_each,
        )
        for one in capabilities.list_of(context.session(), enterprise_id=context.seat().enterprise_id)
    ]


def _typed(kept: Week, services: Sequence[Service]) -> tuple[list[HalfDay], list[tuple[str, str]]]:
    """Read the numbers of the days that can be changed, with what is wrong as (id of the control, text)."""
    halves, wrong = [], []
    for half in kept.halves:
        if _name("mensen", half) not in request.form:
            continue  # a day that is over or closed was not asked
        try:
            people = _whole(request.form.get(_name("mensen", half), ""))
            minutes = _minutes(request.form.get(_name("uren", half), ""))
            amounts = {
                one.id: people * minutes // 60
                if one.by_hours
                else _whole(request.form.get(_name(one.id, half), "")) * one.scale
                for one in services
            }
        except _NotANumber as error:
            field = next(name for name in _names(half, services) if request.form.get(name, "").strip() == error.text)
            wrong.append(
                (f"f-{field}", _("%(day)s: “%(text)s” is geen getal.", day=short_day(half.day), text=error.text))
            )
        else:
            halves.append(HalfDay(half.day, half.half, people, minutes, amounts))
    return halves, wrong


class _NotANumber(ValueError):
    def __init__(self, text: str) -> None:
        self.text = text


def _whole(text: str) -> int:
    text = text.strip()
    if text and (not text.isdecimal() or len(text) > 6):
        raise _NotANumber(text)
    return int(text or "0")


def _minutes(text: str) -> int:
    """Read hours such as 3,5 to whole minutes."""
    whole, _comma, part = text.strip().replace(".", ",").partition(",")
    if (whole + part) and (not (whole + part).isdecimal() or len(whole) > 2 or len(part) > 2):
        raise _NotANumber(text.strip())
    return int(whole or "0") * 60 + round(float(f"0.{part or 0}") * 60)


def _name(what: str | int, half: HalfDay) -> str:
    return f"{what}-{half.day.isoformat()}-{half.half}"


def _names(half: HalfDay, services: Sequence[Service]) -> list[str]:
    own = [_name(one.id, half) for one in services if not one.by_hours]
    return [_name("mensen", half), _name("uren", half), *own]


def _promised(short: offering.Promise, services: Sequence[Service], typed: Sequence[HalfDay]) -> tuple[str, str]:
    """Say what is promised already, at the control where more must be filled in: the amount, else the people."""
    one = next(one for one in services if one.id == short.capability_id)
    amount = -(-short.amount // one.scale)
    stated = [half.amounts.get(one.id, 0) for half in typed if half.day == short.day and short.half in ("", half.half)]
    few = one.by_hours or sum(stated) >= short.amount
    where = "mensen" if few else one.id
    parts = {MORNING: _("voormiddag"), AFTERNOON: _("namiddag")}
    values: dict[str, Any] = {
        "day": f"{short_day(short.day)} {parts[short.half]}" if short.half else short_day(short.day),
        "service": one.name,
        "amount": amount,
        "unit": one.unit,
    }
    if few and not one.by_hours:
        text = _(
            "%(day)s, %(service)s: %(amount)d %(unit)s zijn al beloofd. Met deze mensen en uren lukt dat niet; niets is bewaard.",
            **values,
        )
    else:
        text = _(
            "%(day)s, %(service)s: %(amount)d %(unit)s zijn al beloofd. Minder kan niet; niets is bewaard.", **values
        )
    return f"f-{where}-{short.day.isoformat()}-{short.half or AFTERNOON}", text


def _page(shown: Week, *, errors: Sequence[tuple[str, str]] = (), copied: bool = False, beside: bool = False) -> Answer:
    """Show the grid with what was typed; `beside` also says what is kept now, where that is something else."""
    session, seat = context.session(), context.seat()
    monday, sunday = shown.monday, shown.monday + timedelta(days=6)
    today = local_day(context.now())
    services = _services()
    closures = calendar.closures(session, enterprise_id=seat.enterprise_id, first_day=monday, last_day=sunday)
    holidays = calendar.public_holidays(monday, sunday, language=context.language())
    taken = ledger.taken(session, first=monday, last=sunday, capability_ids=[one.id for one in services])
    able = weeks.planned_halves(session, capability_ids=[one.id for one in services], first=monday, last=sunday)
    mistakes = dict(errors)
    rows = []
    for half in shown.halves:
        closed = next((one for one in closures if one.first_day <= half.day <= one.last_day), None)
        rows.append(
            Row(
                half.day,
                half.half,
                ", ".join(filter(None, (closed.reason if closed else "", holidays.get(half.day, "")))),
                closed is not None,
                half.day < today,
                tuple(_cells(half, services, taken, able, mistakes, beside=beside)),
            )
        )
    this = today - timedelta(days=today.weekday())
    return show(
        "week",
        errors=errors,
        monday=monday,
        sunday=sunday,
        version=shown.version if beside else request.form.get("version", shown.version),
        rows=rows,
        columns=[
            _("mensen"),
            _("uren per mens"),
            *(f"{one.name} ({one.unit})" for one in services if not one.by_hours),
        ],
        by_hours=[one.name for one in services if one.by_hours],
        timed=[(one.name, one.minutes_each) for one in services if one.minutes_each],
        has_services=bool(services),
        hours=sum(half.people * half.minutes for half in shown.halves) / 60,
        copied=copied,
        halves=dict(zip(HALVES, (_("voormiddag"), _("namiddag")), strict=True)),
        previous=_link(monday - timedelta(days=7)) if monday > this else "",
        next=_link(monday + timedelta(days=7)) if monday < this + timedelta(weeks=AHEAD) else "",
        copy_url=url_for("enterprise.week", week=monday.isoformat(), van="vorige"),
    )


def _link(monday: date) -> str:
    return url_for("enterprise.week", week=monday.isoformat())


def _cells(
    half: HalfDay, services: Sequence[Service], taken: Any, able: Any, mistakes: dict[str, str], *, beside: bool
) -> list[Cell]:
    """Make the cells of a half day, with what was typed; what is promised stands at the morning.

    Where the people and hours that are kept do less than the stated amount, the cell says how much.
    """
    hours = f"{half.minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    values: list[tuple[str, str, str, str]] = [
        (_name("mensen", half), _("mensen"), str(half.people), ""),
        (_name("uren", half), _("uren per mens"), hours, ""),
    ]
    for one in services:
        if one.by_hours:
            continue
        promised = -(-taken.get((one.id, half.day), (0, 0))[1] // one.scale)
        note = _("%(amount)d beloofd die dag", amount=promised) if promised and half.half != AFTERNOON else ""
        most = able.get((one.id, half.day), (half.amounts.get(one.id, 0),) * 2)[HALVES.index(half.half)]
        if most < half.amounts.get(one.id, 0):
            people = _("deze mensen: %(amount)d", amount=most // one.scale)
            note = f"{people}, {note}" if note else people
        kept = str(half.amounts.get(one.id, 0) // one.scale)
        values.append((_name(one.id, half), f"{one.name} ({one.unit})", kept, note))
    made = []
    for name, label, kept, note in values:
        typed = request.form.get(name, kept)
        if beside and typed.strip() != kept:
            note = _("nu bewaard: %(value)s", value=kept)
        made.append(Cell(name, label, typed, note, mistakes.get(f"f-{name}", "")))
    return made
