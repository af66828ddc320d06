"""The basket of this browser: an unguessable name in a cookie, for thirty days."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.ordering import baskets
from shortchain.ordering.baskets import BasketView
from shortchain.workflows import basket as deeds

COOKIE = "mandje"
KEPT_S = 30 * 24 * 3600


def current() -> str | None:
    """Give the public id of this browser's basket, if it has one that looks like ours."""
    found = str(g.get("basket") or request.cookies.get(COOKIE, ""))
    return found if 20 <= len(found) <= 32 and found.isascii() else None


def remember(response: Response, public_id: str) -> Response:
    """Let the browser keep its basket for another thirty days."""
    g.basket = public_id
    response.set_cookie(
        COOKIE, public_id, max_age=KEPT_S, httponly=True, samesite="Lax", secure=context.settings().is_production
    )
    return response


def postcode() -> str:
    """Give the postcode that the person told the shop, if they did."""
    found = request.cookies.get("postcode", "")
    return found if len(found) == 4 and found.isdigit() else ""


def address() -> str:
    """Give the network address that asks, for counting."""
    return request.remote_addr or ""


def user_id() -> int | None:
    """Give the id of the signed-in person, if any."""
    person = context.person()
    return person.id if person else None


def adopt() -> str | None:
    """Make this browser's basket the signed-in person's own, once; returns the basket to use."""
    public_id, owner = current(), user_id()
    if owner is None or (public_id and baskets.is_of(context.session(), public_id=public_id, user_id=owner)):
        return public_id
    g.basket = deeds.adopt(context.session(), basket=public_id, user_id=owner, now=context.now())
    return current()


def load() -> BasketView | None:
    """Read the basket of this browser as it stands now; None when there is none, or it is another's."""
    public_id = adopt()
    if public_id is None or not baskets.may_see(context.session(), public_id=public_id, user_id=user_id()):
        return None
    return baskets.view(context.session(), public_id=public_id, now=context.now())


def _count() -> int:
    if "basket_count" not in g:
        public_id = current()
        g.basket_count = baskets.count(context.session(), public_id=public_id) if public_id else 0
    return int(g.basket_count)


def register(app: Flask) -> None:
    """Give templates `basket_count`, which asks the database only where it is shown."""
    app.context_processor(lambda: {"basket_count": LocalProxy(_count)})
