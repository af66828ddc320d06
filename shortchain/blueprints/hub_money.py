"""The coordinator's money: what to pay back by hand, how the books stand, payouts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.formatting import money
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.workflows import refunds

bp = Blueprint("hub_money", __name__, url_prefix="/hub")


@bp.post("/taken/<public_id>/terugbetaald")
def paid_by_hand(public_id: str) -> Response:
    """Note that a customer got money back by bank transfer."""
    try:
        cents = refunds.note_paid_by_hand(
            context.session(),
            task_public_id=public_id,
            hub_id=context.seat().enterprise_id,
            by=context.actor(),
            now=context.now(),
        )
        flash(gettext("%(amount)s is terugbetaald.", amount=money(cents)), "good")
    except NotFound:
        raise  # whether another hub has it is nobody's business
    except DomainError as refusal:
        flash(errors.sentence(refusal), "warning")
    return redirect(url_for("hub.day"), 303)
