"""A customer complains and a coordinator decides, for tests."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence

from PIL import Image
from sqlalchemy import select

from shortchain.journal import GUEST, SYSTEM
from shortchain.ordering.models import Order, OrderLine
from shortchain.ordering.orders import tracking_token
from shortchain.workflows import complaints
from tests.support.market import Market


def picture(width: int = 800, height: int = 450, *, form: str = "JPEG") -> bytes:
    """Make an upload: a plain picture that says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#7a4").save(file, format=form, exif=exif)
    return file.getvalue()


def lines_of(shop: Market, order: Order) -> list[OrderLine]:
    """List the lines of an order as they are in the database now, in the order of the market's offers."""
    shop.session.rollback()
    return list(
        shop.session.scalars(
            select(OrderLine)
            .where(OrderLine.order_id == order.id)
            .order_by(OrderLine.offer_id, OrderLine.id)
            .execution_options(populate_existing=True)
        )
    )


def complain(shop: Market, order: Order, photos: Mapping[int, Sequence[bytes]], *, key: str = "") -> str:
    """Complain about lines by their place (from 0), each with its photos; gives the complaint's public id."""
    ids = [line.id for line in lines_of(shop, order)]
    token = tracking_token(order.key)
    shop.session.rollback()
    return complaints.report(
        shop.session,
        shop.gateways,
        token=token,
        key=key or secrets.token_hex(16),
        kind="bad",
        text="Het was slap.",
        lines={ids[place]: files for place, files in photos.items()},
        by=GUEST,
        now=shop.now,
    )


def decide(shop: Market, order: Order, complaint: str, cents: Mapping[int, int]) -> int:
    """Decide a complaint: so many cents for lines by their place (from 0)."""
    ids, hub_id = [line.id for line in lines_of(shop, order)], order.hub_id
    shop.session.rollback()
    return complaints.decide(
        shop.session,
        public_id=complaint,
        hub_id=hub_id,
        given={ids[place]: amount for place, amount in cents.items()},
        answer="Dat hoort niet zo.",
        by=SYSTEM,
        now=shop.now,
    )
