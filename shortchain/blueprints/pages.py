"""Pages that only tell something: terms, privacy, accessibility, sources."""

from __future__ import annotations

from flask import Blueprint, render_template

from shortchain.blueprints import imprint

bp = Blueprint("pages", __name__)


@bp.get("/voorwaarden")
def terms() -> str:
    """Say who sells, what a buyer may count on, and how to complain."""
    return render_template("pages/terms.html")


@bp.get("/wie-zijn-wij")
def about() -> str:
    """Say who runs the shop (Code of Companies art. 2:20, Code of Economic Law art. III.25 and XII.6)."""
    return render_template("pages/imprint.html", rows=imprint.facts())


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
