"""Enterprises that a coordinator still has to check: number, registrations, people."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.blueprints.enterprise.vat import scheme_words
from shortchain.enterprises import founding, people, recognitions, vat_schemes
from shortchain.kernel.window import local_day
from shortchain.workflows import onboarding as deeds

Answer = Response | str | tuple[str, int]


@bp.get("/na-te-kijken")
def to_verify() -> Answer:
    """List who waits to be checked, the longest waiting first."""
    session, language = context.session(), context.language()
    kinds = data.enterprise_kinds()
    rows = [
        (
            row,
            kinds[row.kind.value].name[language],
            founding.written_kbo(row.kbo),
            ", ".join(one.name or one.email for one in people.members(session, enterprise_id=row.id)),
        )
        for row in founding.unverified(session)
    ]
    return show(
        "verification",
        rows=rows,
        changes=vat_schemes.unchecked(session),
        words=scheme_words(),
        recognitions=recognitions.unchecked(session, day=local_day(context.now())),
    )


@bp.post("/na-te-kijken/<public_id>")
def verify(public_id: str) -> Response:
    """Note that an enterprise is what it says."""
    deeds.verify_enterprise(context.session(), public_id=public_id, now=context.now(), by=context.actor())
    flash(_("Nagekeken. De onderneming kan nu werk en bestellingen krijgen."), "good")
    return redirect(url_for("enterprise.to_verify"), 303)
