"""`/media/…`: pictures, without cookies and for ever; a changed picture gets a new name."""

from __future__ import annotations

import re

from flask import Response, abort, request

from shortchain.blueprints import context
from shortchain.blueprints.shop import bp

_NAME = re.compile(r"[A-Za-z0-9_-]{8,24}-(360|720|1080)\.(avif|webp|jpg)")
TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


@bp.get("/media/<name>")
def media(name: str) -> Response:
    """Send a picture; its type follows from its name, never from what somebody uploaded."""
    if not _NAME.fullmatch(name):
        abort(404)
    if request.if_none_match.contains(name):
        response = Response(status=304)
    else:
        found = context.gateways().media.get(name)
        if found is None:
            abort(404)
        response = Response(found, mimetype=TYPES[name.rpartition(".")[2]])
    response.set_etag(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
