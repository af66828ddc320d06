"""One's own account: ways in, data, sign-ins, orders."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/mijn")

from shortchain.blueprints.account import keys, kinds, own, paying, ways_in  # noqa: E402

__all__ = ["bp", "keys", "kinds", "own", "paying", "ways_in"]
