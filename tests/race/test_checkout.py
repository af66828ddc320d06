"""Many presses on the last button at once. Each race is shown without its guard, then stopped."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain import checks
from shortchain.capacity.models import CapacityBucket
from shortchain.catalogue.models import DeliveryWindow
from shortchain.database import db
from shortchain.enterprises.models import Capability
from shortchain.journal import GUEST
from shortchain.kernel.errors import DomainError
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.payments.models import Payment
from shortchain.stock.models import Allocation, Lot
from shortchain.transaction import transaction
from shortchain.workflows import checkout
from tests.support.market import HOME, NELE, Market, market

pytestmark = pytest.mark.race


def at_once(app: Flask, count: int, deed: Callable[[Session, int], str]) -> Counter[str]:
    """Do a deed in `count` threads that start together; counts the answers."""
    gate, answers, lock = threading.Barrier(count), Counter[str](), threading.Lock()

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answer = deed(db.session(), number)
            except DomainError as refusal:
                answer = type(refusal).__name__
            finally:
                db.session.remove()
        with lock:
            answers[answer] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def presser(shop: Market, pairs: list[tuple[str, str]]) -> Callable[[Session, int], str]:
    """Give the deed of pressing the last button; `pairs` are (form key, basket). Plain values only:
    rows of the test's own session must not be read in threads."""
    window, total, gateways, now = shop.window.public_id, shop.total(pairs[0][1]), shop.gateways, shop.now

    def press(own: Session, number: int) -> str:
        key, basket = pairs[number % len(pairs)]
        checkout.place_order(
            own,
            gateways,
            key=key,
            basket_public_id=basket,
            customer=NELE,
            destination=HOME,
            window_public_id=window,
            remark="",
            method="bancontact",
            accepted_total_cents=total,
            by=GUEST,
            now=now,
        )
        return "placed"

    return press


def own_pairs(shop: Market, count: int, *amounts: int) -> list[tuple[str, str]]:
    """Make a form key and a filled basket for each of `count` buyers."""
    return [(secrets.token_hex(16), shop.basket(*amounts)) for _ in range(count)]


def placed_count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Order)) or 0


def clean(session: Session, shop: Market) -> bool:
    session.rollback()
    session.expire_all()
    return checks.check_all(session, now=shop.now) == []


def test_makes_one_order_of_a_double_press(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    answers = at_once(app, 6, presser(shop, own_pairs(shop, 1, 1, 1)))
    assert answers == {"placed": 6}  # everybody is sent to the same order
    assert placed_count(session) == 1
    assert session.scalar(select(func.count()).select_from(Payment)) == 1
    assert clean(session, shop)


def test_orders_one_basket_once_though_two_windows_press(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways)
    basket = shop.basket(1, 1)
    answers = at_once(app, 6, presser(shop, [(secrets.token_hex(16), basket) for _ in range(6)]))
    assert answers == {"placed": 1, "BasketChanged": 5}
    assert placed_count(session) == 1


def test_shows_that_presses_without_a_shared_key_order_twice(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: with keys and baskets of their own, the same presses are six orders."""
    shop = market(session, gateways)
    at_once(app, 6, presser(shop, own_pairs(shop, 6, 1, 1)))
    assert placed_count(session) == 6


def test_gives_the_last_place_of_a_window_to_one(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, places=1)
    answers = at_once(app, 8, presser(shop, own_pairs(shop, 8, 1, 1)))
    assert answers == {"placed": 1, "WindowFull": 7}
    assert clean(session, shop)


def test_shows_that_looking_first_gives_the_last_place_to_many(
    app: Flask, session: Session, gateways: Gateways
) -> None:
    """The control: read, wait, write back."""
    shop = market(session, gateways, places=1)
    window_id, seen = shop.window.id, threading.Barrier(8)

    def take_naively(own: Session, number: int) -> str:
        free = own.get_one(DeliveryWindow, window_id).places - own.get_one(DeliveryWindow, window_id).taken
        own.rollback()
        seen.wait()
        if not free:
            return "full"
        with transaction(own):
            own.get_one(DeliveryWindow, window_id).taken = 1
        return "placed"

    assert at_once(app, 8, take_naively)["placed"] == 8


def test_reserves_exactly_the_last_three_places_of_a_packer(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, capacity=3)
    first = session.scalars(select(Capability).where(Capability.enterprise_id == shop.packers[0].id)).one()
    first.weekday_capacity = [3 if day == 3 else 0 for day in range(7)]  # works on Thursday only
    other = session.scalars(select(Capability).where(Capability.enterprise_id == shop.packers[1].id)).one()
    other.weekday_capacity = [0] * 7
    session.commit()
    first_id = first.id
    answers = at_once(app, 20, presser(shop, own_pairs(shop, 20, 1, 1)))
    assert answers["placed"] == 3
    assert set(answers) <= {"placed", "Unroutable", "CapacityGone"}
    session.rollback()
    bucket = session.scalars(select(CapacityBucket).where(CapacityBucket.capability_id == first_id)).one()
    assert (bucket.held, bucket.confirmed, bucket.cap) == (3, 0, 3)
    assert clean(session, shop)


def test_sells_exactly_five_of_five_to_sixty_buyers(app: Flask, session: Session, gateways: Gateways) -> None:
    shop = market(session, gateways, left=5)
    answers = at_once(app, 60, presser(shop, own_pairs(shop, 60, 1, 0)))
    assert answers == {"placed": 5, "SoldOut": 55}
    session.rollback()
    lot = session.scalars(select(Lot).where(Lot.product_id == shop.offers[0].product_id)).one()
    session.refresh(lot)
    assert (lot.allocated, lot.left) == (5, 0)
    assert session.scalar(select(func.sum(Allocation.amount))) == 5
    assert clean(session, shop)


def test_shows_that_looking_first_sells_more_than_there_is(app: Flask, session: Session, gateways: Gateways) -> None:
    """The control: twelve buyers who look, wait and write back all believe that they got one of five."""
    shop = market(session, gateways, left=5)
    lot_id = session.scalars(select(Lot.id).where(Lot.product_id == shop.offers[0].product_id)).one()
    session.rollback()
    seen = threading.Barrier(12)

    def buy_naively(own: Session, number: int) -> str:
        lot = own.get_one(Lot, lot_id)
        left, taken = lot.left, lot.allocated
        own.rollback()
        seen.wait()
        if left < 1:
            return "sold out"
        with transaction(own):
            own.get_one(Lot, lot_id).allocated = taken + 1
        return "sold"

    assert at_once(app, 12, buy_naively)["sold"] > 5
