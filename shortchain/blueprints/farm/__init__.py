"""The farmer's pages: today, the quick list of a harvest, products, picking, money."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("farm", __name__, url_prefix="/boer")

from shortchain.blueprints.farm import (  # noqa: E402
    buyers,
    codes,
    complaints,
    gate,
    harvest,
    list_prices,
    money,
    picking,
    products,
    short,
    today,
    vouchers,
)

__all__ = [
    "bp",
    "buyers",
    "codes",
    "complaints",
    "gate",
    "harvest",
    "list_prices",
    "money",
    "picking",
    "products",
    "short",
    "today",
    "vouchers",
]
