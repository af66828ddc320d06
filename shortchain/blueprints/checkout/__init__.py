"""Checkout and what comes after: pay, thank you, cancel, follow."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("checkout", __name__)

from shortchain.blueprints.checkout import after, documents, placing, problems  # noqa: E402, F401 - they add their routes
