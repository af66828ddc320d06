"""Discount codes of the demo: one that the hub pays, one with which a farm sells for less."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from shortchain.cli.demo_rows import Rows
from shortchain.journal import SYSTEM
from shortchain.kernel.window import local_day
from shortchain.ordering.discount_desk import Wanted
from shortchain.ordering.discounts import DiscountKind
from shortchain.workflows import discount_codes

MONTH = timedelta(days=30)


def add_codes(session: Session, rows: Rows) -> None:
    """Let the hub of the open cycle and the first farm have a code that runs for a month."""
    today = local_day(rows.now)
    hub_id = rows.tables["order_cycle"][0]["hub_id"]
    farm_id = rows.tables["product"][0]["farm_id"]
    for owner_id, wanted in (
        (hub_id, Wanted("WELKOM5", DiscountKind.AMOUNT, 500, today, today + MONTH, least_cents=2_500, most_uses=100)),
        (farm_id, Wanted("OOGST10", DiscountKind.PERCENT, 1_000, today, today + MONTH, per_customer=None)),
    ):
        discount_codes.make(session, owner_id=owner_id, wanted=wanted, by=SYSTEM, now=rows.now)
