"""One gift card, many baskets at once: never more is spent than is on it."""

from __future__ import annotations

import secrets
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.giftcards.models import GiftCard
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.payments.models import Payment
from shortchain.payments.spending import Spend
from shortchain.transaction import transaction
from shortchain.workflows import checkout
from tests.race.test_checkout import at_once
from tests.support.giving import bought_card
from tests.support.market import HOME, NELE, market

pytestmark = pytest.mark.race


def test_spends_no_more_than_is_on_the_card(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    card, code = bought_card(shop, 1000)
    card_id = card.id
    baskets = [shop.basket(1, 1) for _ in range(8)]
    total, window, now = shop.total(baskets[0]), shop.window.public_id, shop.now
    session.rollback()

    def order(own: Session, number: int) -> str:
        checkout.place_order(
            own,
            gateways,
            key=secrets.token_hex(16),
            basket_public_id=baskets[number],
            customer=NELE,
            destination=HOME,
            window_public_id=window,
            remark="",
            method="bancontact",
            accepted_total_cents=total,
            by=GUEST,
            now=now,
            cards=[Spend(code, 300)],
        )
        return "placed"

    answers = at_once(app, 8, order)
    assert answers == {"placed": 3, "CardSpent": 5}
    session.rollback()
    left = session.get_one(GiftCard, card_id, populate_existing=True).balance_cents
    taken = session.scalar(select(func.sum(Payment.amount_cents)).where(Payment.gift_card_id == card_id))
    assert (left, taken) == (100, 900)
    assert checks.check_all(session, now=shop.now) == []


def test_shows_that_looking_first_spends_more_than_there_is(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: eight who look, wait and write back all believe that they got three euro of ten."""
    shop = market(session, gateways)
    card, _code = bought_card(shop, 1000)
    card_id = card.id
    session.rollback()
    seen = threading.Barrier(8)

    def spend_naively(own: Session, number: int) -> str:
        left = own.get_one(GiftCard, card_id).balance_cents
        own.rollback()
        seen.wait()
        if left < 300:
            return "too little"
        with transaction(own):
            own.get_one(GiftCard, card_id).balance_cents = left - 300
        return "spent"

    assert at_once(app, 8, spend_naively)["spent"] > 3
