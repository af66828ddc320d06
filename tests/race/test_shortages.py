"""A farm tells a shortage twice at the same moment. Shown without the lock, then stopped."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.catalogue.models import Product
from shortchain.delivery import pick_lists
from shortchain.journal import SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.kernel.window import local_day
from shortchain.ordering import shortages as shares
from shortchain.ordering.models import OrderLine
from shortchain.ordering.shortages import Sold
from shortchain.payments.models import Refund
from shortchain.transaction import transaction
from shortchain.workflows import shortages
from tests.integration.workflows.test_shortages import order
from tests.race.test_checkout import at_once
from tests.support.market import Market, market

pytestmark = pytest.mark.race
MANY = 4


def told(shop: Market) -> dict[str, object]:
    """Say what a report names: the farm, its cabbage and the day."""
    farm_id = shop.farms[1].id
    product = shop.session.get_one(Product, shop.offers[1].product_id).public_id
    [day] = pick_lists.days_to_bring(shop.session, farm_id=farm_id, first=local_day(shop.now))
    shop.session.rollback()
    return {"farm_id": farm_id, "product": product, "day": day}


def test_nobody_goes_short_twice(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=20)
    order(shop, 0, 3), order(shop, 0, 3)
    facts, now = told(shop), shop.now

    def press(own: Session, number: int) -> str:
        return str(shortages.report(own, **facts, missing=4, instead="", by=SYSTEM, now=now).back_cents)  # type: ignore[arg-type]

    assert at_once(app, MANY, press) == {"740": 1, "HowMuch": MANY - 1}
    session.rollback()
    assert session.scalar(select(func.sum(OrderLine.missing))) == 4
    assert session.scalar(select(func.sum(Refund.amount_cents))) == 740
    assert checks.check_all(session, now=now) == []


def test_shows_that_sharing_before_the_lock_counts_it_many_times(
    app: Flask, session: Session, gateways: Gateways
) -> None:
    """The control: who shares the shortage first and writes later, each by what it saw, loses reports."""
    shop = market(session, gateways, left=20)
    order(shop, 0, 3), order(shop, 0, 3)
    facts, product_id = told(shop), shop.offers[1].product_id
    session.rollback()
    seen = threading.Barrier(MANY)

    def press(own: Session, number: int) -> str:
        lines = pick_lists.waiting_lines(
            own,
            farm_id=facts["farm_id"],  # type: ignore[arg-type]
            day=facts["day"],  # type: ignore[arg-type]
            product_id=product_id,
        )
        parts = shares.share([Sold(line.id, line.supplied) for line in lines], 4)
        own.rollback()
        seen.wait()
        with transaction(own):
            for line_id, part in sorted(parts.items()):
                own.get_one(OrderLine, line_id, with_for_update=True).missing = part
        return str(sum(parts.values()))

    assert at_once(app, MANY, press) == {"4": MANY}  # sixteen were told to be missing of six
