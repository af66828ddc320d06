"""Where the price of an order goes after all that went back: to the cent, and as the ledger divides it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shortchain.journal import GUEST, SYSTEM
from shortchain.kernel.ports import Gateways
from shortchain.ordering.models import Order
from shortchain.ordering.orders import tracking_token
from shortchain.payouts import remaining
from shortchain.payouts.models import Account, LedgerEntry
from shortchain.payouts.remaining import Remaining
from shortchain.workflows import cancellation, changing, refunds, settlement
from tests.support.complaining import complain, decide, lines_of
from tests.support.empties import JAR_CENTS, deliver, in_jars
from tests.support.market import Market, market

AFTER = timedelta(hours=49)
LEEK, CABBAGE = 240, 185


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    made = market(session, gateways, left=20)
    in_jars(made)
    return made


def kept(shop: Market, order: Order) -> Remaining:
    shop.session.rollback()
    return remaining.of_order(shop.session, order_id=order.id)


def give_back(shop: Market, order: Order, cents: int) -> None:
    order_id, hub_id = order.id, order.hub_id
    shop.session.rollback()
    refunds.give_back(
        shop.session, order_id=order_id, hub_id=hub_id, amount_cents=cents, reason="te laat", by=SYSTEM, now=shop.now
    )
    refunds.send_refunds(shop.session, shop.gateways, now=shop.now)


def divided(shop: Market, order: Order) -> dict[str, int]:
    """Add up what the ledger divided of an order and took back since, by who has it; deposits left out."""
    shop.session.rollback()
    rows = shop.session.execute(
        select(LedgerEntry.account, LedgerEntry.kind, -func.sum(LedgerEntry.amount_cents))
        .where(
            LedgerEntry.order_id == order.id,
            LedgerEntry.account.in_((Account.ENTERPRISE, Account.PLATFORM)),
            LedgerEntry.kind != "deposit",
        )
        .group_by(LedgerEntry.account, LedgerEntry.kind)
    )
    found: dict[str, int] = {}
    for account, kind, cents in rows:
        inside = "farm" if kind in ("goods", "fee", "ceded") else kind
        name = "platform" if account is Account.PLATFORM else inside
        found[name] = found.get(name, 0) + int(cents)
    return {name: cents for name, cents in found.items() if cents}


def seen(found: Remaining) -> dict[str, int]:
    return {name: cents for name, cents in found.parts.items() if cents}


def test_all_of_the_price_while_nothing_went_back(shop: Market) -> None:
    waiting = shop.session.get_one(Order, shop.place(shop.basket(2, 3)).order_id)
    paid = shop.order(2, 3)
    fee = 24 + 28  # five percent of 4,80 and of 5,55
    for order in (waiting, paid):
        found = kept(shop, order)
        assert found.parts["farm"] == 2 * LEEK + 3 * CABBAGE - fee
        assert found.parts["platform"] == fee
        assert found.total_cents == order.total_cents - order.deposit_cents
        assert not found.has_less


def test_what_was_taken_off_is_off_the_farms(shop: Market) -> None:
    order = shop.order(2, 3)
    before = kept(shop, order)
    leek, cabbage = (line.id for line in lines_of(shop, order))
    token = tracking_token(order.key)
    shop.session.rollback()
    back = changing.take_off(shop.session, token=token, keep={leek: 2, cabbage: 1}, by=GUEST, now=shop.now)
    assert back == 2 * CABBAGE + 2 * JAR_CENTS
    found = kept(shop, order)
    assert found.total_cents == before.total_cents - 2 * CABBAGE
    assert found.parts["farm"] == 2 * LEEK + CABBAGE - 24 - 9
    assert (found.parts["pack"], found.parts["deliver"]) == (before.parts["pack"], before.parts["deliver"])
    assert found.has_less


@pytest.mark.parametrize("is_paid", [True, False])
def test_nothing_of_an_order_that_was_cancelled(shop: Market, is_paid: bool) -> None:
    placed = shop.place(shop.basket(2, 3))
    if is_paid:
        shop.pay(placed)
    cancellation.cancel_by_customer(shop.session, shop.gateways, token=placed.token, by=GUEST, now=shop.now)
    found = kept(shop, shop.session.get_one(Order, placed.order_id))
    assert (seen(found), found.total_cents, sum(found.vat.values())) == ({}, 0, 0)


@pytest.mark.parametrize("divided_first", [False, True])
def test_as_the_ledger_divides_it(shop: Market, divided_first: bool) -> None:
    order = shop.order(2, 3)
    deliver(shop, order)
    if divided_first:
        settlement.settle_orders(shop.session, now=shop.now + AFTER)
        assert seen(kept(shop, order)) == divided(shop, order)
    decide(shop, order, complain(shop, order, {0: []}), {0: 333})
    give_back(shop, order, 321)
    if not divided_first:
        settlement.settle_orders(shop.session, now=shop.now + AFTER)
    found = kept(shop, order)
    assert found.total_cents == found.promised_cents - 333 - 321
    assert seen(found) == divided(shop, order)


def test_nothing_when_the_coordinator_gave_all_back(shop: Market) -> None:
    order = shop.order(2, 3)
    give_back(shop, order, order.total_cents)
    assert seen(kept(shop, order)) == {}
