"""The product and its ceilings behind one server, so that both run in the same processes."""

from __future__ import annotations

import os
import random
import secrets
from datetime import UTC, datetime

from flask import Blueprint, current_app
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.ceilings import plain_app
from shortchain import create_app
from shortchain.blueprints import access, context
from shortchain.catalogue.models import DeliveryWindow, Offer, OrderCycle, WindowKind
from shortchain.enterprises.models import Enterprise
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.kernel.window import local_day
from shortchain.ordering import baskets
from shortchain.ordering.baskets import BasketView
from shortchain.ordering.orders import Customer, Destination
from shortchain.routing import quotes
from shortchain.routing.quotes import Quote
from shortchain.workflows import basket, checkout

bp = Blueprint("bench", __name__)
access.ACCESS["bench.order"] = access.SIGNED
access.ACCESS["bench.quote"] = access.SIGNED

GENT = Destination("Kouter 1", "9000", "Gent", Point(51.05, 3.72))
NELE = Customer("Nele", "nele@post.example", "", "nl")
_dice = random.Random(os.getpid())
_choice: dict[str, list[tuple[str, int]] | str | datetime] = {}


def _goods() -> tuple[list[tuple[str, int]], DeliveryWindow, datetime]:
    """Find what can be bought near Gent in the open cycle, once a process."""
    session = context.session()
    now = datetime.now(UTC)
    cycle = session.scalars(
        select(OrderCycle).where(OrderCycle.state == "open", OrderCycle.closes_at > now).order_by(OrderCycle.id)
    ).first()
    assert cycle is not None, "the demo has an open cycle"
    window = session.scalars(
        select(DeliveryWindow)
        .where(DeliveryWindow.cycle_id == cycle.id, DeliveryWindow.kind == WindowKind.HOME)
        .order_by(DeliveryWindow.starts_at.desc())
    ).first()
    assert window is not None, "the cycle has a home window"
    if "offers" not in _choice:
        from shortchain.catalogue.models import Product

        rows = session.execute(
            select(Offer.public_id, Product.least)
            .join(Product, Product.id == Offer.product_id)
            .join(Enterprise, Enterprise.id == Offer.farm_id)
            .where(
                Offer.cycle_id == cycle.id,
                Product.process_service.is_(None),
                Product.is_organic.is_(False),
                Product.storage_class.in_(["AMB", "COOL"]),
                Enterprise.lat.between(50.9, 51.2),
                Enterprise.lon.between(3.4, 4.0),
            )
            .order_by(Offer.id)
            .limit(400)
        )
        _choice["offers"] = [(row[0], row[1]) for row in rows]
    return _choice["offers"], window, cycle.closes_at  # type: ignore[return-value]


def _basket(now: datetime) -> str:
    offers, _window, _closes = _goods()
    context.session().rollback()
    name: str | None = None
    for public_id, least in _dice.sample(offers, 3):
        name = basket.put(context.session(), basket=name, offer=public_id, amount=least, user_id=None, now=now).basket
    assert name is not None
    return name


def _quote(view: BasketView, window: DeliveryWindow, closes_at: datetime) -> Quote:
    return quotes.quote(
        context.session(),
        view=view,
        destination=GENT.point,
        is_pickup=False,
        delivery_day=local_day(window.starts_at),
        closes_at=closes_at,
        distance=context.gateways().distance,
    )


@bp.post("/bench/order")
def order() -> tuple[str, int]:
    """Fill a basket from three farms, quote it and place the order, as the checkout page does."""
    now = datetime.now(UTC)
    session, gateways = context.session(), context.gateways()
    try:
        name = _basket(now)
        _offers, window, closes_at = _goods()
        view = baskets.view(session, public_id=name, now=now)
        assert view is not None
        total = _quote(view, window, closes_at).sheet.total_cents
        public_id = window.public_id
        session.rollback()
        checkout.place_order(
            session,
            gateways,
            key=secrets.token_hex(16),
            basket_public_id=name,
            customer=NELE,
            destination=GENT,
            window_public_id=public_id,
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


@bp.post("/bench/quote")
def quote() -> str:
    """Quote a basket only: geography, candidates, plan and price."""
    now = datetime.now(UTC)
    name = str(_choice.setdefault("basket", "")) or _basket(now)
    _choice["basket"] = name
    _offers, window, closes_at = _goods()
    view = baskets.view(context.session(), public_id=name, now=now)
    assert view is not None
    found = _quote(view, window, closes_at)
    return str(found.sheet.total_cents)


def make_app():  # type: ignore[no-untyped-def]
    """Build the product with the two measuring routes, and the ceilings below /ceiling."""
    app = create_app()
    app.register_blueprint(bp)
    url = app.extensions["shortchain.settings"].database_url
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/ceiling": plain_app(url)})  # type: ignore[method-assign]
    return app


app = make_app()
