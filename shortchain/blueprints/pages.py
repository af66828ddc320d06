"""Pages that only tell something: terms, privacy, accessibility, sources."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("pages", __name__)


@bp.get("/voorwaarden")
def terms() -> str:
    """Say who sells, what a buyer may count on, and how to complain."""
    return render_template("pages/terms.html")


@bp.get("/privacy")
def privacy() -> str:
    """Say which data are kept, why and how long."""
    return render_template("pages/privacy.html")


@bp.get("/toegankelijkheid")
def accessibility() -> str:
    """Say how well the shop can be used by everybody, and what is known to be missing."""
    return render_template("pages/accessibility.html")


@bp.get("/bronnen")
def sources() -> str:
    """Credit the fonts, icons, programs and data that the shop is made of."""
    return render_template("pages/sources.html")
