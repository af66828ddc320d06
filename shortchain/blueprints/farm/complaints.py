"""`/boer/klachten`: what customers said of the farm's own products, with their photos."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from shortchain.blueprints import complaining, context
from shortchain.blueprints.farm import bp
from shortchain.blueprints.farm.frame import Page, show
from shortchain.complaints import reading


@bp.get("/klachten")
def complaints() -> Page:
    """Show complaints about this farm's products; the coordinator decides them."""
    return show(
        "complaints",
        complaints=reading.of_farm(context.session(), farm_id=context.seat().enterprise_id),
        kinds=complaining.all_words(),
        photo_url=_photo_url,
    )


def _photo_url(public_id: str) -> str:
    return url_for("farm.complaint_photo", public_id=public_id)


@bp.get("/klachten/foto/<public_id>.jpg")
def complaint_photo(public_id: str) -> Response:
    """Show a photo of this farm's products."""
    return complaining.photo(
        reading.photo_of_farm(context.session(), public_id=public_id, farm_id=context.seat().enterprise_id)
    )
