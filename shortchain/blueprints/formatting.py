"""Jinja filters: money, quantities, distances, days and times, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from shortchain.blueprints import context
from shortchain.kernel.money import Money
from shortchain.kernel.window import BRUSSELS

NBSP = "\u00a0"
NARROW = "\u202f"
WORD_JOINER = "\u2060"
_ORDER_NUMBER = re.compile(r"\bSC-\d\d-\d+\b")


def money(value: Money | int) -> str:
    """Write an amount: `€ 2,40` in Dutch, `2,40 €` in French, `€2.40` in English."""
    cents = value if isinstance(value, int) else value.minor
    sign = "−" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    language = context.language()
    if language == "en":
        return f"{sign}€{euros:,}.{rest:02d}"
    if language == "fr":
        return f"{sign}{euros:,}".replace(",", NARROW) + f",{rest:02d}{NBSP}€"
    return f"{sign}€{NBSP}" + f"{euros:,}".replace(",", ".") + f",{rest:02d}"


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write the amounts among what fills in a sentence of the domain, as the reader's language does."""
    return {name: money(value) if isinstance(value, Money) else value for name, value in values.items()}


def number(value: float, digits: int = 0) -> str:
    """Write a number with the language's decimal sign."""
    text = f"{value:.{digits}f}"
    return text if context.language() == "en" else text.replace(".", ",")


def floor_text(number: int, has_lift: bool) -> str:
    """Say how high a door is and whether a lift goes there; nothing for the ground floor."""
    if not number:
        return ""
    words = gettext("verdieping %(number)s, met lift") if has_lift else gettext("verdieping %(number)s, zonder lift")
    return str(words % {"number": number})


def kilometres(metres: int) -> str:
    """Write a distance: `850 m`, `6,2 km`, `18 km`."""
    if metres < 950:
        return f"{round(metres, -1)}{NBSP}m"
    return number(metres / 1000, 1 if metres < 9_950 else 0) + f"{NBSP}km"


def weight(grams: int) -> str:
    """Write a weight: `250 g`, `1,5 kg`."""
    if grams < 1000:
        return f"{grams}{NBSP}g"
    text = number(grams / 1000, 3).rstrip("0").rstrip(",.")
    return f"{text}{NBSP}kg"


def day(value: date | datetime) -> str:
    """Write a day short, on one line: `do 26 nov`."""
    if isinstance(value, datetime):
        value = value.astimezone(BRUSSELS).date()
    return format_date(value, "EEE d MMM", locale=context.language()).replace(".", "").replace(" ", NBSP)


def long_day(value: date | datetime) -> str:
    """Write a day in full: `donderdag 26 november`."""
    if isinstance(value, datetime):
        value = value.astimezone(BRUSSELS).date()
    return format_date(value, "EEEE d MMMM", locale=context.language())


def clock(value: datetime) -> str:
    """Write a wall-clock time: `17 u.` or `18.40 u.`, `17 h`, `17:00`."""
    local = value.astimezone(BRUSSELS)
    language = context.language()
    if language == "en":
        return f"{local:%H:%M}"
    if language == "fr":
        return f"{local.hour}{NBSP}h" + (f"{NBSP}{local:%M}" if local.minute else "")
    return (f"{local.hour}.{local:%M}" if local.minute else str(local.hour)) + f"{NBSP}u."


def hours(start: datetime | None, end: datetime | None) -> str:
    """Write a window without its day: `17–19 u.`; open to one side: `vanaf 12 u.`, `tot 11 u.`; empty without either."""
    if start is None or end is None:
        if start is not None:
            return str(gettext("vanaf %(time)s", time=clock(start)))
        return str(gettext("tot %(time)s", time=clock(end))) if end is not None else ""
    first, last = clock(start), clock(end)
    if context.language() == "nl":
        first = first.removesuffix(f"{NBSP}u.")
    return until(first, last)


def until(first: str, last: str) -> str:
    """Join the ends of a span by a dash, on one line: after a bare dash a line may break."""
    return f"{first}–{WORD_JOINER}{last}"


def span(start: datetime, end: datetime) -> str:
    """Write a window on one day: `do 26 nov, 17–19 u.`."""
    return f"{day(start)}, {hours(start, end)}"


def near_day(value: date | datetime) -> str:
    """Write a day as people say it: `vandaag`, `gisteren`, `morgen`, else `do 26 nov`."""
    at = value.astimezone(BRUSSELS).date() if isinstance(value, datetime) else value
    away = (at - context.now().astimezone(BRUSSELS).date()).days
    if away in (-1, 0, 1):
        return str((gettext("vandaag"), gettext("morgen"), gettext("gisteren"))[away])
    return day(at)


def minutes(count: float) -> str:
    """Write a duration: `22 min`, `1 u. 10 min`."""
    whole, rest = divmod(round(count), 60)
    hour = "u." if context.language() == "nl" else "h"
    if not whole:
        return f"{rest}{NBSP}min"
    return f"{whole}{NBSP}{hour}" + (f" {rest}{NBSP}min" if rest else "")


def moment(value: datetime) -> str:
    """Write an instant: `do 26 nov, 18.40 u.`."""
    return f"{day(value)}, {clock(value)}"


def stamp(value: datetime) -> str:
    """Write an instant exactly, for logs on screen."""
    return format_datetime(value.astimezone(BRUSSELS), "dd/MM/yyyy HH:mm:ss", locale=context.language())


def month_name(number: int) -> str:
    """Write the name of a month (1 to 12) short: `jan`, `févr`."""
    return str(format_date(date(2026, number, 1), "LLL", locale=context.language()).replace(".", ""))


def month_and_year(value: date) -> str:
    """Write the month of a day: `november 2026`."""
    return str(format_date(value, "LLLL yyyy", locale=context.language()))


def full_date(value: date | str) -> str:
    """Write a day with its year: `26 november 2026`; also one that was stored as ISO 8601 text."""
    at = date.fromisoformat(value) if isinstance(value, str) else value
    return str(format_date(at, "d MMMM yyyy", locale=context.language()))


def text_in(value: dict[str, Any] | None) -> str:
    """Take the reader's language out of a text per language; Dutch stands in."""
    if not value:
        return ""
    return str(value.get(context.language()) or value.get("nl") or "")


def unbroken(value: Any) -> Any:
    """Keep the order numbers of a text on one line each (`SC-26-04821` breaks after its hyphens).

    By a span and not by other hyphens: a number that is copied from the page must be found again.
    """
    if "SC-" not in str(value):
        return value
    kept = _ORDER_NUMBER.sub(r'<span class="whole">\g<0></span>', str(escape(value)))
    return Markup(kept)  # noqa: S704 - escaped above; what is put in is a digit or a hyphen


def instant(value: str) -> datetime:
    """Read back a time that was stored as ISO 8601 text, for the filters above."""
    return datetime.fromisoformat(value)


FILTERS = (
    instant,
    money,
    number,
    floor_text,
    kilometres,
    weight,
    day,
    long_day,
    clock,
    hours,
    span,
    until,
    near_day,
    minutes,
    moment,
    stamp,
    month_and_year,
    full_date,
    text_in,
    unbroken,
)


def register(app: Flask) -> None:
    """Hand the filters to the templates."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["language"] = context.language
    app.jinja_env.globals["person"] = context.person
    app.jinja_env.globals["my_seats"] = context.my_seats
    app.jinja_env.globals["now"] = context.now
