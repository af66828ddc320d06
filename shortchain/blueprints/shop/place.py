"""Where the visitor is: from the address, else the cookie that the postcode form left."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from shortchain.blueprints import basket_cookie, context
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Located, Place

COOKIE = "postcode"


def asked() -> str:
    """Give the postcode of the address line or the cookie: four digits, or nothing."""
    found = request.args.get("postcode", "").strip()
    return found if len(found) == 4 and found.isascii() and found.isdigit() else basket_cookie.postcode()


def of_postcode(postcode: str) -> Place | None:
    """Find the middle of a postcode; the same answer for as long as the process lives."""
    geocoder: Any = context.gateways().geocoder  # hashed by what it is, not by what it knows
    return _place(geocoder, postcode) if postcode else None


@lru_cache(maxsize=2048)
def _place(geocoder: Any, postcode: str) -> Place | None:
    found: Located = geocoder.locate(postcode)
    return found.place


def point(postcode: str) -> Point | None:
    """Give the point of a postcode, or nothing for one that does not exist."""
    place = of_postcode(postcode)
    return place.point if place else None


def of_address(street: str, postcode: str) -> Place | None:
    """Find an address; the postcode alone will do to know the prices. None when that does not exist."""
    geocoder = context.gateways().geocoder
    text = f"{street}, {postcode}" if street else postcode
    found = geocoder.locate(text, language=context.language()).place
    if found is None or found.postcode != postcode:
        found = geocoder.locate(postcode, language=context.language()).place
    return found


def remember(response: Response, postcode: str) -> Response:
    """Keep the postcode in this browser for half a year; a four-digit area, not an address."""
    response.set_cookie(
        COOKIE,
        postcode,
        max_age=182 * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=context.settings().is_production,
    )
    return response
