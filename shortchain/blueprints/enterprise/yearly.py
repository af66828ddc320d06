"""A year of an enterprise as the tax office hears of it: per quarter, on the screen and as a file."""

from __future__ import annotations

from flask import abort, request
from werkzeug.wrappers import Response

from shortchain.blueprints import context, files
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.kernel.window import local_day
from shortchain.payouts import dac7
from shortchain.payouts.dac7 import SellerYear

Answer = str | tuple[str, int]


@bp.get("/jaaropgave")
def yearly() -> Answer:
    """Show a year per quarter, and say whether the tax office is told."""
    found = _read()
    today = local_day(context.now())
    return show(
        "yearly",
        found=found,
        quarters=list(enumerate(found.quarters, start=1)),
        before=found.year - 1,
        after=found.year + 1 if found.year < today.year else None,
        is_over=found.year < today.year,
        least=dac7.FEWEST_SALES,
        most_cents=dac7.MOST_CENTS,
    )


@bp.get("/jaaropgave.<kind>")
def yearly_file(kind: str) -> Response:
    """Give the same year as CSV or XLSX."""
    if kind not in files.KINDS:
        abort(404)
    found = _read()
    return files.table(kind, f"jaaropgave-{found.year}", dac7.COLUMNS, dac7.rows([found]))


def _read() -> SellerYear:
    year = dac7.year_of(request.args.get("jaar", ""), today=local_day(context.now()))
    return dac7.of_enterprise(context.session(), enterprise_id=context.seat().enterprise_id, year=year)
