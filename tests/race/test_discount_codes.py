"""One code with a last use, many baskets at once: nobody gets more of it than there is."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.ordering.discount_models import DiscountCode, DiscountUse
from shortchain.transaction import transaction
from shortchain.workflows import checkout
from tests.race.test_checkout import at_once
from tests.support.codes import made_code
from tests.support.market import HOME, NELE, market

pytestmark = pytest.mark.race


@pytest.mark.parametrize(
    ("limits", "placed", "refusal"),
    [({"most_uses": 3}, 3, "CodeOver"), ({"per_customer": 1}, 1, "CodeUsed")],
    ids=["in all", "per customer"],
)
def test_gives_no_more_than_there_is(
    app: Flask, session: Session, gateways: Gateways, limits: dict[str, int], placed: int, refusal: str
) -> None:
    shop = market(session, gateways)
    code = made_code(shop, shop.cycle.hub_id, **limits)
    baskets = [shop.basket(1, 1) for _ in range(8)]
    total, window, now = shop.total(baskets[0]), shop.window.public_id, shop.now
    session.rollback()

    def order(own: Session, number: int) -> str:
        checkout.place_order(
            own,
            gateways,
            key=secrets.token_hex(16),
            basket_public_id=baskets[number],
            customer=NELE if "per_customer" in limits else replace(NELE, email=f"klant{number}@post.example"),
            destination=HOME,
            window_public_id=window,
            remark="",
            method="bancontact",
            accepted_total_cents=total,
            by=GUEST,
            now=now,
            code=code,
        )
        return "placed"

    assert at_once(app, 8, order) == {"placed": placed, refusal: 8 - placed}
    session.rollback()
    assert session.scalars(select(DiscountCode.uses)).one() == placed
    assert session.scalar(select(func.count(DiscountUse.id))) == placed
    assert checks.check_all(session, now=shop.now) == []


def test_shows_that_looking_first_gives_more(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: eight who look, wait and write back all believe that they got one of three."""
    shop = market(session, gateways)
    made_code(shop, shop.cycle.hub_id, most_uses=3)
    session.rollback()
    seen = threading.Barrier(8)

    def take_naively(own: Session, number: int) -> str:
        uses = own.scalars(select(DiscountCode.uses)).one()
        own.rollback()
        seen.wait()
        if uses >= 3:
            return "over"
        with transaction(own):
            own.scalars(select(DiscountCode)).one().uses = uses + 1
        return "taken"

    assert at_once(app, 8, take_naively)["taken"] > 3
