"""What a hub and a farm see of who asks for their prices; each under its own address."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.blueprints.steps import list_words
from shortchain.enterprises import buying, founding
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.workflows import buyers as deeds

Wrong = tuple[str, str, str]
"""Whose question, what was typed, and why not."""


def facts(wrong: Wrong | None = None) -> dict[str, Any]:
    """Give what the page shows of the seat's hub or farm."""
    words = list_words()
    public_id, typed, text = wrong or ("", "", "")
    return {
        "rows": [
            (one, words[one.price_list], founding.written_kbo(one.company.kbo))
            for one in buying.of_enterprise(context.session(), enterprise_id=context.seat().enterprise_id)
        ],
        "refused": public_id,
        "typed": typed,
        "errors": [(f"f-answer-{public_id}", text)] if text else [],
    }


def decide(public_id: str, back: str) -> Response | Wrong:
    """Approve, refuse or end what somebody asked; gives what was wrong when it could not be."""
    action, answer = request.form.get("doe", ""), request.form.get(f"answer-{public_id}", "")
    try:
        deeds.decide(
            context.session(),
            enterprise_id=context.seat().enterprise_id,
            public_id=public_id,
            action=action,
            answer=answer,
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except buying.AlreadyDecided as refusal:
        flash(errors.sentence(refusal), "warning")
        return redirect(back, 303)
    except DomainError as refusal:
        return public_id, answer, str(errors.sentence(refusal))
    context.nudge("mails")
    flash(
        gettext("Goedgekeurd. De klant krijgt een mail en ziet de prijzen vanaf nu.")
        if action == "approve"
        else gettext("Bewaard. De klant krijgt je antwoord per mail."),
        "good",
    )
    return redirect(back, 303)
