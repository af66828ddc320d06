"""The farmer's pages: today, the quick list of a harvest, products, picking, money."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("farm", __name__, url_prefix="/boer")

from shortchain.blueprints.farm import complaints, gate, harvest, money, picking, products, short, today  # noqa: E402

__all__ = ["bp", "complaints", "gate", "harvest", "money", "picking", "products", "short", "today"]
