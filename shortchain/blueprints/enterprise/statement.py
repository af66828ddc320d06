"""The monthly statement of an enterprise, on the screen and as a file for its accountant."""

from __future__ import annotations

from flask import abort, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import amounts, context, files, formatting
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.kernel.window import local_day
from shortchain.payouts import exports, monthly
from shortchain.payouts.monthly import Line, Statement

Answer = str | tuple[str, int]


@bp.get("/afrekening")
def statement() -> Answer:
    """Show a month: what was open, what was earned line by line, what was paid, what is open."""
    today = local_day(context.now())
    found = _read()
    return show(
        "statement",
        statement=found,
        month=f"{found.first:%Y-%m}",
        what=_what,
        before=f"{monthly.month_before(found.first):%Y-%m}",
        after=f"{monthly.next_month(found.first):%Y-%m}" if monthly.next_month(found.first) <= today else "",
        kinds=kind_words(),
    )


@bp.get("/afrekening.<kind>")
def statement_file(kind: str) -> Response:
    """Give the same month as CSV or XLSX."""
    if kind not in files.KINDS:
        abort(404)
    found = _read()
    return files.table(
        kind, f"afrekening-{found.first:%Y-%m}", exports.STATEMENT_COLUMNS, exports.statement_rows(found)
    )


def _read() -> Statement:
    first = monthly.month_of(request.args.get("maand", ""), today=local_day(context.now()))
    return monthly.read(context.session(), enterprise_id=context.seat().enterprise_id, first=first)


def _what(line: Line) -> str:
    """Say what a line stands for, in the reader's language; empty for a booking that is no part of an order."""
    about = line.about
    if about is None:
        return _("terugbetaling") if line.what == "refund" else line.what
    if about.service and about.day:
        return f"{data.services()[about.service].name[context.language()]}, {formatting.day(about.day)}"
    if about.name and about.sell_unit:
        return f"{formatting.text_in(dict(about.name))}, {amounts.amount_text(about.amount, about.sell_unit)}"
    return formatting.kilometres(about.metres) if about.metres else f"{about.amount} ×"


def kind_words() -> dict[str, str]:
    """Name the kinds of lines."""
    return {
        "goods": _("Verkocht"),
        "process": _("Verwerkt"),
        "transport": _("Vervoerd"),
        "pack": _("Ingepakt"),
        "deliver": _("Geleverd"),
        "levy": _("Kosten van de ronde"),
        "deposit": _("Waarborg"),
        "fee": _("Bijdrage"),
        "ceded": _("Aan anderen van de ronde"),
        "received": _("Van boeren van de ronde"),
        "earlier_refund": _("Terugbetaald aan de klant"),
        "payout": _("Uitbetaald"),
        "reversal": _("Teruggenomen"),
        "netting": _("Verrekend"),
    }
