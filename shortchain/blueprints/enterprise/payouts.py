"""The account to which the enterprise is paid; the payment provider asks what it must know itself."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.enterprise import bp
from shortchain.blueprints.enterprise.frame import show
from shortchain.enterprises import founding
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import GatewayDown, GatewayRefused
from shortchain.workflows import onboarding as deeds

Answer = Response | str | tuple[str, int]


@bp.get("/uitbetaling")
def payouts() -> Answer:
    """Show whether the enterprise can be paid."""
    row = founding.get(context.session(), enterprise_id=context.seat().enterprise_id)
    return show("payouts", row=row)


@bp.post("/uitbetaling/rekening")
def save_bank_account() -> Answer:
    """Keep the bank account for payouts without the payment provider."""
    typed = request.form.get("iban", "")[:60]
    try:
        deeds.set_bank_account(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            text=typed,
            now=context.now(),
            by=context.actor(),
        )
    except deeds.NotAnIban as refusal:
        row = founding.get(context.session(), enterprise_id=context.seat().enterprise_id)
        mistake = errors.sentence(refusal)
        return show("payouts", errors=[("iban", mistake)], row=row, typed=typed, mistake=mistake)
    flash(_("Bewaard."), "good")
    return redirect(url_for("enterprise.payouts"), 303)


@bp.post("/uitbetaling")
def open_payouts() -> Response:
    """Go to the payment provider to tell it who one is, or ask it how things stand."""
    values: dict[str, Any] = {
        "enterprise_id": context.seat().enterprise_id,
        "now": context.now(),
        "by": context.actor(),
    }
    back = url_for("enterprise.payouts", _external=True)
    try:
        if request.form.get("deed") == "refresh":
            missing = deeds.refresh_payout_account(context.session(), context.gateways(), **values)
            flash(
                _("Er ontbreekt nog iets bij de betaaldienst.") if missing else _("Alles is in orde."),
                "notice" if missing else "good",
            )
        else:
            link = deeds.open_payout_account(
                context.session(), context.gateways(), return_url=back, refresh_url=back, **values
            )
            return redirect(link, 303)
    except GatewayDown:
        flash(_("De betaaldienst antwoordt niet. Probeer het over enkele minuten opnieuw."), "warning")
    except GatewayRefused:
        flash(
            _("De betaaldienst neemt deze gegevens niet aan. Kijk naam en ondernemingsnummer na."),
            "warning",
        )
    except DomainError as error:
        flash(errors.sentence(error), "warning")
    return redirect(url_for("enterprise.payouts"), 303)
