"""In whose name a program asks: with a personal key that person's, without one a guest's."""

from __future__ import annotations

from flask import g, request

from shortchain.accounts.api_keys import PREFIX, Holder
from shortchain.blueprints import context
from shortchain.blueprints.api.problems import Refusal
from shortchain.workflows import api_keys


def caller(*, orders: bool = False) -> Holder | None:
    """Say who asks; None for a guest. With `orders` the key must be one that may order.

    :raises Refusal: 401 for a key that does not work, 403 for one that may not do this
    """
    if "api_holder" not in g:
        g.api_holder = _read()
    holder: Holder | None = g.api_holder
    if holder is not None and orders and not holder.can_order:
        raise Refusal(403, "key_may_not_order", "This key reads only. Make one that may order.")
    return holder


def user_id() -> int | None:
    """Give the person in whose name a program asks, None for a guest."""
    holder = caller()
    return holder.user_id if holder else None


def _read() -> Holder | None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    key = given.strip()
    if scheme.lower() != "bearer" or not key.startswith(PREFIX):
        return None
    holder = api_keys.enter(context.session(), key=key, address=request.remote_addr or "", now=context.now())
    if holder is None:
        raise Refusal(401, "unknown_key", "This key does not work, or not any more.")
    return holder
