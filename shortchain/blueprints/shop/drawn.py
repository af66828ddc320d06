"""Pages that were drawn before from exactly the same facts, for visitors of whom nothing is known.

The facts are read from the database at every request, so a page is never older than what it shows;
only the drawing is saved. Who has a basket or a session gets a page drawn for them alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from flask import request

from shortchain.blueprints import basket_cookie

MOST = 160
_pages: OrderedDict[Hashable, str] = OrderedDict()
_lock = Lock()


def is_for_a_stranger() -> bool:
    """Say whether the page can hold nothing personal: no basket, no session (so no message either)."""
    return basket_cookie.current() is None and not any("session" in name for name in request.cookies)


def find(facts: Hashable) -> str | None:
    """Give the page that was drawn from these facts."""
    if not is_for_a_stranger():
        return None
    with _lock:
        page = _pages.get(facts)
        if page is not None:
            _pages.move_to_end(facts)
        return page


def keep(facts: Hashable, page: str) -> str:
    """Remember a page, and forget the one that was asked longest ago; returns the page."""
    if is_for_a_stranger():
        with _lock:
            _pages[facts] = page
            while len(_pages) > MOST:
                _pages.popitem(last=False)
    return page
