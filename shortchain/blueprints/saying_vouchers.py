"""What a farm and a hub say of vouchers and a product; each under its own address."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context, errors
from shortchain.catalogue.voucher_choices import METHODS, ChoiceView
from shortchain.data import terms
from shortchain.kernel.errors import DomainError, NotFound
from shortchain.kernel.window import local_day
from shortchain.workflows import voucher_choices as deeds

Wrong = tuple[dict[str, str], str]
"""What was typed, and why not."""


def say(public_id: str, back: str, *, by_hub: bool) -> Response | Wrong:
    """Keep what was said; gives what was wrong when it could not be."""
    typed = {name: request.form.get(name, "")[:200] for name in (*METHODS, "why")}
    try:
        deeds.say(
            context.session(),
            public_id=public_id,
            enterprise_id=context.seat().enterprise_id,
            by_hub=by_hub,
            said={name: typed[name] for name in METHODS},
            why=typed["why"],
            by=context.actor(),
            now=context.now(),
        )
    except NotFound:
        raise
    except DomainError as refusal:
        return typed, str(errors.sentence(refusal))
    flash(gettext("Bewaard. Het geldt voor nieuwe bestellingen."), "good")
    return redirect(back, 303)


def facts(one: ChoiceView) -> list[tuple[str, str]]:
    """Say in words what holds of a product: by way of paying."""
    today = local_day(context.now())
    words = {"meal_voucher": gettext("Maaltijdcheques"), "eco_voucher": gettext("Ecocheques")}
    found = []
    for method in METHODS:
        pays = terms.voucher_pays(
            method, category=one.category, is_organic=one.is_organic, on=today, said=one.said.get(method, "")
        )
        found.append((words[method], gettext("mag") if pays else gettext("mag niet")))
    return found


def choose_one() -> str:
    """Say that no product was chosen."""
    return str(gettext("Kies een product uit de lijst."))


def options() -> list[tuple[str, str]]:
    """Give the choices of the form."""
    return [("", gettext("zoals de regel")), ("yes", gettext("mag wel")), ("no", gettext("mag niet"))]


def page(wrong: Wrong | None, one: ChoiceView | None) -> dict[str, Any]:
    """Give what the form shows: what was typed, else what stands."""
    typed, text = wrong or ({}, "")
    stands = {name: str(one.said.get(name, "")) for name in (*METHODS, "why")} if one else {}
    return {"typed": typed or stands, "options": options(), "errors": [("f-why", text)] if text else []}
