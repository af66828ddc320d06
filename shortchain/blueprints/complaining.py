"""What the pages of customers, farms and hubs share about complaints: words, and photos that few may see."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext
from werkzeug.wrappers import Response

from shortchain.blueprints import context


def kind_words() -> dict[str, str]:
    """Name what may go wrong."""
    return {
        "missing": gettext("Er ontbreekt iets"),
        "bad": gettext("Iets is niet goed meer"),
        "wrong": gettext("Ik kreeg iets anders"),
        "late": gettext("Het kwam te laat of niet"),
        "other": gettext("Iets anders"),
    }


def all_words() -> dict[str, str]:
    """Name what customers report, a withdrawal among it."""
    return {**kind_words(), "withdraw": gettext("Herroeping")}


def photo(name: str) -> Response:
    """Send a photo of a complaint by its name in the store; the caller has looked at who asks."""
    content = context.gateways().media.get(name)
    if content is None:
        abort(404)
    return Response(
        content,
        mimetype="image/jpeg",
        headers={
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
