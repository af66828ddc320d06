"""Holds every request against the table of who may call which route (`blueprints.access`), before anything else is done."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, url_for
from flask import session as web_session
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from shortchain.blueprints import context
from shortchain.blueprints.access import ACCESS, CARRY_PHOTOS, Access
from shortchain.enterprises.seats import Seat

csrf = CSRFProtect()

MOST_BYTES_OF_PHOTOS = 32 * 1024 * 1024
"""What a form with photographs may weigh; what is larger than a part of it waits in a file and not in memory."""


def guard(app: Flask) -> None:
    """Check every request against the table, before anything else is done."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    app.before_request(_check)
    app.after_request(_keep_private)


def _keep_private(response: Response) -> Response:
    """Keep pages with personal data out of every cache."""
    access = ACCESS.get(request.endpoint or "")
    if access is not None and not access.public:
        response.headers["Cache-Control"] = "no-store"
    return response


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # the router answers 404 or 405 itself
    access = ACCESS.get(request.endpoint)
    if access is None:
        abort(404)
    if access.development and context.settings().is_production:
        abort(404)
    if request.endpoint in CARRY_PHOTOS:
        request.max_content_length = MOST_BYTES_OF_PHOTOS  # before anything looks into the form
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _check_origin(access)
    if access.public:
        return None
    person = context.person()
    if person is None:
        if request.method == "GET":
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        abort(404)
    if access.role is not None and person.role != access.role:
        abort(404)
    if access.seat is not None:
        g.seat = _choose_seat(access)
    return None


def may_open(endpoint: str) -> bool:
    """Say whether who asks may open a page of the enterprise for which they act now; for links."""
    access, seat = ACCESS[endpoint], context.seat()
    return access.seat is not None and access.seat(seat) and bool(seat.roles & access.members)


def _check_origin(access: Access) -> None:
    """Refuse a changing request that another site made (Fetch Metadata, else the Origin header)."""
    if access.cross_origin:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        same = site == "same-origin" or (site == "none" and origin in (None, request.host_url[:-1]))
    else:
        same = origin is not None and urlsplit(origin).netloc == request.host
    if not same:
        abort(400, description="origin")
    if access.token:
        csrf.protect()


def _choose_seat(access: Access) -> Seat:
    """Take the seat that the person chose, or their first one that fits; else 404."""
    assert access.seat is not None
    fitting = [seat for seat in context.my_seats() if access.seat(seat) and seat.roles & access.members]
    if not fitting:
        abort(404)
    chosen = web_session.get("seat") if "seat" in web_session else None
    return next((seat for seat in fitting if seat.public_id == chosen), fitting[0])
