"""The coordinator brings a statement of the bank: who paid by transfer is found by the message, and booked at once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors, workplace
from shortchain.kernel.errors import DomainError, Invalid
from shortchain.payments import bank_statements, matching
from shortchain.payments.matching import Match
from shortchain.workflows import coordination, payment_events

bp = Blueprint("hub_bank", __name__, url_prefix="/hub/geld")
MOST_AT_ONCE = 500

Page = str | tuple[str, int]


@bp.get("/bank")
def show() -> Page:
    """Ask for the file."""
    return _page()


@bp.post("/bank")
def read() -> Page:
    """Read the file and show each credit with the order that it is for; nothing is booked yet."""
    file = request.files.get("file")
    try:
        credits = bank_statements.read(file.read(bank_statements.MOST_BYTES + 1) if file else b"")
    except Invalid as refusal:
        return _page(wrong=errors.sentence(refusal))
    own = context.settings().bank_account.replace(" ", "")
    if any(credit.account.replace(" ", "") not in ("", own) for credit in credits):
        return _page(wrong=gettext("Dit afschrift is van een andere rekening dan die waarop klanten betalen."))
    return _page(found=matching.match(context.session(), hub_id=context.seat().enterprise_id, credits=credits))


@bp.post("/bank/boek")
def book() -> Response:
    """Book what is ticked, each order by itself: what is booked stays when the next one can not be."""
    done = 0
    for public_id in request.form.getlist("order")[:MOST_AT_ONCE]:
        try:
            _book(public_id, request.form.get(f"credit-{public_id}", ""))
        except DomainError as refusal:
            flash(errors.sentence(refusal), "warning")
        else:
            done += 1
    if done:
        flash(ngettext("%(num)d bestelling is betaald.", "%(num)d bestellingen zijn betaald.", done), "good")
    return redirect(url_for("hub_bank.show"), 303)


def _book(public_id: str, credit: str) -> None:
    hub_id = context.seat().enterprise_id
    payment_events.mark_transfer_received(
        context.session(),
        context.gateways(),
        order_id=coordination.order_id_of(context.session(), public_id=public_id, hub_id=hub_id),
        hub_id=hub_id,
        by=context.actor(),
        now=context.now(),
        credit=credit,
    )


def _page(*, found: Sequence[Match] | None = None, wrong: str = "") -> Page:
    page = render_template(
        "hub/bank.html",
        found=found,
        exact=[one for one in found or () if one.state == matching.EXACT],
        words=state_words(),
        errors=[("f-file", wrong)] if wrong else [],
        wrong=wrong,
        **workplace.hub_page("/hub/geld"),
    )
    return (page, 422) if wrong else page


def state_words() -> dict[str, tuple[str, str]]:
    """Say what became of a credit: words, and how they look."""
    return {
        matching.EXACT: (gettext("klopt"), "good"),
        matching.LESS: (gettext("te weinig: vraag de klant de rest"), "warning"),
        matching.MORE: (gettext("te veel: vraag de klant en schrijf terug"), "warning"),
        matching.BOOKED: (gettext("was al geboekt"), "plain"),
        matching.AGAIN: (gettext("al betaald: kijk na of dit een tweede betaling is"), "warning"),
        matching.SEVERAL: (gettext("noemt meer dan één bestelling: kies zelf"), "warning"),
        matching.TWICE: (gettext("tweede keer betaald: schrijf terug"), "warning"),
        matching.OFF: (gettext("de bestelling gaat niet door: schrijf terug"), "warning"),
        matching.UNKNOWN: (gettext("geen bestelling van jullie"), "plain"),
    }
