"""Answers that are pages of one person's business: never kept by a cache."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template


def private_page(template: str, status: int = 200, **values: Any) -> Response:
    """Render a page with personal data."""
    response = Response(render_template(template, **values), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response
