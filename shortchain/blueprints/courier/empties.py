"""Empties at the door: the driver counts them, the customer gets the deposit."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import container_words, context, errors
from shortchain.blueprints.courier import bp, own_stop
from shortchain.kernel.errors import Conflict, Invalid
from shortchain.workflows import empties as deeds


@bp.post("/<public_id>/leeggoed")
def empties(public_id: str) -> Response:
    """Take empties of the customer of one order at the stop."""
    own_stop(public_id)
    try:
        back = deeds.take_back_at_stop(
            context.session(),
            stop_public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            number=request.form.get("number", ""),
            counts=container_words.counts_in(request.form),
            key=request.form.get("key", "")[:60] or secrets.token_urlsafe(12),
            by=context.actor(),
            now=context.now(),
        )
    except (Conflict, Invalid) as refusal:
        flash(errors.sentence(refusal), "warning")
    else:
        said = container_words.deposit_words(back.sent_cents, back.less_owed_cents)
        flash(" ".join([gettext("Genoteerd."), *said]), "good")
    return redirect(url_for("courier.stop", public_id=public_id), 303)
