"""A year of an enterprise as the tax office hears of it: per quarter, on the screen and as a file."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, files
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import SellerForm
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import tax_identities
from shortchain.kernel.errors import DomainError
from shortchain.kernel.window import local_day
from shortchain.payouts import dac7
from shortchain.payouts.dac7 import SellerYear
from shortchain.workflows import tax_identities as deeds

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


@bp.route("/jaaropgave/wie", methods=["GET", "POST"])
def seller() -> Response | Answer:
    """Ask who sells: a natural person is reported by name, day of birth and number."""
    form = SellerForm() if request.method == "POST" else None
    if form is not None and form.validate_on_submit():
        try:
            deeds.save(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                kind=tax_identities.SellerKind(form.kind.data),
                first_name=form.first_name.data or "",
                last_name=form.last_name.data or "",
                born_on=form.born_on.data,
                national_number=form.national_number.data or "",
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Bewaard."), "good")
            return redirect(url_for("enterprise.yearly"), 303)
    row = tax_identities.of(context.session(), enterprise_id=context.seat().enterprise_id)
    known = (
        {name: getattr(row, name) for name in ("first_name", "last_name", "born_on", "national_number")} if row else {}
    )
    kept = {**known, "kind": row.kind.value} if row else {}
    return show("seller", errors=summary(form) if form else [], form=form or SellerForm(formdata=None, data=kept))


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
