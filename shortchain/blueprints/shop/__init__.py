"""The shop: home, what is around a postcode, the list, products, farms and their pictures."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("shop", __name__)

from shortchain.blueprints.shop import around, media, pages, window  # noqa: E402

__all__ = ["around", "bp", "media", "pages", "window"]
