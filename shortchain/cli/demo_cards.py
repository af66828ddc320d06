"""Gift cards of the demo: sold through the payment stand-in, and one of them spent in part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.cli.money_stage import Provider
from shortchain.database import Base
from shortchain.giftcards import codes, reading
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.geo import Point
from shortchain.kernel.ports import Gateways
from shortchain.kernel.quantity import SellUnit, base_per_unit
from shortchain.ordering.orders import Customer, Destination
from shortchain.payments import spending
from shortchain.workflows import basket, checkout, gift_cards

CARDS = ((2_500, "Leen", "Smakelijk!"), (5_000, "Bart", "Voor je verjaardag"), (2_000, "Mieke", ""))
"""What each is bought for, by whom, and what is written on it; the last one is spent from."""
TRIES = 12


def add_cards(session: Session, gateways: Gateways, provider: Provider, *, base_url: str, now: datetime) -> list[str]:
    """Sell the cards of the demo and spend from one; returns the codes of those sold now. Safe to run twice."""
    sold = []
    for number, (cents, name, message) in enumerate(CARDS):
        key = hashlib.sha256(f"demo-card-{number}".encode()).hexdigest()[:32]
        card_id = gift_cards.buy(
            session,
            key=key,
            amount_cents=cents,
            name=name,
            email=f"{name.lower()}@demo.example",
            language="nl",
            for_name="",
            message=message,
            method="bancontact",
            address=key,
            now=now,
        )
        address = gift_cards.open_page(session, gateways, card_id=card_id, base_url=base_url, now=now)
        if address is None:  # paid before
            continue
        provider.control(f"sessions/{address.rpartition('/')[2]}/pay", {"outcome": "pay"})
        gift_cards.look_up(session, gateways, card_id=card_id, now=now)
        sold.append(codes.code_of(key))
    if sold and reading.outstanding(session).count == len(CARDS):
        session.rollback()
        _spend(session, gateways, codes.plain(sold[-1]), now)
    session.rollback()
    return sold


def _spend(session: Session, gateways: Gateways, code: str, now: datetime) -> None:
    """Order something at a pick-up point that the card pays whole; where the season has nothing, nothing is ordered."""
    for attempt, (offer, place) in enumerate(_chances(session, now)):
        if attempt == TRIES:
            return
        session.rollback()
        try:
            held = basket.put(
                session, basket=None, offer=offer["public_id"], amount=_amount(offer), user_id=None, now=now
            ).basket
            _order(session, gateways, held, place, code, now)
        except DomainError:
            session.rollback()
            continue
        return


def _chances(session: Session, now: datetime) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """List what is on offer with a pick-up point of its order cycle that is not a farm's gate."""
    tables = Base.metadata.tables
    offer, product, cycle = tables["offer"], tables["product"], tables["order_cycle"]
    window, point = tables["delivery_window"], tables["pickup_point"]
    rows = session.execute(
        select(offer.c.public_id, offer.c.cycle_id, product.c.least, product.c.sell_unit)
        .join(product, product.c.id == offer.c.product_id)
        .join(cycle, cycle.c.id == offer.c.cycle_id)
        .where(cycle.c.closes_at > now, cycle.c.opens_at <= now, offer.c.is_active, product.c.process_service.is_(None))
        .order_by(offer.c.id)
    ).mappings()
    places = session.execute(
        select(
            window.c.public_id.label("window"),
            window.c.cycle_id,
            point.c.id,
            point.c.street,
            point.c.postcode,
            point.c.municipality,
            point.c.lat,
            point.c.lon,
        )
        .join(point, point.c.id == window.c.pickup_point_id)
        .where(point.c.is_gate.is_(False))
        .order_by(window.c.id)
    ).mappings()
    first = {row["cycle_id"]: dict(row) for row in reversed(places.all())}
    found = [(dict(row), first[row["cycle_id"]]) for row in rows if row["cycle_id"] in first]
    yield from found


def _amount(offer: dict[str, Any]) -> int:
    return max(int(offer["least"]), 2 * base_per_unit(SellUnit(offer["sell_unit"])))


def _order(
    session: Session, gateways: Gateways, held: str, place: dict[str, Any], code: str, now: datetime
) -> checkout.Placed:
    """Place the order at the price that the shop asks; the card pays all of it.

    :raises DomainError: when it can not be brought there, or costs more than is on the card
    """
    spot = Destination(
        place["street"], place["postcode"], place["municipality"], Point(place["lat"], place["lon"]), place["id"]
    )
    total = 0
    while True:
        paid = spending.preview(session, codes=[code], total_cents=total, now=now) if total else []
        session.rollback()
        if total and sum(one.spend.cents for one in paid) < total:
            raise checkout.BasketChanged
        try:
            return checkout.place_order(
                session,
                gateways,
                key=f"demo-card-{held}",
                basket_public_id=held,
                customer=Customer("Mieke", "mieke@demo.example", "", "nl", None),
                destination=spot,
                window_public_id=place["window"],
                remark="",
                method="bancontact",
                accepted_total_cents=total,
                by=GUEST,
                now=now,
                cards=[one.spend for one in paid],
            )
        except checkout.PriceChanged as changed:
            if changed.total_cents == total:
                raise
            total = changed.total_cents
