"""`/mijn/sleutels`: personal keys for programs that use the API."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shortchain.accounts import api_keys
from shortchain.blueprints import context, errors
from shortchain.blueprints.account import bp
from shortchain.kernel.errors import DomainError
from shortchain.workflows import api_keys as deeds


@bp.get("/sleutels")
def keys() -> tuple[str, int]:
    """Show the keys that work, and a form for another."""
    return _page()


@bp.post("/sleutels")
def make_key() -> tuple[str, int]:
    """Make a key; the page that answers shows it, and no page after that."""
    typed, can_order = request.form.get("name", "")[:80], request.form.get("can_order") == "1"
    try:
        key = deeds.make(
            context.session(),
            user_id=context.me().id,
            name=typed,
            can_order=can_order,
            by=context.actor(),
            now=context.now(),
        )
    except DomainError as refusal:
        return _page(typed=typed, can_order=can_order, wrong=errors.sentence(refusal))
    return _page(made=key)


@bp.post("/sleutels/<public_id>/weg")
def end_key(public_id: str) -> Response:
    """End a key."""
    deeds.end(context.session(), user_id=context.me().id, public_id=public_id, by=context.actor(), now=context.now())
    flash(_("Ingetrokken. Het programma dat deze sleutel heeft, komt er niet meer in."), "good")
    return redirect(url_for("account.keys"), 303)


def _page(*, made: str = "", typed: str = "", can_order: bool = False, wrong: str = "") -> tuple[str, int]:
    page = render_template(
        "account/keys.html",
        keys=api_keys.list_of(context.session(), user_id=context.me().id),
        made=made,
        typed=typed,
        can_order=can_order,
        errors=[("f-name", wrong)] if wrong else [],
    )
    return page, 422 if wrong else 200
