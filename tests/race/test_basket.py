"""Two quick taps on the same ticket: both count, nobody sees an error. With the proof that they race without the lock."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from shortchain.kernel.ports import Gateways
from shortchain.ordering import baskets
from shortchain.ordering.models import Basket, BasketLine
from shortchain.workflows import basket
from tests.race.test_checkout import at_once
from tests.support.market import market

pytestmark = pytest.mark.race

TAPS = 8


def tap_at_once(app: Flask, session: Session, gateways: Gateways) -> tuple[Counter[str], int]:
    """Tap the same ticket in one empty basket at once; gives the answers and what lies in it."""
    shop = market(session, gateways)
    offer, now = shop.offers[0].public_id, shop.now
    name = basket.put(session, basket=None, offer=shop.offers[1].public_id, amount=1, user_id=None, now=now).basket

    def tap(own: Session, _number: int) -> str:
        try:
            basket.put(own, basket=name, offer=offer, amount=1, user_id=None, add=True, now=now)
        except IntegrityError:
            return "error"
        return "put"

    answers = at_once(app, TAPS, tap)
    session.rollback()
    amount = session.scalar(
        select(BasketLine.amount)
        .join(Basket, Basket.id == BasketLine.basket_id)
        .where(Basket.public_id == name, BasketLine.offer_id == shop.offers[0].id)
    )
    return answers, amount or 0


def test_counts_every_tap(app: Flask, session: Session, gateways: Gateways) -> None:
    assert tap_at_once(app, session, gateways) == (Counter(put=TAPS), TAPS)


@pytest.mark.postgresql_only
def test_would_lose_taps_without_the_lock(
    app: Flask, session: Session, gateways: Gateways, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(session: Session, *, public_id: str) -> Any:
        return session.scalar(select(Basket).where(Basket.public_id == public_id).options(selectinload(Basket.lines)))

    monkeypatch.setattr(baskets, "find", unlocked)
    answers, amount = tap_at_once(app, session, gateways)
    assert answers["error"] > 0 or amount < TAPS
