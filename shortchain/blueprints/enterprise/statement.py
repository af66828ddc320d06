"""The monthly statement of an enterprise, on the screen and as a file for its accountant."""

from __future__ import annotations

from flask import abort, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, files
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.kernel.window import local_day
from shortchain.payouts import exports, monthly
from shortchain.payouts.monthly import Statement

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
