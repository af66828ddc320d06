"""The monthly statement of an enterprise, on the screen and as a file for its accountant."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import amounts, context, files, formatting
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.guarding import may_open
from shortchain.documents import due_monthly, reading
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
        lines=list(zip(found.lines, links(found), strict=True)),
        moved=monthly.MOVED,
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
    rows = exports.statement_rows(found, words=kind_words(), language=context.language())
    return files.table(kind, f"afrekening-{found.first:%Y-%m}", exports.STATEMENT_COLUMNS, rows)


@dataclass(frozen=True, slots=True)
class Links:
    """Where the parts of a line lead, as far as who reads it may go: addresses, or empty; documents with their numbers."""

    order: str
    what: str
    documents: tuple[tuple[str, str], ...]


def links(found: Statement) -> list[Links]:
    """Find for each line of a statement the pages of its order, of what it stands for, and its documents."""
    own, sees_orders = context.seat().enterprise_id, may_open("hub.order")
    papers = reading.by_cause(context.session(), enterprise_id=own, causes=[_cause(line, own) for line in found.lines])
    return [
        Links(
            order=url_for("hub.order", public_id=line.order[0])
            if sees_orders and line.order and line.order[1] == own
            else "",
            what=_page_of(line),
            documents=tuple(
                (number, url_for("enterprise.document", public_id=public_id, ending="pdf"))
                for public_id, number in papers.get(_cause(line, own), [])
            ),
        )
        for line in found.lines
    ]


def _cause(line: Line, own: int) -> str:
    """Name what made the document of a line due: the booking, or for the platform's fee its month."""
    if line.kind == due_monthly.FEE:
        return due_monthly.FeeDue(own, local_day(line.at).replace(day=1), line.vat_rate_bp, line.cents).cause
    return line.transaction


def _page_of(line: Line) -> str:
    """Give the page of what a line stands for: the work, the product, or how it was paid."""
    kind = line.source.partition(":")[0]
    if kind == "job" and line.about and may_open("work.job"):
        return url_for("work.job", public_id=line.about.public_id)
    if kind == "order_line" and line.about and may_open("farm.product"):
        return url_for("farm.product", public_id=line.about.public_id)
    if line.kind in monthly.MOVED:
        return url_for("farm.money") if may_open("farm.money") else url_for("enterprise.payouts")
    return ""


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
        came = [(about.name, about.amount - about.instead_amount), (about.instead, about.instead_amount)]
        return " + ".join(
            f"{formatting.text_in(dict(name))}, {amounts.amount_text(amount, about.sell_unit)}"
            for name, amount in came
            if name and (amount or not about.amount)
        )
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
        exports.BEFORE: _("Open bij het begin"),
        exports.AFTER: _("Open op het einde"),
    }
