"""The product and its ceilings behind one server, so that both run in the same processes."""

from __future__ import annotations

import os
import random
import secrets
from collections import deque
from datetime import UTC, datetime

from flask import Blueprint, current_app
from sqlalchemy import select, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench import wares
from bench.ceilings import plain_app
from shortchain import create_app
from shortchain.blueprints import access, context
from shortchain.catalogue.models import DeliveryWindow, OrderCycle, WindowKind
from shortchain.fulfilment.models import Job, JobState
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.orders import Customer, Destination
from shortchain.routing import quotes, requests
from shortchain.routing.quotes import Quote
from shortchain.workflows import basket, checkout, declining

bp = Blueprint("bench", __name__)
access.ACCESS["bench.order"] = access.SIGNED
access.ACCESS["bench.no"] = access.SIGNED
access.ACCESS["bench.quote"] = access.SIGNED
access.ACCESS["bench.put"] = access.SIGNED

GENT = Destination("Kouter 1", "9000", "Gent", Point(51.05, 3.72))
NELE = Customer("Nele", "nele@post.example", "", "nl")
_dice = random.Random(os.getpid())
_baskets = wares.Baskets()
_goods: list[tuple[str, int]] = []
_moments: list[tuple[DeliveryWindow, datetime]] = []
_names: deque[str] = deque(maxlen=1)
_quoted: list[str] = []
_asked: list[tuple[str, int]] = []


def _moment() -> tuple[DeliveryWindow, datetime]:
    """Find the last home window of the open cycle and when that cycle closes, once a process."""
    if not _moments:
        session = context.session()
        now = datetime.now(UTC)
        window, closes_at = session.execute(
            select(DeliveryWindow, OrderCycle.closes_at)
            .join(OrderCycle, OrderCycle.id == DeliveryWindow.cycle_id)
            .where(OrderCycle.state == "open", OrderCycle.closes_at > now, DeliveryWindow.kind == WindowKind.HOME)
            .order_by(OrderCycle.id, DeliveryWindow.starts_at.desc())
        ).first()
        session.expunge(window)
        _moments.append((window, closes_at))
    return _moments[0]


def _offers() -> list[tuple[str, int]]:
    if not _goods:
        rows = context.session().execute(text(wares.GOODS_NEAR_GENT), {"no": False})
        _goods.extend((row.public_id, row.least) for row in rows)
        context.session().rollback()
    return _goods


def _put(name: str | None, now: datetime) -> str:
    public_id, least = _dice.choice(_offers())
    return basket.put(context.session(), basket=name, offer=public_id, amount=least, user_id=None, now=now).basket


def _quote(view: BasketView, window: DeliveryWindow, closes_at: datetime) -> Quote:
    return quotes.quote(
        context.session(),
        view=view,
        destination=GENT.point,
        is_pickup=False,
        delivery_day=local_day(window.starts_at),
        packs_same_day=requests.packs_same_day(window.starts_at),
        closes_at=closes_at,
        distance=context.gateways().distance,
    )


@bp.post("/bench/order")
def order() -> tuple[str, int]:
    """Quote a filled basket and place the order, as the checkout page and its last button do."""
    now = datetime.now(UTC)
    session, gateways = context.session(), context.gateways()
    name = _baskets.next()
    if name is None:
        return "no baskets left", 507
    try:
        window, closes_at = _moment()
        view = baskets.view(session, public_id=name, now=now)
        assert view is not None
        total = _quote(view, window, closes_at).sheet.total_cents
        session.rollback()
        checkout.place_order(
            session,
            gateways,
            key=secrets.token_hex(16),
            basket_public_id=name,
            customer=NELE,
            destination=GENT,
            window_public_id=window.public_id,
            remark="",
            method="bancontact",
            accepted_total_cents=total,
            by=GUEST,
            now=now,
        )
    except DomainError as refusal:
        current_app.logger.warning("%s %s", type(refusal).__name__, refusal)
        return type(refusal).__name__, 409
    return "ok", 200


@bp.post("/bench/no")
def no() -> tuple[str, int]:
    """Decline one of the jobs that stand on offer, as the provider's button does; the next one is asked at once."""
    session = context.session()
    if not _asked:
        rows = session.execute(select(Job.public_id, Job.enterprise_id).where(Job.state == JobState.OFFERED)).all()
        session.rollback()
        _asked.extend((row[0], row[1]) for row in rows)
        _dice.shuffle(_asked)
    while _asked:
        name, owner = _asked.pop()
        try:
            declining.decline_job(
                session,
                context.gateways(),
                job_public_id=name,
                enterprise_id=owner,
                reason="full",
                by=GUEST,
                now=datetime.now(UTC),
            )
        except DomainError:
            continue  # it moved with another job of its order
        return "ok", 200
    return "no requests left", 507


@bp.post("/bench/put")
def put() -> str:
    """Put one thing in a basket: what a press on a ticket does."""
    name = _put(_names[-1] if _names and _dice.random() < 0.75 else None, datetime.now(UTC))
    _names.append(name)
    return name


@bp.post("/bench/quote")
def quote() -> str:
    """Quote a basket only: geography, candidates, plan and price."""
    now = datetime.now(UTC)
    if not _quoted:
        name = _put(_put(_put(None, now), now), now)
        _quoted.append(name)
    window, closes_at = _moment()
    view = baskets.view(context.session(), public_id=_quoted[0], now=now)
    assert view is not None
    found = _quote(view, window, closes_at)
    return str(found.sheet.total_cents)


def make_app():  # type: ignore[no-untyped-def]
    """Build the product with the two measuring routes, and the ceilings below /ceiling."""
    app = create_app(commands=False)
    app.register_blueprint(bp)
    url = app.extensions["shortchain.settings"].database_url
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/ceiling": plain_app(url)})  # type: ignore[method-assign]
    return app


app = make_app()
