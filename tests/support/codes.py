"""Discount codes of a test, made as their owners make them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shortchain.journal import SYSTEM
from shortchain.kernel.window import local_day
from shortchain.ordering.discount_desk import Wanted
from shortchain.workflows import discount_codes
from tests.support.market import Market


def made_code(shop: Market, owner_id: int, kind: str = "percent", value: int = 1000, **more: Any) -> str:
    """Have a code that counts from today for a month; gives it as customers type it."""
    shop.session.rollback()
    today = local_day(shop.now)
    wanted = {"code": "", "per_customer": None, "from_day": today, "until_day": today + timedelta(days=30)} | more
    return discount_codes.make(
        shop.session, owner_id=owner_id, wanted=Wanted(kind=kind, value=value, **wanted), by=SYSTEM, now=shop.now
    )
