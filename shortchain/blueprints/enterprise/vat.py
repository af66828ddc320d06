"""How an enterprise stands towards VAT, from which day; and the changes that a coordinator still looks at."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import VatForm
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import founding, vat_schemes
from shortchain.enterprises.seats import VatScheme
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import vat_changes

Answer = Response | str | tuple[str, int]


@bp.route("/btw", methods=["GET", "POST"])
def vat() -> Answer:
    """Show which scheme holds and which will, and take a change."""
    form = VatForm() if request.method == "POST" else None
    if form is not None and form.validate_on_submit():
        try:
            vat_changes.change(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                scheme=VatScheme(form.scheme.data),
                from_day=form.from_day.data,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(_("Bewaard. Een coördinator kijkt het na."), "good")
            return redirect(url_for("enterprise.vat"), 303)
    return _page(form)


@bp.post("/btw/<int:change_id>/weg")
def withdraw_vat(change_id: int) -> Response:
    """Take away a change that does not hold yet."""
    try:
        vat_changes.withdraw(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            change_id=change_id,
            now=context.now(),
            by=context.actor(),
        )
        flash(_("De wijziging is weg."), "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("enterprise.vat"), 303)


@bp.post("/na-te-kijken/btw/<change_id>")
def check_vat(change_id: str) -> Response:
    """Note that a coordinator looked at a change."""
    if not (change_id.isascii() and change_id.isdigit()):
        raise NotFound()
    vat_changes.check(context.session(), change_id=int(change_id[:9]), now=context.now(), by=context.actor())
    flash(_("Nagekeken."), "good")
    return redirect(url_for("enterprise.to_verify"), 303)


def _page(form: Any) -> Answer:
    session, today = context.session(), local_day(context.now())
    row = founding.get(session, enterprise_id=context.seat().enterprise_id)
    changes = vat_schemes.history(session, enterprise_id=row.id)
    return show(
        "vat",
        errors=summary(form) if form else [],
        form=form or VatForm(formdata=None, data={"from_day": today}),
        scheme=vat_schemes.of(session, row, day=today).value,
        first=row.vat_scheme.value,
        changes=[(one, one.from_day > today) for one in reversed(changes)],
        words=scheme_words(),
    )


def scheme_words() -> dict[str, str]:
    """Name the schemes, and what each means on paper."""
    return {
        "normal": _("gewoon stelsel"),
        "agri_flat": _("landbouwregeling (artikel 57)"),
        "small_exempt": _("kleine onderneming, vrijgesteld (artikel 56bis)"),
        "exempt_44": _("vrijgesteld (artikel 44)"),
        "not_liable": _("niet btw-plichtig"),
    }
