"""Certificates with their dates; a label disappears by itself the day after the last."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.forms import CertificateForm
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.form_errors import refuse, summary
from shortchain.enterprises import certificates as owned
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import offering as deeds

Answer = Response | str | tuple[str, int]


@bp.route("/certificaten", methods=["GET", "POST"])
def certificates() -> Answer:
    """List the certificates, and add one."""
    form = CertificateForm() if request.method == "POST" else None
    if form is not None and form.validate_on_submit():
        try:
            deeds.add_certificate(
                context.session(),
                enterprise_id=context.seat().enterprise_id,
                kind=form.kind.data,
                body=form.body.data or "",
                number=form.number.data,
                scope=form.scope.data or "",
                valid_from=form.valid_from.data,
                valid_to=form.valid_to.data,
                now=context.now(),
                by=context.actor(),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            flash(
                _("Bewaard. Een coördinator kijkt het na.")
                if form.kind.data == owned.SOCIAL
                else _("Het certificaat is toegevoegd."),
                "good",
            )
            return redirect(url_for("enterprise.certificates"), 303)
    return _certificates(form)


@bp.post("/certificaten/<int:certificate_id>/weg")
def remove_certificate(certificate_id: int) -> Response:
    """Remove a certificate."""
    deeds.remove_certificate(
        context.session(),
        enterprise_id=context.seat().enterprise_id,
        certificate_id=certificate_id,
        now=context.now(),
        by=context.actor(),
    )
    flash(_("Het certificaat is weg. Een label dat erop steunt, verdwijnt."), "good")
    return redirect(url_for("enterprise.certificates"), 303)


@bp.post("/na-te-kijken/erkenning/<certificate_id>")
def check_recognition(certificate_id: str) -> Response:
    """Note that a coordinator looked at a recognition."""
    if not (certificate_id.isascii() and certificate_id.isdigit()):
        raise NotFound()
    deeds.check_recognition(
        context.session(), certificate_id=int(certificate_id[:9]), now=context.now(), by=context.actor()
    )
    flash(_("Nagekeken."), "good")
    return redirect(url_for("enterprise.to_verify"), 303)


def _certificates(form: Any) -> Answer:
    today = local_day(context.now())
    rows = owned.list_of(context.session(), enterprise_id=context.seat().enterprise_id)
    words = {
        "valid": ("good", _("geldig")),
        "soon": ("warning", _("loopt bijna af")),
        "over": ("plain", _("verlopen")),
        "later": ("info", _("nog niet begonnen")),
        "unchecked": ("info", _("wordt nagekeken")),
    }
    return show(
        "certificates",
        errors=summary(form) if form else [],
        form=form or CertificateForm(formdata=None),
        rows=[(row, words[owned.standing(row, on_day=today)]) for row in rows],
        kinds={"organic": _("biologisch"), "favv": _("FAVV"), "social": _("sociaal oogmerk")},
    )
