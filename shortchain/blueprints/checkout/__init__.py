"""Checkout and what comes after: pay, thank you, cancel, follow."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("checkout", __name__)

from shortchain.blueprints.checkout import (  # noqa: E402 - they add their routes
    adding,  # noqa: F401
    after,  # noqa: F401
    change,  # noqa: F401
    documents,  # noqa: F401
    finding,  # noqa: F401
    placing,  # noqa: F401
    problems,  # noqa: F401
    showing,
    withdrawal,  # noqa: F401
)

bp.add_app_template_global(showing.ways, "ways_to_pay")
