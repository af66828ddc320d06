"""The shop: home, discovery, products, farms, the basket."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from shortchain.blueprints import context

bp = Blueprint("shop", __name__)


@bp.get("/")
def home() -> str:
    """Show the promise and ask for a postcode."""
    return render_template("shop/home.html")


@bp.post("/taal/<code>")
def set_language(code: str) -> Response:
    """Remember the language and stay on the page."""
    target = request.form.get("next", "/")
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        target = "/"
    response = redirect(target, 303)
    if code in context.LANGUAGES:
        response.set_cookie("taal", code, max_age=31_536_000, httponly=True, samesite="Lax",
                            secure=context.settings().is_production)
    return response
