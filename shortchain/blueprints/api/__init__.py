"""The JSON API for other programs (`docs/api.md`). It knows no session: a caller is always a guest.

It sends no CORS header, so that no page of another site reads it from a browser; and it takes JSON
only, so that such a page can not send it an order either.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

bp = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_BYTES = 64 * 1024


@bp.before_request
def _small() -> None:
    """Refuse a body that is larger than the longest order needs (413)."""
    request.max_content_length = MOST_BYTES


@bp.after_request
def _fresh(response: Response) -> Response:
    """Say that answers differ by language, and that none but the contract is to be kept by a cache."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.add("Vary", "Accept-Language")
    return response


from shortchain.blueprints.api import collecting, following, placing, problems, quoting, reading  # noqa: E402, F401

problems.register(bp)
