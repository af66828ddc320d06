"""`/hub/geld/cheques`: what issuers of meal and eco vouchers owe, what they announced, and that it came in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, workplace
from shortchain.blueprints.formatting import money
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.payments import issuer_payments
from shortchain.workflows import issuer_payments as deeds

bp = Blueprint("hub_vouchers", __name__, url_prefix="/hub/geld/cheques")


@bp.get("")
def show() -> str:
    """Show what is open, what was announced and what came."""
    page = issuer_payments.page(context.session(), hub_id=context.seat().enterprise_id, now=context.now())
    return render_template(
        "hub/vouchers.html",
        page=page,
        methods={"meal_voucher": gettext("Maaltijdcheques"), "eco_voucher": gettext("Ecocheques")},
        **workplace.hub_page("/hub/geld"),
    )


@bp.post("/<public_id>/binnen")
def received(public_id: str) -> Response:
    """Note that an announced payment lies on the bank account, or that a bill of the issuer was paid from it."""
    try:
        cents = deeds.note_received(context.session(), public_id=public_id, by=context.actor(), now=context.now())
        if cents < 0:
            flash(gettext("%(amount)s aan de uitgever is geboekt.", amount=money(-cents)), "good")
        else:
            flash(gettext("%(amount)s van de uitgever is geboekt.", amount=money(cents)), "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_vouchers.show"), 303)


@bp.post("/afboeken")
def write_off() -> Response:
    """Book a difference that the issuer does not put right as a loss of the platform."""
    try:
        cents = deeds.write_off(
            context.session(),
            reference=request.form.get("reference", "")[:120],
            hub_id=context.seat().enterprise_id,
            cents=request.form.get("cents", 0, type=int),
            reason=request.form.get(f"reason-{request.form.get('n', '')}", ""),
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("%(amount)s is afgeboekt: het platform draagt het.", amount=money(cents)), "good")
    except NotFound:
        raise
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub_vouchers.show"), 303)
