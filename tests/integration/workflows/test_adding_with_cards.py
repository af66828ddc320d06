"""Gift cards pay what joins a paid order, wholly or in part, and get their own back; at the gate of a farm too."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.clearing.extending import NotAtGate
from shortchain.clearing.models import AdditionState, OrderAddition
from shortchain.delivery.models import Leg
from shortchain.giftcards import operations as gift_cards
from shortchain.journal import GUEST
from shortchain.kernel.ports import Gateways
from shortchain.notifications.models import Notice
from shortchain.ordering import orders
from shortchain.ordering.models import Order
from shortchain.payments.models import Payment, PaymentState
from shortchain.payments.rests import LEAST_ONLINE_CENTS
from shortchain.payments.spending import Spend
from shortchain.transaction import transaction
from shortchain.workflows import adding, cancellation, changing, checkout, payment_events, refunds
from tests.integration.workflows.test_adding import clean, now_of, paid, token_of
from tests.support.factories import catalogue, enterprises
from tests.support.giving import bought_card, card_now
from tests.support.market import Market, market
from tests.support.splitting import open_page


@pytest.fixture
def shop(session: Session, gateways: Gateways) -> Market:
    return market(session, gateways)


def price(shop: Market, order: Order, basket: str) -> int:
    total = adding.quote(shop.session, shop.gateways, token=token_of(order), basket=basket, now=shop.now)
    shop.session.rollback()
    return total.sheet.total_cents


def ask(shop: Market, order: Order, basket: str, cards: Sequence[Spend], *, key: str = "") -> int:
    """Ask to add a basket that cards pay so much of; gives the payment that is left to do, or the last."""
    return adding.ask(
        shop.session,
        shop.gateways,
        token=token_of(order),
        key=key or secrets.token_hex(16),
        basket=basket,
        method="bancontact",
        accepted_total_cents=price(shop, order, basket),
        by=GUEST,
        now=shop.now,
        cards=cards,
    )


def paid_with(shop: Market, order: Order) -> dict[str, int]:
    """Add up what came in for an order and did not go back, by the way of paying."""
    shop.session.rollback()
    found: dict[str, int] = {}
    for one in shop.session.scalars(
        select(Payment).where(Payment.order_id == order.id, Payment.state == PaymentState.CAPTURED)
    ):
        found[one.method] = found.get(one.method, 0) + one.left_cents
    return {method: cents for method, cents in found.items() if cents}


def test_a_card_that_pays_all_lets_it_join_at_once(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 5000)
    order = shop.order(1, 0)
    before = order.total_cents
    basket, key = shop.basket(2, 0), secrets.token_hex(16)
    more = price(shop, order, basket)
    first = ask(shop, order, basket, [Spend(code, more)], key=key)
    order = now_of(shop, order)
    assert order.total_cents == before + more
    assert card_now(shop, card.id).balance_cents == 5000 - more
    assert paid_with(shop, order) == {"bancontact": before, "gift_card": more}
    assert adding.waiting(session, token=token_of(order)) is None
    assert adding.asked_before(session, token=token_of(order), key=key) == first
    assert adding.is_paid(session, payment_id=first)
    mail = session.scalars(select(Notice).where(Notice.template == "order_added")).one()
    assert mail.context["cents"] == more
    assert clean(shop)


def test_a_card_pays_a_part_and_waits_for_the_rest(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    order = shop.order(1, 0)
    before = order.total_cents
    basket = shop.basket(3, 2)
    more = price(shop, order, basket)
    rest = ask(shop, order, basket, [Spend(code, 300)])
    assert session.get_one(Payment, rest).amount_cents == more - 300
    assert card_now(shop, card.id).balance_cents == 700
    assert (now_of(shop, order).total_cents, paid_with(shop, order)) == (before, {"bancontact": before})
    waits = adding.waiting(session, token=token_of(order))
    assert waits is not None
    assert (waits.left_cents, waits.card_cents) == (more - 300, 300)
    assert clean(shop)
    order = paid(shop, order, rest)
    assert order.total_cents == before + more
    assert paid_with(shop, order) == {"bancontact": before + more - 300, "gift_card": 300}
    assert card_now(shop, card.id).balance_cents == 700
    assert clean(shop)


def test_the_same_card_pays_an_order_and_two_additions(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 5000)
    order, spent = shop.order(1, 0), 0
    for _turn in range(2):
        basket = shop.basket(1, 0)
        more = price(shop, order, basket)
        ask(shop, order, basket, [Spend(code, more)])
        spent += more
    assert card_now(shop, card.id).balance_cents == 5000 - spent
    assert paid_with(shop, now_of(shop, order))["gift_card"] == spent
    assert clean(shop)


def test_never_leaves_less_than_can_be_charged(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 5000)
    order = shop.order(1, 0)
    basket = shop.basket(2, 0)
    more = price(shop, order, basket)
    rest = ask(shop, order, basket, [Spend(code, more - 10)])
    assert session.get_one(Payment, rest).amount_cents == LEAST_ONLINE_CENTS
    assert card_now(shop, card.id).balance_cents == 5000 - (more - LEAST_ONLINE_CENTS)


@pytest.mark.parametrize("how", ["undone", "expired", "called off"])
def test_the_card_is_whole_again_when_it_falls(shop: Market, session: Session, gateways: Gateways, how: str) -> None:
    card, code = bought_card(shop, 1000)
    order = shop.order(1, 1)
    rest = ask(shop, order, shop.basket(2, 2), [Spend(code, 300)])
    assert card_now(shop, card.id).balance_cents == 700
    late = {"minutes": 31} if how == "expired" else {}
    if how == "undone":
        assert adding.undo(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    elif how == "expired":
        assert adding.expire(session, gateways, now=shop.now + timedelta(**late)) == 1
    else:
        cancellation.cancel_by_customer(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
        refunds.send_refunds(session, gateways, now=shop.now)
    assert card_now(shop, card.id).balance_cents == 1000
    states = {one.slot: one.state for one in session.scalars(select(Payment).where(Payment.slot.startswith("add-")))}
    assert set(states.values()) == {PaymentState.ABANDONED}
    assert len(states) == 2
    assert session.get_one(Payment, rest).state is PaymentState.ABANDONED
    assert clean(shop, **late)


def test_late_money_goes_back_and_the_card_too(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 1000)
    order = shop.order(1, 1)
    rest = ask(shop, order, shop.basket(2, 2), [Spend(code, 300)])
    page = type("Page", (), {"token": token_of(order)})()
    reference = open_page(shop, page, rest)
    adding.undo(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    gateways.payments.pay(reference)  # type: ignore[attr-defined]
    payment_events.look_up(session, gateways, payment_id=rest, now=shop.now)
    assert session.get_one(Payment, rest, populate_existing=True).state is PaymentState.RETURNED
    assert card_now(shop, card.id).balance_cents == 1000
    refunds.send_refunds(session, gateways, now=shop.now)
    assert clean(shop)


def test_what_goes_back_goes_to_what_paid_it(shop: Market, session: Session, gateways: Gateways) -> None:
    card, code = bought_card(shop, 5000)
    order = shop.order(1, 0)
    before = order.total_cents
    basket = shop.basket(3, 2)
    more = price(shop, order, basket)
    order = paid(shop, order, ask(shop, order, basket, [Spend(code, 300)]))
    back = cancellation.cancel_by_customer(session, gateways, token=token_of(order), by=GUEST, now=shop.now)
    assert back == before + more
    assert refunds.send_refunds(session, gateways, now=shop.now) == 3
    assert card_now(shop, card.id).balance_cents == 5000
    assert clean(shop)


def test_taking_off_pays_money_back_before_the_card(shop: Market, session: Session, gateways: Gateways) -> None:
    _card, code = bought_card(shop, 5000)
    order = shop.order(1, 0)
    basket = shop.basket(3, 0)
    more = price(shop, order, basket)
    ask(shop, order, basket, [Spend(code, more)])
    money = paid_with(shop, order)["bancontact"]
    added = orders.lines_of(session, order_id=order.id)[1]
    order = now_of(shop, order)
    back = changing.take_off(session, token=token_of(order), keep={added.id: 0}, by=GUEST, now=shop.now)
    assert back >= 720
    left = {"bancontact": max(0, money - back), "gift_card": more - max(0, back - money)}
    assert paid_with(shop, order) == {method: cents for method, cents in left.items() if cents}
    refunds.send_refunds(session, gateways, now=shop.now)
    assert clean(shop)


def test_a_card_that_was_spent_meanwhile_holds_nothing(shop: Market, session: Session) -> None:
    card, code = bought_card(shop, 1000)
    order = shop.order(1, 0)
    basket = shop.basket(3, 2)
    with transaction(session):
        gift_cards.take(session, card_id=card.id, cents=900, ref="elsewhere", now=shop.now)
    with pytest.raises(gift_cards.CardSpent):
        ask(shop, order, basket, [Spend(code, 300)])
    session.rollback()
    assert session.scalars(select(OrderAddition)).all() == []
    assert card_now(shop, card.id).balance_cents == 100


def at_the_gate(shop: Market, *amounts: int) -> Order:
    """Have a paid order that is collected at the first farm."""
    farm = shop.farms[0]
    point = enterprises.pickup_point(shop.session, farm, at=(farm.lat, farm.lon), is_gate=True)
    window = catalogue.window(shop.session, shop.cycle, point=point)
    basket = shop.basket(*amounts)
    placed = checkout.place_order(
        shop.session,
        shop.gateways,
        key=secrets.token_hex(16),
        basket_public_id=basket,
        customer=checkout.Customer("Nele", "nele@post.example", "+32 470 00 00 00", "nl"),
        destination=checkout.Destination("Dorp 1", "9810", "Nazareth", orders.Point(farm.lat, farm.lon), point.id),
        window_public_id=window.public_id,
        remark="",
        method="bancontact",
        accepted_total_cents=240 * amounts[0],
        by=GUEST,
        now=shop.now,
    )
    shop.pay(placed)
    return now_of(shop, shop.session.get_one(Order, placed.order_id))


@pytest.mark.parametrize("card_cents", [0, 100, 480])
def test_goods_join_an_order_that_is_collected_at_the_farm(shop: Market, session: Session, card_cents: int) -> None:
    order = at_the_gate(shop, 1)
    _card, code = bought_card(shop, 1000)
    weight = session.scalars(select(Leg.weight_g).where(Leg.order_id == order.id)).one()
    assert price(shop, order, shop.basket(2)) == 480  # nobody packs and nobody brings
    payment = ask(shop, order, shop.basket(2), [Spend(code, card_cents)] if card_cents else [])
    if card_cents < 480:
        paid(shop, order, payment)
    order = now_of(shop, order)
    assert (order.goods_cents, order.services_cents, order.total_cents) == (720, 0, 720)
    assert session.scalars(select(OrderAddition)).one().state is AdditionState.JOINED
    assert session.scalars(select(Leg.weight_g).where(Leg.order_id == order.id)).one() == 3 * weight
    assert paid_with(shop, order).get("gift_card", 0) == card_cents
    assert clean(shop)


def test_nothing_of_another_farm_joins_an_order_at_the_gate(shop: Market, session: Session) -> None:
    order = at_the_gate(shop, 1)
    with pytest.raises(NotAtGate):
        price(shop, order, shop.basket(1, 1))
    session.rollback()
    assert now_of(shop, order).total_cents == 240
