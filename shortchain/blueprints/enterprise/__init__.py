"""An enterprise as its own people manage it: who it is, who works there, what it can do and when."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("enterprise", __name__, url_prefix="/onderneming")

from shortchain.blueprints.enterprise import (  # noqa: E402
    areas,
    calendar,
    certificates,
    collecting,
    containers,
    documents,
    drivers,
    empties,
    payouts,
    people,
    points,
    profile,
    services,
    statement,
    vat,
    vehicles,
    verification,
    week,
    yearly,
)

__all__ = [
    "areas",
    "bp",
    "calendar",
    "certificates",
    "collecting",
    "containers",
    "documents",
    "drivers",
    "empties",
    "payouts",
    "people",
    "points",
    "profile",
    "services",
    "statement",
    "vat",
    "vehicles",
    "verification",
    "week",
    "yearly",
]
